import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { logOnCommand } from '../../../src/platform/self-command.ts';

const args = ['agent', 'run'];

function programIn(...files: string[]): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'fch-self-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const file of files) writeFileSync(join(folder, file), '');
  return (name) => join(folder, name);
}

it("starts the agent with the launcher if that's next to the program", () => {
  const path = programIn('helper.exe', 'helperw.exe');
  expect(logOnCommand({ command: path('helper.exe'), args }, 'win32')).toEqual({ command: path('helperw.exe'), args });
});

it("starts the agent with the program itself if there's no launcher", () => {
  const path = programIn('helper.exe');
  expect(logOnCommand({ command: path('helper.exe'), args }, 'win32').command).toBe(path('helper.exe'));
});

it('looks for a launcher on Windows only', () => {
  const path = programIn('helper.exe', 'helperw.exe');
  expect(logOnCommand({ command: path('helper.exe'), args }, 'linux').command).toBe(path('helper.exe'));
});
