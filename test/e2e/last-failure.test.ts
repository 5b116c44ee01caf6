// What failed last stays visible until something works, and as history after that.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type HelperContext, runHelper } from '../support/harness/claude-desktop.ts';
import type { World } from '../support/harness/world.ts';
import { binary, killAgent, run, runJson, signIn, worldForTest } from './support.ts';

const CORRELATION_ID = 'c0ffee00-1111-4222-8333-444444444444';
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const helper = ({ env }: Pick<World, 'env'>, context: HelperContext = 'background') =>
  runHelper(binary, { context, env });

interface Finding {
  readonly id: string;
  readonly state: string;
  readonly detail: string;
  readonly remedy?: string;
  readonly facts?: object;
}

async function signInFinding({ env }: World): Promise<Finding | undefined> {
  const { checks } = (await runJson(env, 'doctor')) as { checks: Finding[] };
  return checks.find(({ id }) => id === 'sign-in');
}

/** A proxy's address that nothing listens on. */
const breakProxy = ({ sandbox, config }: World) => sandbox.writeConfig({ ...config, proxy: 'http://127.0.0.1:9' });
const mend = ({ sandbox, config }: World) => sandbox.writeConfig({ ...config });

describe('a sign-in that fails', () => {
  it('is named by status and doctor until one succeeds, also after restarts and while no agent runs', async () => {
    const world = await worldForTest();
    const { env, entra } = world;
    breakProxy(world);
    expect(await helper(world, 'interactive')).toMatchObject({ exitCode: 7 });
    // Neither runs that only find no sign-in, nor a restart, hide it.
    expect(await helper(world)).toMatchObject({ exitCode: 4 });
    await killAgent(env);
    const failed = {
      at: expect.stringMatching(UTC),
      client: 'claude-desktop',
      context: 'interactive',
      code: 'ERR_NETWORK',
      detail: expect.stringContaining('127.0.0.1:9'),
    };
    expect(await runJson(env, 'status')).toMatchObject({ running: false, lastFailure: failed });
    expect((await run(env, 'status')).stdout).toMatch(
      /\nlast failure +\S+ \S+ \(UTC.*\), Claude Desktop: ERR_NETWORK: /,
    );
    mend(world);
    expect(await helper(world)).toMatchObject({ exitCode: 4 });
    expect(await runJson(env, 'status')).toMatchObject({ signIn: 'signed-out', lastFailure: failed });
    const { state, detail, remedy } = (await signInFinding(world)) ?? {};
    expect(state).toBe('fail');
    expect(detail).toMatch(/the last attempt failed \(.*, Claude Desktop\): ERR_NETWORK: .*127\.0\.0\.1:9/);
    expect(remedy).toMatch(/^check the network connection.*; then .*login/);

    entra.approve(await startedSignIn(world));
    await expect
      .poll(() => runJson(env, 'status'))
      .toMatchObject({
        signIn: 'signed-in',
        lastFailure: { ...failed, recoveredAt: expect.stringMatching(UTC) },
      });
    expect((await run(env, 'status')).stdout).toMatch(/\nlast failure .*; it has worked again since /);
    expect(await signInFinding(world)).toMatchObject({ state: 'ok' });
    await run(env, 'logout');
    expect(await runJson(env, 'status')).not.toHaveProperty('lastFailure');
  });

  it.each([
    ['is declined', 'ERR_SIGN_IN_DECLINED', (world: World, code: string) => world.entra.decline(code)],
    ['runs out of time', 'ERR_SIGN_IN_CODE_EXPIRED', (world: World) => expireCode(world)],
  ] as const)('%s: status says so', async (_, code, end) => {
    const world = await worldForTest();
    const login = run(world.env, 'login', '--no-browser');
    await end(world, await world.entra.waitForUserCode());
    expect(await login).toMatchObject({ exitCode: 4 });
    const { lastFailure } = await runJson(world.env, 'status');
    expect(lastFailure).toMatchObject({ client: 'login', code });
  });

  it('after Claude Desktop has killed its helper, is named too', async () => {
    const world = await worldForTest();
    const env = { ...world.env, CLAUDE_HELPER_CONTEXT: 'interactive' };
    const child = spawn(binary, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const userCode = await world.entra.waitForUserCode();
    child.kill('SIGKILL');
    await once(child, 'exit');
    world.entra.decline(userCode);
    await expect
      .poll(async () => (await runJson(world.env, 'status'))['lastFailure'], { timeout: 60_000 })
      .toMatchObject({ client: 'claude-desktop', context: 'interactive', code: 'ERR_SIGN_IN_DECLINED' });
  });
});

describe('a refresh that fails in the background', () => {
  it('is named with its run, its reason, and its number, and is past after the next success', async () => {
    const world = await worldForTest();
    const { env, entra } = world;
    await signIn(world);
    await killAgent(env);
    entra.setFault('refresh', { kind: 'aadsts', code: 50105, correlationId: CORRELATION_ID });
    expect(await helper(world)).toMatchObject({ exitCode: 9 });
    await killAgent(env);
    const failed = {
      client: 'claude-desktop',
      context: 'background',
      code: 'ERR_NOT_ASSIGNED',
      detail: 'AADSTS50105',
      correlationId: CORRELATION_ID,
    };
    expect(await runJson(env, 'status')).toMatchObject({ running: false, lastFailure: failed });
    // Doctor meets it again; what the user met stays.
    expect(await signInFinding(world)).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(
        /the last attempt failed \(.*, Claude Desktop in the background\): ERR_NOT_ASSIGNED/,
      ),
      facts: { lastFailureClient: 'claude-desktop', lastFailureAt: expect.stringMatching(UTC) },
    });
    expect(await runJson(env, 'status')).toMatchObject({ lastFailure: failed });
    const kept = readFileSync(join(world.sandbox.stateFolder, 'agent.json'), 'utf8');
    expect(JSON.parse(kept).lastFailure).not.toHaveProperty('username');
    entra.setFault('refresh', undefined);
    await expect.poll(() => helper(world), { timeout: 60_000, interval: 2_000 }).toMatchObject({ state: 'ok' });
    const after = await runJson(env, 'status');
    expect(after).toMatchObject({ lastFailure: { ...failed, recoveredAt: expect.stringMatching(UTC) } });
    expect(after).not.toHaveProperty('problem');
    expect((await signInFinding(world))?.detail).toBe("you're signed in");
  });
});

