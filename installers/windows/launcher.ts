// The program without a console window, foundry-credential-helperw.exe: launcher.c, compiled by LLVM (Debian packages
// clang, lld, and llvm) with the headers of mingw-w64.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../scripts/project-folder.ts';
import { runTool } from './run-tool.ts';

export type Processor = 'x64' | 'arm64';

/** What each tool calls the processor. */
const PROCESSORS: Readonly<Record<Processor, { target: string; library: string }>> = {
  x64: { target: 'x86_64', library: 'i386:x86-64' },
  arm64: { target: 'aarch64', library: 'arm64' },
};

const FUNCTIONS = {
  kernel32: [
    'CloseHandle',
    'CompareStringOrdinal',
    'CreateProcessW',
    'CreateToolhelp32Snapshot',
    'ExitProcess',
    'GetCommandLineW',
    'GetCurrentProcess',
    'GetCurrentProcessId',
    'GetExitCodeProcess',
    'GetLastError',
    'GetModuleFileNameW',
    'GetModuleHandleW',
    'GetProcAddress',
    'GetProcessTimes',
    'GetStdHandle',
    'LoadLibraryExW',
    'LocalFree',
    'MultiByteToWideChar',
    'OpenProcess',
    'Process32FirstW',
    'Process32NextW',
    'QueryFullProcessImageNameW',
    'ReadFile',
    'TerminateProcess',
    'WaitForSingleObject',
    'WideCharToMultiByte',
    'WriteFile',
    'lstrcpyW',
    'lstrlenW',
  ],
  advapi32: [
    'ConvertSidToStringSidW',
    'GetTokenInformation',
    'OpenProcessToken',
    'RegisterEventSourceW',
    'ReportEventW',
  ],
};

/** The launcher's argument that ends every process of the program next to it, whoever runs it. */
export const END_ALL = '--end-all';

/** The bare program: no icon, no version. The same compiler makes the same bytes. @throws Error if a tool fails */
export function compileLauncher(arch: Processor): Buffer {
  const { target, library } = PROCESSORS[arch];
  const build = join(projectFolder, 'build');
  mkdirSync(build, { recursive: true });
  const folder = mkdtempSync(join(build, 'launcher-'));
  const source = join(projectFolder, 'installers/windows/launcher.c');
  try {
    const compile = [
      `--target=${target}-w64-windows-gnu`,
      '-isystem',
      '/usr/share/mingw-w64/include',
      '-ffreestanding',
    ];
    const run = (command: string, ...args: string[]) => runTool(command, args, { cwd: folder });
    run('clang', ...compile, '-Os', '-Wall', '-Werror', '-c', source, '-o', 'launcher.o');
    for (const [name, functions] of Object.entries(FUNCTIONS)) {
      writeFileSync(join(folder, `${name}.def`), [`LIBRARY ${name}.dll`, 'EXPORTS', ...functions, ''].join('\n'));
      run('llvm-dlltool', '-m', library, '-d', `${name}.def`, '-l', `${name}.lib`);
    }
    const link = ['/subsystem:windows', '/entry:launch', '/nodefaultlib', '/brepro', '/highentropyva'];
    run('lld-link', ...link, '/out:launcher.exe', 'launcher.o', ...Object.keys(FUNCTIONS).map((name) => `${name}.lib`));
    return readFileSync(join(folder, 'launcher.exe'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
