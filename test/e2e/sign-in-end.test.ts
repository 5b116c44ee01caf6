// Why a sign-in ended, or is refused, stays visible until the next one.
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { credentialKey } from '../../src/agent/credentials/credential-key.ts';
import { type HelperContext, runHelper } from '../support/harness/claude-desktop.ts';
import type { World } from '../support/harness/world.ts';
import { binary, killAgent, run, runJson, signIn, worldForTest } from './support.ts';

const CORRELATION_ID = 'c0ffee00-1111-4222-8333-444444444444';
const MOON = 'Error of a kind that the documentation does not list; see https://login.microsoftonline.com/error?code=';

const helper = (world: World, context: HelperContext) => runHelper(binary, { context, env: world.env });

/** The keystore's entry, read using a different program. */
function record({ env, entra }: World): Promise<string> {
  const attributes = ['service', 'foundry-credential-helper', 'username', credentialKey(entra)];
  return new Promise((resolve) =>
    execFile('secret-tool', ['lookup', ...attributes], { env }, (_, stdout) => resolve(stdout)),
  );
}

/** Without the agent, and without what it remembers apart from the keystore. */
async function restart(world: World): Promise<void> {
  await killAgent(world.env);
  rmSync(join(world.sandbox.stateFolder, 'agent.json'), { force: true });
}

/** The page of the second sign-in, with its code. */
async function page(world: World): Promise<string> {
  const url = await world.sandbox.waitForOpenedUrl(60_000, 1);
  const opened = await fetch(url, { redirect: 'manual' });
  const location = new URL(opened.headers.get('location') ?? '', url);
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  let text = '';
  await expect
    .poll(async () => (text = await (await fetch(location, { headers: { cookie } })).text()))
    .toMatch(/class="user-code"/);
  return text;
}

it('says why a sign-in ended, everywhere and across restarts, until someone signs in', async () => {
  const world = await worldForTest();
  const { entra, env, sandbox } = world;
  await signIn(world);
  await restart(world);
  entra.setFault('refresh', { kind: 'aadsts', code: 50173, correlationId: CORRELATION_ID });
  const reason = 'AADSTS50173: the password was changed, or you or an admin revoked the sign-in';
  expect((await helper(world, 'background')).stderr).toContain(`${reason} (correlation id ${CORRELATION_ID})`);
  entra.setFault('refresh', undefined);
  await restart(world);

  for (const context of ['background', 'mid-session-refresh', 'scheduled-task', 'setup-test'] as const) {
    const { exitCode, stderr } = await helper(world, context);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 4,
      stderr: expect.stringMatching(
        /ERR_SIGN_IN_ENDED\]: .*: ada@contoso\.com, since \d{4}-\d\d-\d\d \d\d:\d\d \(UTC[^)]*\), AADSTS/,
      ),
    });
    expect(stderr).toContain(`${reason} (correlation id ${CORRELATION_ID})`);
  }
  expect(await runJson(env, 'status')).toMatchObject({
    signIn: 'ended',
    endedAt: expect.stringMatching(/^\d{4}-/),
    problem: { code: 'ERR_SIGN_IN_ENDED', detail: 'AADSTS50173', correlationId: CORRELATION_ID },
  });
  const { stdout } = await run(env, 'status');
  expect(stdout).toContain(reason);
  expect(stdout).toContain(CORRELATION_ID);
  expect((await run(env, 'doctor')).stdout).toContain(reason);
  const report = join(sandbox.root, 'report.txt');
  await run(env, 'report', report);
  expect(readFileSync(report, 'utf8')).toContain(`${reason} (correlation id ${CORRELATION_ID})`);

  const asked = helper(world, 'interactive');
  const shown = await page(world);
  expect(shown).toContain('Your last sign-in stopped working on');
  expect(shown).toContain('The password was changed, or someone revoked the sign-in.');
  expect(shown).not.toContain('AADSTS');
  entra.approve(await entra.waitForUserCode());
  expect(await asked).toMatchObject({ state: 'ok' });
  const after = await runJson(env, 'status');
  expect(after).toMatchObject({ signIn: 'signed-in' });
  expect(after).not.toHaveProperty('problem');
});