it('says why a sign-in ended while no agent runs', async () => {
  const world = await worldForTest();
  await signIn(world);
  await killAgent(world.env);
  world.entra.setFault('refresh', { kind: 'aadsts', code: 50173, correlationId: CORRELATION_ID });
  await helper(world);
  await killAgent(world.env);
  expect(await runJson(world.env, 'status')).toMatchObject({
    running: false,
    endedAt: expect.stringMatching(UTC),
    problem: { code: 'ERR_SIGN_IN_ENDED', detail: 'AADSTS50173', correlationId: CORRELATION_ID },
  });
  const { exitCode, stdout } = await run(world.env, 'status');
  expect(exitCode).toBe(6);
  expect(stdout).toMatch(/sign-in +your sign-in ended \d{4}-\d\d-\d\d \d\d:\d\d \(UTC/);
  expect(stdout).toContain('AADSTS50173: the password was changed');
  expect(stdout).not.toContain('ada@');
});

describe('times', () => {
  it.each([
    ['America/New_York', /\(UTC-0[45]:00\)/],
    ['Asia/Kolkata', /\(UTC\+05:30\)/],
  ])('in %s are local for people and UTC in JSON', async (TZ, zone) => {
    const world = await worldForTest();
    const env = { ...world.env, TZ };
    const here = { ...world, env };
    await signIn(here);
    await killAgent(env);
    world.entra.setFault('refresh', { kind: 'aadsts', code: 50173 });
    await helper(here);
    const texts = [(await run(env, 'status')).stdout, (await helper(here)).stderr, (await run(env, 'doctor')).stdout];
    texts.push((await run(env, 'agent', 'status')).stdout);
    for (const text of texts) {
      expect(text).toMatch(zone);
      expect(text).not.toMatch(/\d\dT\d\d:\d\d/);
    }
    expect(await runJson(env, 'status')).toMatchObject({
      agent: { startedAt: expect.stringMatching(UTC) },
      endedAt: expect.stringMatching(UTC),
      lastFailure: { at: expect.stringMatching(UTC) },
    });
    const log = readFileSync(join(world.sandbox.stateFolder, 'agent.log'), 'utf8').trim().split('\n');
    for (const line of log) expect(JSON.parse(line)).toMatchObject({ time: expect.stringMatching(UTC) });
  });
});

describe("status's exit code is that of a helper that runs unattended", () => {
  it.each<readonly [string, number, (world: World) => unknown]>([
    ['no one is signed in', 4, (world) => run(world.env, 'agent', 'start')],
    ['a token is in hand', 0, (world) => signIn(world)],
    ['"caFile" can\'t be read', 3, (world) => withoutToken(world, () => rmSync(world.caFile))],
    [
      'a token is in hand, and "caFile" can\'t be read',
      0,
      async (world) => {
        await signIn(world);
        rmSync(world.caFile);
      },
    ],
    ['the sign-in has ended', 4, (world) => withoutToken(world, () => world.entra.revokeAll(), true)],
    ['the proxy refuses connections', 7, (world) => withoutToken(world, () => breakProxy(world), true)],
    ['a sign-in waits for the user', 5, (world) => startedSignIn(world)],
    [
      'a token is in hand, and another sign-in waits for the user',
      0,
      (world) => signIn(world).then(() => startedSignIn(world)),
    ],
  ])('where %s', async (_, exitCode, seed) => {
    const world = await worldForTest();
    await seed(world);
    // The state is known before the helper has tried.
    expect(await run(world.env, 'status')).toMatchObject({ exitCode });
    expect(await helper(world)).toMatchObject({ exitCode });
    expect(await run(world.env, 'status')).toMatchObject({ exitCode });
  });
});

/** Signs in, loses the token with the agent, and starts another agent; `tried`: which meets the fault once. */
async function withoutToken(world: World, seed: () => unknown, tried = false): Promise<void> {
  await signIn(world);
  await killAgent(world.env);
  seed();
  if (tried) await helper(world);
  else await run(world.env, 'agent', 'start');
}

/** The code of a sign-in that stays open. */
async function startedSignIn({ env, entra }: World): Promise<string> {
  // Doctor's code is pending too.
  const before = entra.deviceCodes.newestPending()?.userCode;
  void run(env, 'login', '--no-browser');
  let userCode = before;
  await expect
    .poll(() => (userCode = entra.deviceCodes.newestPending()?.userCode), { timeout: 60_000 })
    .not.toBe(before);
  return userCode ?? '';
}

function expireCode(world: World): void {
  world.entra.setFault('poll', { kind: 'oauth-error', error: 'expired_token' });
}
