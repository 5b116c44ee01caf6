// The helper run by a person: a token must not land in a scrollback by accident.
import { STDOUT, writeDiagnostic } from '../platform/write-output.ts';
import { recover } from './recover.ts';

const USAGE = `foundry-credential-helper prints a Microsoft Foundry token for Claude Desktop, which runs it without arguments.
To sign in:        foundry-credential-helper login
To print a token:  foundry-credential-helper token
All commands:      foundry-credential-helper --help
`;

const PATIENCE_MS = 1_000;

/** Prints a usage and ends with 2 at a terminal; at another device, such as /dev/null, the ordinary helper. */
export async function runAtTerminal(): Promise<void> {
  // Not at the top: it loads node:net and streams, and recover.ts shares this file's part.
  const { isatty } = await import('node:tty');
  if (!isatty(STDOUT)) process.exit(await recover({ context: 'background' }, { state: 'nothing sent' }));
  writeDiagnostic(USAGE, PATIENCE_MS);
  process.exit(2);
}
