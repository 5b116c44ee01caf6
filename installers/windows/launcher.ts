// The program without a console window, foundry-credential-helperw.exe: launcher.c, task.c, and window.c, compiled by
// LLVM (Debian packages clang, lld, and llvm) with the headers of mingw-w64.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../scripts/project-folder.ts';
import { MACHINE_TASK, taskXml } from '../../src/autostart/task-xml.ts';
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
    'CreateThread',
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

/** What task.c calls beyond these. */
const TASK_FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  kernel32: [
    'CreateFileW',
    'CreatePipe',
    'DeleteFileW',
    'GetExitCodeProcess',
    'GetProcAddress',
    'GetSystemDirectoryW',
    'LoadLibraryExW',
    'ProcessIdToSessionId',
    'SetHandleInformation',
    'WriteFile',
    'lstrcatW',
    'lstrcpyW',
  ],
};

/** The launcher's arguments that make, remove, and run the scheduled task for all users. */
export const CREATE_TASK = '--create-task';
export const DELETE_TASK = '--delete-task';
export const START_AGENTS = '--start-agents';

/** The launcher's argument that ends every process of the program next to it, anyone who runs it. */
export const END_ALL = '--end-all';

/** The bare program: no icon, no version. The same compiler makes the same bytes. @throws Error if a tool fails */
export function compileLauncher(arch: Processor): Buffer {
  const { target, library } = PROCESSORS[arch];
  const build = join(projectFolder, 'build');
  mkdirSync(build, { recursive: true });
  const folder = mkdtempSync(join(build, 'launcher-'));
  const sources = ['launcher', 'task', 'window'];
  const objects = sources.map((name) => `${name}.o`);
  try {
    const compile = [
      `--target=${target}-w64-windows-gnu`,
      '-isystem',
      '/usr/share/mingw-w64/include',
      '-ffreestanding',
      '-I.',
    ];
    const run = (command: string, ...args: string[]) => runTool(command, args, { cwd: folder });
    writeFileSync(join(folder, 'task-xml.h'), taskHeader());
    for (const name of sources) {
      const source = join(projectFolder, 'installers/windows', `${name}.c`);
      run('clang', ...compile, '-Os', '-Wall', '-Werror', '-c', source, '-o', `${name}.o`);
    }
    const libraries = [...new Set([...Object.keys(FUNCTIONS), ...Object.keys(TASK_FUNCTIONS)])];
    for (const name of libraries) {
      const functions = new Set([
        ...(FUNCTIONS[name as keyof typeof FUNCTIONS] ?? []),
        ...(TASK_FUNCTIONS[name] ?? []),
      ]);
      writeFileSync(join(folder, `${name}.def`), [`LIBRARY ${name}.dll`, 'EXPORTS', ...functions, ''].join('\n'));
      run('llvm-dlltool', '-m', library, '-d', `${name}.def`, '-l', `${name}.lib`);
    }
    const link = ['/subsystem:windows', '/entry:launch', '/nodefaultlib', '/brepro', '/highentropyva'];
    run('lld-link', ...link, '/out:launcher.exe', ...objects, ...libraries.map((name) => `${name}.lib`));
    return readFileSync(join(folder, 'launcher.exe'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The task's text for task.c, which puts its own path between the two halves. @throws Error if it has no such place */
function taskHeader(): string {
  const mark = '@PROGRAM@';
  const xml = taskXml({ program: mark, principal: { kind: 'interactive' } }).replaceAll('\n', '\r\n');
  const [before, after, ...others] = xml.split(mark);
  if (before === undefined || after === undefined || others.length > 0) throw new Error('the task has no one program');
  // The text is plain ASCII, so JSON's form of it is C's too.
  const texts = { TASK_NAME: MACHINE_TASK, TASK_BEFORE: before, TASK_AFTER: after };
  return Object.entries(texts)
    .map(([name, text]) => `#define ${name} L${JSON.stringify(text)}\n`)
    .join('');
}
