import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Target, targets } from '../../../installers/build/targets.ts';
import { type Command, verifyCommands } from '../../../installers/build/verify-package.ts';
import { projectFolder } from '../../../scripts/project-folder.ts';

const target = (name: string): Target => targets.find((one) => one.name === name) as Target;
const scripts = (commands: Command[]): string[] => commands.flat().filter((word) => word.startsWith('installers/'));

describe('npm run verify:package', () => {
  it('reads the package on macOS, and installs it only if asked to', () => {
    const [only, ...more] = verifyCommands(target('macos-arm64'), '1.2.3', false);
    expect(only?.slice(2)).toEqual([
      'dist/foundry-credential-helper-1.2.3-arm64.pkg',
      'dist/macos-arm64/foundry-credential-helper-component.pkg',
    ]);
    expect(more).toEqual([]);
    const [, second] = verifyCommands(target('macos-x64'), '1.2.3', true);
    expect(second).toEqual([
      '/bin/sh',
      'installers/macos/verify-this-mac.sh',
      'dist/foundry-credential-helper-1.2.3-x64.pkg',
    ]);
  });

  it('installs the package on Windows, so only if asked to', () => {
    expect(() => verifyCommands(target('windows-x64'), '1.2.3', false)).toThrow('--this-computer');
    const [command] = verifyCommands(target('windows-arm64'), '1.2.3', true);
    expect(command?.[0]).toBe('powershell.exe');
    expect(command?.at(-1)).toBe('dist/foundry-credential-helper-1.2.3-arm64.msi');
  });

  it('leaves Linux to the tests', () => {
    expect(() => verifyCommands(target('linux-x64'), '1.2.3', true)).toThrow('npm test -- test/platform/linux');
  });

  it('names scripts that exist', () => {
    const all = ['macos-x64', 'windows-x64'].flatMap((name) => scripts(verifyCommands(target(name), '1.2.3', true)));
    expect(all).toHaveLength(3);
    for (const script of all) expect(existsSync(join(projectFolder, script)), script).toBe(true);
  });
});