it('forgets why a sign-in ended when someone signs out', async () => {
  const world = await worldForTest();
  await signIn(world);
  await restart(world);
  world.entra.revokeAll();
  expect(await helper(world, 'background')).toMatchObject({ exitCode: 4 });
  expect(await run(world.env, 'logout')).toMatchObject({ exitCode: 0 });
  const { stderr } = await helper(world, 'background');
  expect(stderr).toContain('ERR_SIGN_IN_REQUIRED');
  expect(stderr).not.toContain('AADSTS');
  expect(await record(world)).toBe('');
});

it("keeps a sign-in that Entra refuses with a number that isn't listed, and offers another one", async () => {
  const world = await worldForTest();
  const { entra, env } = world;
  await signIn(world);
  await restart(world);
  const kept = await record(world);
  entra.setFault('refresh', { kind: 'aadsts', code: 999_999, correlationId: CORRELATION_ID });
  const { exitCode, stderr } = await helper(world, 'background');
  expect(exitCode).toBe(4);
  expect(stderr).toContain(`AADSTS999999: ${MOON}999999 (correlation id ${CORRELATION_ID})`);
  expect(await runJson(env, 'status')).toMatchObject({
    signIn: 'signed-in',
    refusedAt: expect.stringMatching(/^\d{4}-/),
    problem: { code: 'ERR_SIGN_IN_REFUSED', reason: `${MOON}999999`, correlationId: CORRELATION_ID },
  });
  expect(await helper(world, 'background')).toMatchObject({ exitCode: 4, stderr });
  await killAgent(env);
  expect((await helper(world, 'background')).stderr).toContain(`AADSTS999999: ${MOON}`);
  expect(await record(world)).toBe(kept);

  const declined = helper(world, 'interactive');
  const shown = await page(world);
  expect(shown).toContain('Microsoft didn’t accept the sign-in.');
  expect(shown).not.toContain('AADSTS');
  entra.decline(await entra.waitForUserCode());
  expect(await declined).toMatchObject({ exitCode: 4, stdout: '' });
  expect(await record(world)).toBe(kept);

  entra.setFault('refresh', undefined);
  await restart(world);
  expect(await helper(world, 'background')).toMatchObject({ state: 'ok' });
  expect(entra.count('devicecode')).toBe(2);
});

it('offers another sign-in when a policy refuses the one that is kept for the second time', async () => {
  const world = await worldForTest();
  const { entra, env, sandbox } = world;
  await signIn(world);
  await restart(world);
  const [kept, pages] = [await record(world), sandbox.openedUrls().length];
  entra.setFault('refresh', { kind: 'aadsts', code: 50034 });
  expect(await helper(world, 'interactive')).toMatchObject({ exitCode: 9, stdout: '' });
  expect(sandbox.openedUrls()).toHaveLength(pages);
  // Someone who waits may try every 5 seconds.
  const codes = entra.count('devicecode');
  let asked = helper(world, 'interactive');
  await expect
    .poll(
      async () => {
        const isOver = await Promise.race([asked.then(() => true), new Promise((resolve) => setTimeout(resolve, 500))]);
        if (isOver === true) asked = helper(world, 'interactive');
        return entra.count('devicecode');
      },
      { timeout: 30_000 },
    )
    .toBe(codes + 1);
  expect(await record(world)).toBe(kept);
  entra.setFault('refresh', undefined);
  entra.approve(await entra.waitForUserCode());
  expect(await asked).toMatchObject({ state: 'ok' });
  expect(await record(world)).not.toBe(kept);
  expect(await runJson(env, 'status')).not.toHaveProperty('problem');
});

it('never offers a sign-in if no one can sign in', async () => {
  const world = await worldForTest();
  const { entra, sandbox } = world;
  await signIn(world);
  await restart(world);
  const pages = sandbox.openedUrls().length;
  entra.setFault('refresh', { kind: 'aadsts', code: 7_000_112 });
  const [first, second] = [await helper(world, 'interactive'), await helper(world, 'interactive')];
  expect([first.exitCode, second.exitCode]).toEqual([9, 9]);
  expect(second.stderr).toContain('Enterprise applications > Properties');
  expect(second.stderr).not.toContain('clientId');
  expect(sandbox.openedUrls()).toHaveLength(pages);
});
