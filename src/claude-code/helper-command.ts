import { existsSync } from 'node:fs';
import { isAbsolute, win32 } from 'node:path';

/** The program in double quotes, in single quotes, or bare; then the rest of the command. */
const PROGRAM =
  /(?:"((?:[^"]*[/\\])?foundry-credential-helper(?:\.exe)?)"|'((?:[^']*[/\\])?foundry-credential-helper(?:\.exe)?)'|(?:^|[\s"'(`;|&])((?:[^\s"'(`;|&]*[/\\])?foundry-credential-helper(?:\.exe)?)(?=[\s"');|&]|$))(.*)$/is;

/** Every form that prints a token for Foundry: no argument, `token`, and `claude-code token`. */
const PRINTS_TOKEN = /^(?!.*\s--resource\b)\s*(?:(?:claude-code\s+)?token(?=[\s"');|&]|$)|(?=["');|&])|$)/;

/**
 * Whether an `apiKeyHelper`, which is a command for a shell, runs this program, also inside another command such as
 * `sh -c "…"`. `own` is the command that `configure` writes.
 */
export function isOurHelper(command: string | undefined, own?: string): boolean {
  if (command === undefined) return false;
  if (command === own) return true;
  const [match, , , , rest = ''] = PROGRAM.exec(command) ?? [];
  return match !== undefined && PRINTS_TOKEN.test(rest);
}

/** The words of a command, with quotation marks around them or not. */
const RESOURCE = /\s--resource(?:\s+|=)(?:"([^"]*)"|'([^']*)'|([^\s"'();|&`]+))/;

/**
 * What a command for a shell gets from this program for another service; `undefined` if it doesn't run this program.
 * Without `resource`, that's a token for Foundry.
 */
export function wantedResource(command: string): { readonly resource: string | undefined } | undefined {
  const [match, , , , rest = ''] = PROGRAM.exec(command) ?? [];
  if (match === undefined) return undefined;
  const [, double, single, bare] = RESOURCE.exec(rest) ?? [];
  return { resource: double ?? single ?? bare };
}

/** Whether the command names this program by an absolute path at which there's no file. */
export function isProgramMissing(command: string): boolean {
  const [, quoted, single, bare] = PROGRAM.exec(command) ?? [];
  const path = quoted ?? single ?? bare ?? '';
  return (isAbsolute(path) || win32.isAbsolute(path)) && !existsSync(path);
}
