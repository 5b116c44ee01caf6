// The sign-in in DPAPI files. Wine's CryptProtectData is its own format without a key of the user's: this shows that
// the calls are right and nothing is lost on the way, not that another user can't read it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowsPath } from '../../support/harness/wine.ts';
import { runInside as runInsideComputer } from './run-inside.ts';
import { type Computer, createComputer, signIn, type WindowsUser, worldForTest } from './support.ts';

let computer: Computer;
beforeAll(async () => {
  computer = await createComputer();
});
afterAll(() => computer?.stop());

const runInside = (user: WindowsUser, script: string, ...args: string[]) =>
  runInsideComputer(computer, user, script, ...args);

const keystore = (user: WindowsUser) => join(user.data, 'state/keystore');

function onlyRecord(user: WindowsUser): string {
  const [file, ...others] = readdirSync(keystore(user));
  if (file === undefined || others.length > 0) throw new Error(`not one record: ${file} ${others.join(' ')}`);
  return join(keystore(user), file);
}

it('keeps the sign-in, with no secret readable in it, over a restart of Windows in the middle of everything', async () => {
  const { world, config } = await worldForTest();
  const user = await computer.addUser('Zoë Müller', config);
  const first = await signIn(world, user);
  const record = readFileSync(onlyRecord(user), 'latin1');
  for (const secret of world.entra.secrets()) expect(record).not.toContain(secret);

  // The agent ends with everything else; its pipe's file stays behind.
  await computer.prefix.restart();
  const next = await user.helper('background');
  expect(next).toMatchObject({ exitCode: 0, stderr: '' });
  expect(next.stdout).not.toBe(first.stdout);
  expect(world.entra.count('devicecode')).toBe(1);
  await user.command('agent', 'stop');
});

it("names a corrupted record, doesn't overwrite it, and signs in again after a logout", async () => {
  const { world, config } = await worldForTest();
  const user = await computer.addUser('Päivi', config);
  await signIn(world, user);
  await user.command('agent', 'stop');
  const path = onlyRecord(user);
  const damaged = readFileSync(path);
  damaged.fill(0x5a, Math.floor(damaged.length / 2));
  writeFileSync(path, damaged);

  for (const context of ['background', 'interactive']) {
    const { exitCode, stdout, stderr } = await user.helper(context);
    expect({ exitCode, stdout }).toEqual({ exitCode: 8, stdout: '' });
    expect(stderr).toContain('error[ERR_KEYSTORE_RECORD]');
    expect(stderr).toContain('is damaged, or belongs to another user or computer');
  }
  expect(readFileSync(path).equals(damaged)).toBe(true);
  expect(world.entra.count('devicecode')).toBe(1);

  expect(await user.command('logout')).toMatchObject({ exitCode: 0 });
  const again = await signIn(world, user);
  expect(world.entra.checkAccessToken(again.stdout.trim())).toBe('valid');
  await user.command('agent', 'stop');
});

it('keeps the contract of the secret stores, records of 20 KB among it', async () => {
  const user = await computer.addUser('Контракт', {});
  const { exitCode, stdout, stderr } = await runInside(user, 'dpapi');
  expect({ exitCode, stderr, failed: stdout.match(/not ok.*/g) }).toEqual({ exitCode: 0, stderr: '', failed: null });
  expect(Number(/[#ℹ] pass (\d+)/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(9);
  expect(readdirSync(keystore(user))).toEqual([]);
});

describe('a file that another program has open, as a virus scanner does', () => {
  const file = () => join(computer.prefix.driveC, 'held');

  it('is replaced once that is over', async () => {
    const { stdout } = await runInside(await computer.addUser('Ada', {}), 'replace', windowsPath(file()), '400');
    const result = JSON.parse(stdout) as { durationMs: number };
    expect(result).toMatchObject({ content: 'new', failure: '' });
    // Under Wine 8 the open file prevents this, as on Windows before 10.
    expect(result.durationMs).toBeGreaterThan(50);
  });

  it('is left unchanged, with an error, when it stays open', async () => {
    const { stdout } = await runInside(await computer.addUser('Ada', {}), 'replace', windowsPath(file()), '20000');
    expect(JSON.parse(stdout)).toMatchObject({ content: 'old', failure: 'ERR_STATE_UNWRITABLE' });
  });
});

it('rotates the log without losing a line, also past a reader that has it open', async () => {
  const folder = join(computer.prefix.driveC, 'Log');
  const run = await runInside(await computer.addUser('Ada', {}), 'log', windowsPath(folder), '4000');
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  const { files, kept } = JSON.parse(run.stdout) as { files: string[]; kept: (number | undefined)[] };
  expect(files).toEqual(['agent.log', 'agent.log.1', 'agent.log.2', 'agent.log.3']);
  expect(kept).toEqual(Array.from({ length: 4000 }, (_, index) => index));
});
