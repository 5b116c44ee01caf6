// The sign-in ends unnoticed: the desktop says so once, and a click leads to the page. With dunst, a real notification
// service, on a virtual screen.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signInEndedMessage } from '../../src/notify/messages.ts';
import { notificationCommands } from '../../src/notify/notification-command.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { startDesktop } from '../support/harness/desktop.ts';
import type { World } from '../support/harness/world.ts';
import { binary, killAgent, run, runJson, signIn, worldForTest } from './support.ts';

const background = (world: World) => runHelper(binary, { context: 'background', env: world.env });

/** Someone signed in, Entra has ended that since, and no agent knows yet. */
async function endSignIn(world: World): Promise<void> {
  await signIn(world);
  await run(world.env, 'agent', 'stop');
  world.entra.revokeAll();
}

/** How many notifications there have ever been. */
const shown = (dunstctl: (...args: string[]) => string): number =>
  ['displayed', 'waiting', 'history'].reduce((sum, which) => sum + Number(dunstctl('count', which)), 0);

describe.runIf(process.platform === 'linux')('a sign-in that ended', () => {
  it('is told once, and the click opens the page', async () => {
    const world = await worldForTest();
    const dunstctl = await startDesktop(world);
    await endSignIn(world);
    expect(await background(world)).toMatchObject({ exitCode: 4 });
    await expect.poll(() => dunstctl('count', 'displayed')).toBe('1');
    for (let again = 0; again < 2; again += 1) expect(await background(world)).toMatchObject({ exitCode: 4 });
    expect(await runJson(world.env, 'status')).toMatchObject({
      signIn: 'ended',
      account: { username: 'ada@contoso.com' },
    });

    dunstctl('action', '0');
    await world.sandbox.waitForOpenedUrl(60_000, 1);
    world.entra.approve(await world.entra.waitForUserCode());
    await expect.poll(async () => (await background(world)).state).toBe('ok');
    expect(shown(dunstctl)).toBe(1);
  });

  it("isn't announced again by another agent, but the end of the next sign-in is", async () => {
    const world = await worldForTest();
    const dunstctl = await startDesktop(world);
    await endSignIn(world);
    await background(world);
    await expect.poll(() => dunstctl('count', 'displayed')).toBe('1');
    await killAgent(world.env);
    expect(await background(world)).toMatchObject({ exitCode: 4 });
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'ended' });
    expect(shown(dunstctl)).toBe(1);

    // dunst stacks what looks the same.
    dunstctl('close-all');
    await endSignIn(world);
    await background(world);
    await expect.poll(() => shown(dunstctl)).toBe(2);
  });

  it('is no longer announced after someone signs in another way or signs out, or when the agent ends', async () => {
    const world = await worldForTest();
    const dunstctl = await startDesktop(world);
    const onScreen = (count: string) => expect.poll(() => dunstctl('count', 'displayed')).toBe(count);
    const login = async () => {
      const end = run(world.env, 'login', '--no-browser');
      world.entra.approve(await world.entra.waitForUserCode());
      await end;
    };
    for (const end of [login, () => run(world.env, 'logout'), () => run(world.env, 'agent', 'stop')]) {
      await login();
      await run(world.env, 'agent', 'stop');
      world.entra.revokeAll();
      await background(world);
      await onScreen('1');
      await end();
      await onScreen('0');
    }
    expect(world.sandbox.openedUrls()).toEqual([]);
  });

  it('is removed by the desktop after an hour, even if the agent was killed', async () => {
    const world = await worldForTest();
    await startDesktop(world);
    const command = notificationCommands(signInEndedMessage('ada@contoso.com', 'en'))[0];
    const limit = command?.args.find((arg) => arg.startsWith('--expire-time='));
    expect(limit).toBe('--expire-time=3600000');
    const args = (command?.args ?? []).map((arg) => (arg === limit ? '--expire-time=500' : arg));
    execFileSync(command?.command ?? '', args, { env: world.env, timeout: 60_000 });
  });

  it('is told where a policy against device code ended it', async () => {
    const world = await worldForTest();
    const dunstctl = await startDesktop(world);
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    world.entra.setFault('refresh', { kind: 'aadsts', code: 530036 });
    expect(await background(world)).toMatchObject({ exitCode: 9 });
    await expect.poll(() => dunstctl('count', 'displayed')).toBe('1');
  });

  it('is told by the next agent where this one was outside of the desktop', async () => {
    const world = await worldForTest();
    await endSignIn(world);
    expect(await background(world)).toMatchObject({ exitCode: 4 });
    const { files } = (await runJson(world.env, 'status')) as { files: { log: string } };
    const log = () => readFileSync(join(files.log, 'agent.log'), 'utf8').match(/"notification-not-shown"/g);
    await expect.poll(log).toHaveLength(1);
    expect(await background(world)).toMatchObject({ exitCode: 4 });
    expect(log()).toHaveLength(1);
    await killAgent(world.env);
    const dunstctl = await startDesktop(world);
    expect(await background(world)).toMatchObject({ exitCode: 4 });
    await expect.poll(() => dunstctl('count', 'displayed')).toBe('1');
  });

  it('is announced only on the page if someone is about to sign in', async () => {
    const world = await worldForTest();
    const dunstctl = await startDesktop(world);
    await endSignIn(world);
    const helper = runHelper(binary, { context: 'interactive', env: world.env });
    await world.sandbox.waitForOpenedUrl(60_000, 1);
    // Longer than the agent waits to see whether someone signs in.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    world.entra.approve(await world.entra.waitForUserCode());
    expect(await helper).toMatchObject({ state: 'ok' });
    expect(shown(dunstctl)).toBe(0);
  });

  it("doesn't prevent the next sign-in if the session has no notifications", async () => {
    const world = await worldForTest();
    await endSignIn(world);
    expect(await background(world)).toMatchObject({ exitCode: 4 });
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
  });
});
