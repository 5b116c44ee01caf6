// A Windows made by Wine, in which Windows' Node runs. Made for Wine 8, Debian 12's.
import { execFile, spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** No display, no .NET, no HTML engine; a UTF-8 locale, or file names lose what isn't ASCII. */
export function wineEnvironment(root: string): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: root,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    WINEPREFIX: root,
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
  };
}

/** Fills an empty folder (700 MB, 10 s). No program of Wine's runs afterward. @throws Error when Wine fails */
export async function makeWinePrefix(root: string): Promise<void> {
  const env = wineEnvironment(root);
  await runQuietly('wineboot', ['-i'], env);
  // Wine 8 says that it is Windows 7, on which Node doesn't start.
  await runQuietly('wine', ['winecfg', '-v', 'win10'], env);
  const override = ['/v', 'kernelbase', '/d', 'native', '/f'];
  await runQuietly('wine', ['reg', 'add', 'HKCU\\Software\\Wine\\DllOverrides', ...override], env);
  await execute('wineserver', ['-k'], { env }).catch(() => undefined);
  await execute('wineserver', ['-w'], { env });
  hideVirtualAlloc2(join(root, 'drive_c/windows/system32/kernelbase.dll'));
}

/**
 * Renames an export that Wine 8 has but doesn't implement as V8 needs it: from Node 24 on, V8 ends the process
 * ("SegmentedTable::InitializeTable"). Without the export V8 does what it does on older versions of Windows. The file
 * also loses the mark of Wine's libraries, because Wine replaces one that has it with its original.
 */
function hideVirtualAlloc2(kernelbase: string): void {
  const bytes = readFileSync(kernelbase);
  const name = Buffer.from('\0VirtualAlloc2\0');
  // The new name keeps the table of names in order.
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at)) bytes.write('1', at + name.length - 2);
  bytes.fill(0, 0x40, 0x60);
  // Another file: the original may be linked to other prefixes.
  writeFileSync(`${kernelbase}.new`, bytes);
  renameSync(`${kernelbase}.new`, kernelbase);
}

/** Wine's services inherit the streams and would keep a pipe open. */
function runQuietly(command: string, args: readonly string[], env: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} exited with ${code}`))));
  });
}
