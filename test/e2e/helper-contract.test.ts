// Claude Desktop's contract, on the compiled binary: exact stdout, exit code, silence, contexts, time limits.
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { createWorld, type World } from '../support/harness/world.ts';
import { agentProcess, binary, run, signIn, worldForTest, writeDesktopConfig } from './support.ts';

const UNATTENDED = ['mid-session-refresh', 'scheduled-task', 'setup-test', 'background', 'a-future-value', undefined];

describe('no one is signed in', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.dispose());

  it.each(UNATTENDED)('%s: empty stdout, exit 4, two lines on stderr, no prompt', async (context) => {
    const env = { ...world.env };
    if (context === undefined) delete env['CLAUDE_HELPER_CONTEXT'];
    const helper = await runHelper(binary, { context, env });
    expect(helper).toMatchObject({ state: 'failed', exitCode: 4, stdout: '' });
    expect(helper.stderr).toMatch(
      /^foundry-credential-helper: error\[ERR_SIGN_IN_REQUIRED\]: you're not signed in\nhint: .*\n$/,
    );
    expect(world.sandbox.openedUrls()).toEqual([]);
    expect(world.entra.requests).toEqual([]);
  });
});

describe('someone is signed in', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
    expect(await signIn(world)).toMatchObject({ state: 'ok', exitCode: 0 });
  });
  afterAll(() => world.dispose());

  it.each(['interactive', ...UNATTENDED])('%s: the token, a newline, nothing else', async (context) => {
    const helper = await runHelper(binary, { context, env: world.env });
    expect(helper).toMatchObject({ state: 'ok', exitCode: 0, stderr: '' });
    expect(helper.stdout).toBe(`${helper.token}\n`);
    expect(world.entra.checkAccessToken(helper.token ?? '')).toBe('valid');
    expect(world.foundry.requests).toEqual([]);
  });

  it('serves all of these with the token of the sign-in', () => {
    expect(world.entra.count('refresh')).toBe(0);
  });

  it('writes a token into a pipe whose reader is slow', () => {
    // A full pipe that no one reads for a while: 64 KiB of it are taken up by someone else.
    const script = '(head -c 65536 /dev/zero; "$0") | (sleep 0.5; tail -c +65537)';
    const shell = spawnSync('/bin/bash', ['-c', script, binary], {
      env: { ...world.env, CLAUDE_HELPER_CONTEXT: 'background' },
      encoding: 'utf8',
    });
    expect(world.entra.checkAccessToken(shell.stdout.trim())).toBe('valid');
  });

  it('ignores NODE_OPTIONS and a .env file', async () => {
    const env = { ...world.env, NODE_OPTIONS: '--require=/nonexistent.js --inspect=1' };
    expect(await runHelper(binary, { context: 'background', env })).toMatchObject({ state: 'ok', stderr: '' });
  });

  it('keeps stderr empty whatever makes Node warn or talk', async () => {
    const env = { ...world.env, NODE_PENDING_DEPRECATION: '1', NODE_DEBUG_NATIVE: '*', NODE_NO_WARNINGS: '0' };
    // What a helper that finds an agent loads has nothing to say; the commands use node:net.
    const talkative = { ...env, NODE_DEBUG: 'net,http,https,tls,stream' };
    expect(await runHelper(binary, { context: 'background', env: talkative })).toMatchObject({
      state: 'ok',
      stderr: '',
    });
    for (const args of [['token'], ['status'], ['config', 'show'], ['agent', 'status'], ['claude-code', 'token']]) {
      expect([args, await run(env, ...args)]).toMatchObject([args, { exitCode: 0, stderr: '' }]);
    }
    // An agent that this starts has nothing to say either.
    await run(env, 'agent', 'stop');
    expect(await runHelper(binary, { context: 'background', env })).toMatchObject({ state: 'ok', stderr: '' });
  });

  it('prints a token for scripts, with expiry and account as JSON', async () => {
    const plain = await run(world.env, 'token');
    expect(plain).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.entra.checkAccessToken(plain.stdout.trim())).toBe('valid');
    const json = JSON.parse((await run(world.env, 'token', '--json')).stdout);
    expect(json).toMatchObject({ version: 1, token: plain.stdout.trim(), tokenType: 'Bearer' });
    expect(json.account.username).toMatch(/@/);
    expect(JSON.parse((await run(world.env, 'token', '--format', 'json')).stdout)).toMatchObject({ token: json.token });
    expect(await run(world.env, 'token', '--format', 'header')).toMatchObject({
      stdout: `Authorization: Bearer ${json.token}\n`,
    });
    expect(await run(world.env, 'token', '--format', 'env')).toMatchObject({
      stdout: `export ANTHROPIC_FOUNDRY_AUTH_TOKEN=${json.token}\n`,
    });
    expect(await run(world.env, 'token', '--format', 'xml')).toMatchObject({ exitCode: 2, stdout: '' });
    const secondsLeft = (Date.parse(json.expiresOn) - Date.now()) / 1000;
    expect(secondsLeft).toBeGreaterThan(world.entra.accessTokenLifetimeSec - 60);
    expect(secondsLeft).toBeLessThanOrEqual(world.entra.accessTokenLifetimeSec);
  });

  it('prints the JSON form with headers if the configuration asks for it', async () => {
    world.sandbox.writeConfig({
      ...world.config,
      outputFormat: 'json',
      headers: { 'X-Department': 'research' },
    });
    const helper = await runHelper(binary, { context: 'background', env: world.env });
    expect(helper).toMatchObject({ state: 'ok', headers: { 'X-Department': 'research' }, stderr: '' });
    expect(JSON.parse(helper.stdout)).toEqual({ token: helper.token, headers: { 'X-Department': 'research' } });
    world.sandbox.writeConfig(world.config);
  });
});

