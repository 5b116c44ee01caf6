import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from '../../../installers/windows/run-tool.ts';

/**
 * Compiles a console program of one source file for Windows on x64, without the C runtime's start-up code: it begins
 * with `start`.
 * @param functions names by the library of Windows that has them
 * @throws Error if a tool fails
 */
export function compileForWindows(source: string, functions: Readonly<Record<string, readonly string[]>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'compile-'));
  const run = (command: string, ...args: string[]) => runTool(command, args, { cwd: folder });
  try {
    const flags = ['--target=x86_64-w64-windows-gnu', '-isystem', '/usr/share/mingw-w64/include', '-ffreestanding'];
    run('clang', ...flags, '-Os', '-Wall', '-Werror', '-mno-stack-arg-probe', '-c', source, '-o', 'program.o');
    for (const [name, names] of Object.entries(functions)) {
      writeFileSync(join(folder, `${name}.def`), [`LIBRARY ${name}.dll`, 'EXPORTS', ...names, ''].join('\n'));
      run('llvm-dlltool', '-m', 'i386:x86-64', '-d', `${name}.def`, '-l', `${name}.lib`);
    }
    const libraries = Object.keys(functions).map((name) => `${name}.lib`);
    const options = ['/subsystem:console', '/entry:start', '/nodefaultlib', '/out:program.exe'];
    run('lld-link', ...options, 'program.o', ...libraries);
    return readFileSync(join(folder, 'program.exe'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
