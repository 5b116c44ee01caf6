// What security products report as an attack, whatever its purpose: a resident program that runs scripts of another
// language.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../../scripts/project-folder.ts';

const ALARMS =
  /osascript|powershell\.exe|ExecutionPolicy|EncodedCommand|WindowStyle|wscript|mshta|cmd(?:\.exe)?['"]?,? *\[?['"]?\/c\b/i;
const alarmsOf = (text: string): string[] =>
  text.split('\n').filter((line) => ALARMS.test(line) && !/^\s*(?:\/\/|\/?\*)/.test(line));

it.each(["spawn('/usr/bin/osascript', ['-'])", "execFile('cmd.exe', ['/c', 'dir'])", '-ExecutionPolicy Bypass'])(
  'is found: %s',
  (line) => {
    expect(alarmsOf(line)).toEqual([line]);
  },
);

it("isn't in the program's source or in scripts for admins", () => {
  const files = globSync(['src/**/*.ts', 'deploy/**/*.{ps1,sh}'], { cwd: projectFolder });
  expect(files.length).toBeGreaterThan(200);
  const found = files.flatMap((file) =>
    alarmsOf(readFileSync(join(projectFolder, file), 'utf8')).map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});