describe('time limits', () => {
  it("mid-session-refresh fails while Entra doesn't answer, before Desktop kills it after 20 s", async () => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    world.entra.setFault('refresh', { kind: 'no-answer' });
    const helper = await runHelper(binary, { context: 'mid-session-refresh', env: world.env });
    expect(helper).toMatchObject({ state: 'failed', exitCode: 7, stdout: '' });
    expect(helper.stderr).toContain('ERR_NETWORK_TIMEOUT');
  });

  it("interactive answers before Desktop's limit; the sign-in continues and the next run succeeds", async () => {
    const world = await worldForTest();
    writeDesktopConfig(world, { inferenceCredentialHelperTimeoutSec: '8' });
    // Killed a second earlier than Desktop would, with room for a busy machine.
    const first = await runHelper(binary, { context: 'interactive', env: world.env, timeoutMs: 7_000 });
    expect(first).toMatchObject({ state: 'failed', exitCode: 5, stdout: '' });
    expect(first.stderr).toContain('ERR_SIGN_IN_PENDING');
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ exitCode: 5 });
    world.entra.approve(await world.entra.waitForUserCode());
    await expect
      .poll(async () => (await runHelper(binary, { context: 'background', env: world.env })).state, { interval: 200 })
      .toBe('ok');
    expect(world.sandbox.openedUrls()).toHaveLength(1);
    expect(world.entra.count('devicecode')).toBe(1);
  });

  it('a stopped agent is reported before Desktop kills the helper after 20 s', async () => {
    const world = await worldForTest();
    await signIn(world);
    const agent = agentProcess(world);
    process.kill(agent, 'SIGSTOP');
    const helper = await runHelper(binary, { context: 'mid-session-refresh', env: world.env });
    process.kill(agent, 'SIGCONT');
    expect(helper).toMatchObject({ state: 'failed', exitCode: 6, stdout: '' });
    expect(helper.stderr).toContain('ERR_AGENT_UNREACHABLE');
  });
});
