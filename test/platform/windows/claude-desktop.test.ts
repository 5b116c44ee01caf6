// `claude-desktop configure|status|remove` with Windows' paths, registry, and file system.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Computer, createComputer, type WindowsUser } from './support.ts';

const POLICY = 'SOFTWARE\\Policies\\Claude';
const WORK = '0a1b2c3d-0000-4000-8000-000000000001';
const META = `{\r\n  "appliedId": "${WORK}",\r\n  "entries": [{ "id": "${WORK}", "name": "Work" }]\r\n}\r\n`;

let computer: Computer;
let user: WindowsUser;
let folder: string;

beforeAll(async () => {
  computer = await createComputer();
  user = await computer.addUser('Zoë Müller', {
    tenantId: 'contoso.onmicrosoft.com',
    clientId: '11111111-2222-3333-4444-555555555555',
    foundryResource: 'contoso-foundry',
    models: ['claude-sonnet-5'],
  });
  folder = computer.onLinux(`${user.profile}\\AppData\\Local\\Claude-3p\\configLibrary`);
});
afterAll(() => computer?.stop());

const desktop = (...args: string[]) => user.command('claude-desktop', ...args);
const policy = (hive: string, ...lines: string[]) =>
  computer.importRegistry(
    `Windows Registry Editor Version 5.00\n\n[-${hive}\\${POLICY}]\n\n[${hive}\\${POLICY}]\n${lines.join('\n')}\n`,
  );

describe('claude-desktop on Windows', () => {
  it('writes the profile below %LOCALAPPDATA%, with the path that Claude Desktop runs, and removes it again', async () => {
    expect(await desktop('configure')).toMatchObject({ exitCode: 0, stderr: '' });
    const { appliedId } = JSON.parse(readFileSync(join(folder, '_meta.json'), 'utf8'));
    const profile = JSON.parse(readFileSync(join(folder, `${appliedId}.json`), 'utf8'));
    expect(profile.inference.credential).toMatchObject({ kind: 'helper-script', command: computer.program });
    expect(await user.json('claude-desktop', 'status')).toMatchObject({
      usesThisProgram: true,
      source: 'local',
      helper: { isThisProgram: true },
      header: { verdict: 'match' },
    });
    expect((await desktop('configure')).stdout).toContain('Nothing to change');
    expect(await desktop('remove')).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(folder, '..'))).toBe(false);
  });

  it('brings another profile back byte for byte', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '_meta.json'), META);
    writeFileSync(join(folder, `${WORK}.json`), '{}');
    expect(await desktop('configure')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('"Work"') });
    expect(await desktop('configure', '--force')).toMatchObject({ exitCode: 0 });
    expect(await desktop('remove')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('"Work"') });
    expect(readdirSync(folder).sort()).toEqual([`${WORK}.json`, '_meta.json']);
    expect(readFileSync(join(folder, '_meta.json'), 'utf8')).toBe(META);
  });

  it.each(['HKEY_CURRENT_USER', 'HKEY_LOCAL_MACHINE'])('refuses if the policy is in %s', async (hive) => {
    await policy(hive, '"inferenceProvider"="bedrock"');
    const { exitCode, stderr } = await desktop('configure', '--force');
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('error[ERR_CLAUDE_DESKTOP_MANAGED]')]);
    expect(stderr).toContain(`${hive}\\${POLICY}`);
    expect(await user.json('claude-desktop', 'status')).toMatchObject({ usesThisProgram: false, source: 'managed' });
    // Update settings leave the computer to its user.
    await policy(hive, '"disableAutoUpdates"="true"');
    expect(await desktop('configure', '--force')).toMatchObject({ exitCode: 0 });
    expect(await desktop('remove')).toMatchObject({ exitCode: 0 });
    await computer.importRegistry(`Windows Registry Editor Version 5.00\n\n[-${hive}\\${POLICY}]\n`);
  });
});
