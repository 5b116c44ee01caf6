import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { agentCommand } from '../../../src/platform/self-command.ts';

const args = ['agent', 'run'];

function programIn(...files: string[]): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'fch-self-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const file of files) writeFileSync(join(folder, file), '');
  return (name) => join(folder, name);
}

it('runs the agent by the windowless twin where that stands beside the program', () => {
  const path = programIn('helper.exe', 'helperw.exe');
  expect(agentCommand({ command: path('helper.exe'), args }, 'win32')).toEqual({ command: path('helperw.exe'), args });
});

it('runs the agent by the program itself where there is no twin', () => {
  const path = programIn('helper.exe');
  expect(agentCommand({ command: path('helper.exe'), args }, 'win32').command).toBe(path('helper.exe'));
});

it('stays with the twin when the twin starts the agent', () => {
  const path = programIn('helper.exe', 'helperw.exe');
  expect(agentCommand({ command: path('helperw.exe'), args }, 'win32').command).toBe(path('helperw.exe'));
});

it('looks for a twin on Windows alone', () => {
  const path = programIn('helper.exe', 'helperw.exe');
  expect(agentCommand({ command: path('helper.exe'), args }, 'linux').command).toBe(path('helper.exe'));
});
