// No one waits for a refresh: the agent makes it ahead of need while tokens are asked for.
import { expect, it } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { binary, run, runJson, signIn, worldForTest } from './support.ts';

it('refreshes on its own before the token has too little life left, and survives a failing Entra', async () => {
  const world = await worldForTest();
  // 80 % of 20 s must be left at every hand-out, so the agent refreshes when the token is under 4 s old.
  world.entra.accessTokenLifetimeSec = 20;
  const { token: first } = await signIn(world);
  await expect.poll(() => world.entra.count('refresh')).toBe(1);
  const entra = world.entra.requests.length;
  const { token, state } = await runHelper(binary, { context: 'mid-session-refresh', env: world.env });
  expect(state).toBe('ok');
  expect(token).not.toBe(first);
  expect(world.entra.requests.length).toBe(entra);

  world.entra.setFault('refresh', { kind: 'http', status: 503, headers: {} });
  await expect.poll(() => runJson(world.env, 'status')).toHaveProperty('backOff');
  expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok', token });
  expect(await runJson(world.env, 'status')).toMatchObject({
    signIn: 'signed-in',
    backOff: { attempt: expect.any(Number) },
    problem: { code: 'ERR_THROTTLED' },
  });
  expect((await run(world.env, 'status')).exitCode).toBe(0);
});

it('back-off outlives a restart of the agent: a Retry-After of Entra is kept', async () => {
  const world = await worldForTest();
  await signIn(world);
  await run(world.env, 'agent', 'stop');
  world.entra.setFault('refresh', { kind: 'http', status: 429, headers: { 'retry-after': '300' } });
  const throttled = await runHelper(binary, { context: 'background', env: world.env });
  expect(throttled).toMatchObject({ exitCode: 7, stdout: '' });
  expect(throttled.stderr).toContain('ERR_THROTTLED');
  world.entra.setFault('refresh', undefined);
  await run(world.env, 'agent', 'stop');
  for (const context of ['background', 'mid-session-refresh', 'interactive']) {
    expect(await runHelper(binary, { context, env: world.env })).toMatchObject({ exitCode: 7, stdout: '' });
  }
  expect(world.entra.count('refresh')).toBe(1);
  expect(world.sandbox.openedUrls()).toHaveLength(1);
});
