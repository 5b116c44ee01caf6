// Claude Desktop runs a headers helper by its path alone, so each resource needs its own program: a script next to
// this program that names the resource.
import { posix, win32 } from 'node:path';
import { SYSTEMS, type System } from '../../core/system.ts';
import type { ExportFile } from './export-file.ts';
import type { HelperPaths } from './rollout-settings.ts';

/**
 * One script for each resource and system. Each prints what `headers --resource` prints, and ends with its exit code.
 * @param resources scopes, such as `api://contoso-mcp/.default`
 */
export function headerScripts(resources: readonly string[], helperPaths: HelperPaths): readonly ExportFile[] {
  const names = scriptNames(resources);
  return resources.flatMap((resource, index) =>
    SYSTEMS.map((system) => headerScript(system, helperPaths[system], { resource, name: names[index] ?? '' })),
  );
}

interface Script {
  readonly resource: string;
  /** Without an ending. */
  readonly name: string;
}

function headerScript(system: System, program: string, { resource, name }: Script): ExportFile {
  const isWindows = system === 'windows';
  const { dirname, join, basename } = isWindows ? win32 : posix;
  const file = isWindows ? `${name}.cmd` : name;
  const place = join(dirname(program), file);
  const content = isWindows ? batchFile(basename(program), resource) : shellScript(program, resource);
  const rights = isWindows
    ? 'Only administrators may be able to change it; in that folder, they are.'
    : 'Owner root, mode 0755.';
  return {
    path: `${system}/headers/${file}`,
    content: Buffer.from(content),
    upload: `Only if Claude Desktop sends tokens for \`${resource}\`. Copy to \`${place}\`, and name that path in \`headersHelper\`, \`otlpHeadersHelper\`, or \`bootstrapHeadersHelper\`. ${rights}`,
  };
}

const shellScript = (program: string, resource: string): string =>
  `#!/bin/sh\nexec ${quoted(program)} headers --resource ${quoted(resource)}\n`;

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** `%~dp0` is the folder of the script, whatever its name is in the code page of the computer. */
const batchFile = (program: string, resource: string): string =>
  `@setlocal DisableDelayedExpansion\r\n@"%~dp0${escaped(program)}" headers --resource "${escaped(resource)}"\r\n`;

/** In quotation marks, a batch file expands only this. A scope holds no quotation mark. */
const escaped = (word: string): string => word.replaceAll('%', '%%');

/** Different names, also for Windows, which doesn't tell upper and lower case apart. */
function scriptNames(resources: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return resources.map((resource) => {
    const base = `foundry-credential-helper-${slugOf(resource)}`;
    let name = base;
    for (let count = 2; taken.has(name); count += 1) name = `${base}-${count}`;
    taken.add(name);
    return name;
  });
}

const slugOf = (resource: string): string =>
  resource
    .toLowerCase()
    .replace(/^(?:https|api):\/\//, '')
    .replace(/\/+\.default$/, '')
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[.-]+|[.-]+$/g, '')
    .slice(0, 60);
