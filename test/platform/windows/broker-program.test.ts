// The compiled program with `signInMethod: broker`, built with and without Microsoft's authentication runtime, under
// Wine, which has no Web Account Manager.
import { execFile } from 'node:child_process';
import { copyFileSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import type { World } from '../../support/harness/world.ts';
import { type Computer, createComputer, createWindowsWorld, type WindowsUser } from './support.ts';

const RUNTIME = ['msal-node-runtime.node', 'msalruntime.dll'];

let computer: Computer;
let world: World;
let user: WindowsUser;
let users = 0;

beforeAll(async () => {
  computer = await createComputer();
});
afterAll(() => computer?.stop());

/** Each with their own agent, which loads the runtime at most once. */
async function newUser(): Promise<WindowsUser> {
  const made = await createWindowsWorld();
  world = made.world;
  users += 1;
  return computer.addUser(`User ${users}`, { ...made.config, signInMethod: 'broker' });
}
afterEach(async () => {
  await user.command('agent', 'stop');
  await world.dispose();
});

/** A helper's run that can't get a token: exit code and what it says. */
async function refusal(): Promise<{ exitCode: number | null; stderr: string }> {
  const { exitCode, stdout, stderr } = await user.helper('background');
  expect(stdout).toBe('');
  return { exitCode, stderr };
}

it('built without the runtime says so, and opens no other way to sign in', async () => {
  user = await newUser();
  const { exitCode, stderr } = await refusal();
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('error[ERR_BROKER_MISSING]');
  expect(stderr).toContain("this build doesn't include the Windows broker");
  expect(user.openedUrls()).toEqual([]);
});

describe('built with the runtime', () => {
  const place = (name: string) => join(dirname(computer.onLinux(computer.program)), name);

  beforeAll(async () => {
    const script = join(projectFolder, 'test/support/harness/build-with-broker.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    const program = stdout.trimEnd().split('\n').at(-1) ?? '';
    const installed = computer.onLinux(computer.program);
    rmSync(installed);
    linkSync(program, installed);
    for (const name of RUNTIME) copyFileSync(join(dirname(program), name), place(name));
  });

  it('loads it, and says that this Windows has no Web Account Manager', async () => {
    user = await newUser();
    const { stderr } = await refusal();
    expect(stderr).toContain('error[ERR_BROKER_MISSING]');
    expect(stderr).toContain('this Windows has no Web Account Manager');
    // The agent keeps running.
    expect(await user.json('agent', 'status')).toMatchObject({ running: true });
  });

  it('says in doctor that it answers, and knows no account', async () => {
    user = await newUser();
    const { stdout } = await user.command('doctor', '--json');
    const { checks } = JSON.parse(stdout) as { checks: { id: string; detail: string }[] };
    expect(checks.find(({ id }) => id === 'broker')).toMatchObject({ facts: { accounts: 0 } });
  });

  it('unpacks none of its files into the profile', async () => {
    user = await newUser();
    await refusal();
    const files = readdirSync(computer.onLinux(user.profile), { recursive: true, encoding: 'utf8' });
    expect(files).not.toEqual([]);
    expect(files.filter((file) => /msal/i.test(file))).toEqual([]);
  });

  it.each(RUNTIME)('refuses a changed %s, and names it', async (name) => {
    user = await newUser();
    const original = readFileSync(place(name));
    const changed = Buffer.from(original);
    changed.writeUInt8(changed.readUInt8(changed.length >>> 1) ^ 1, changed.length >>> 1);
    writeFileSync(place(name), changed);
    const { stderr } = await refusal();
    writeFileSync(place(name), original);
    expect(stderr).toContain('error[ERR_BROKER_MISSING]');
    expect(stderr).toContain(`${name} isn't the file that belongs to this program`);
  });
});
