// Several accounts, tenants and applications: each has its own sign-in, and the configuration says whose counts.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { credentialKey } from '../../src/agent/credentials/credential-key.ts';
import { continueLinkIn } from '../support/harness/browser-user.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import type { World } from '../support/harness/world.ts';
import { type EntraServer, startEntraServer } from '../support/servers/entra-server.ts';
import { binary, killAgent, run, runJson, signIn, worldForTest } from './support.ts';

const helper = (world: World, context: 'background' | 'interactive' = 'background') =>
  runHelper(binary, { context, env: world.env });

/** The keystore's entry of a tenant and client, as another program reads it. */
function record(world: World, ids: { tenantId: string; clientId: string }): Promise<string> {
  const attributes = ['service', 'foundry-credential-helper', 'username', credentialKey(ids)];
  return new Promise((resolve) =>
    execFile('secret-tool', ['lookup', ...attributes], { env: world.env }, (_, stdout) => resolve(stdout)),
  );
}

it("says so if Entra doesn't name the account", async () => {
  const world = await worldForTest({ entra: { usernames: [''] } });
  expect(await signIn(world)).toMatchObject({ state: 'ok' });
  expect((await run(world.env, 'status')).stdout).toMatch(/^account +not named by Entra$/m);
  expect(await runJson(world.env, 'status')).toMatchObject({ account: { username: '' } });
});

describe('another tenant and application in the configuration', () => {
  it('start afresh and keep the first sign-in, which works again without asking the user', async () => {
    const world = await worldForTest();
    const { entra, config, proxy, sandbox } = world;
    const other = await startEntraServer({ ca: world.ca, usernames: ['ada@fabrikam.com'] });
    other.interval = 1;
    onTestFinished(() => other.close());
    const configure = (server: EntraServer): void => {
      const { tenantId, clientId } = server;
      proxy.routes.set('login.microsoftonline.com:443', server.port);
      sandbox.writeConfig({ ...config, tenantId, clientId });
    };
    await signIn(world);
    const first = await record(world, entra);

    configure(other);
    expect(await helper(world)).toMatchObject({ exitCode: 4, stdout: '' });
    expect(await record(world, entra)).toBe(first);
    const signedIn = helper(world, 'interactive');
    other.approve(await other.waitForUserCode());
    const { state, token = '' } = await signedIn;
    expect(state).toBe('ok');
    expect(other.checkAccessToken(token)).toBe('valid');
    expect(entra.checkAccessToken(token)).not.toBe('valid');
    expect(await record(world, entra)).toBe(first);

    const { stdout } = await run(world.env, 'status');
    expect(stdout).toMatch(/^account +ada@fabrikam\.com$/m);
    expect(stdout).toContain(`ada@contoso.com, tenant ${entra.tenantId}, application ${entra.clientId}, last used `);
    expect(await runJson(world.env, 'status')).toMatchObject({
      account: { username: 'ada@fabrikam.com' },
      others: [{ tenantId: entra.tenantId, clientId: entra.clientId, account: { username: 'ada@contoso.com' } }],
    });

    const second = await record(world, other);
    configure(entra);
    expect(await helper(world)).toMatchObject({ state: 'ok' });
    expect(entra.count('devicecode')).toBe(1);
    await run(world.env, 'logout');
    expect(await record(world, other)).toBe(second);
    expect(await runJson(world.env, 'status')).toMatchObject({
      signIn: 'signed-out',
      others: [{ tenantId: other.tenantId, account: { username: 'ada@fabrikam.com' } }],
    });
  });
});

describe('accountHint', () => {
  it('keeps another account out, and stores nothing about it', async () => {
    const world = await worldForTest({ config: { accountHint: 'grace@contoso.com' } });
    expect(await signIn(world)).toMatchObject({ exitCode: 4, stdout: '' });
    expect(await record(world, world.entra)).toBe('');
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'signed-out' });
    expect(await helper(world)).toMatchObject({ exitCode: 4, stdout: '' });
  });

  it('accepts its account in any spelling', async () => {
    const world = await worldForTest({ config: { accountHint: 'ADA@Contoso.com' } });
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
  });

  it('that names a different account than the one signed in: no token, the sign-in stays, and works again with the old rule', async () => {
    const world = await worldForTest();
    await signIn(world);
    const before = await record(world, world.entra);
    world.sandbox.writeConfig({ ...world.config, accountHint: 'grace@contoso.com' });
    const refused = await helper(world);
    expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
    expect(refused.stderr).toContain(
      'ERR_SIGN_IN_OTHER_ACCOUNT]: you signed in with a different account than the one configured: ada@contoso.com instead of grace@contoso.com',
    );
    expect((await run(world.env, 'status')).exitCode).toBe(4);
    // The wrong account again: refused, and the old sign-in is still there.
    expect(await signIn(world)).toMatchObject({ exitCode: 4, stdout: '' });
    expect(await record(world, world.entra)).toBe(before);
    // After the last sign-in, since it asks for a device code too.
    const report = join(world.sandbox.root, 'report.md');
    expect(await run(world.env, 'report', report)).toMatchObject({ exitCode: 0 });
    // Whose they are is for the user to see, not for support.
    const written = readFileSync(report, 'utf8') + readFileSync(join(world.sandbox.stateFolder, 'agent.log'), 'utf8');
    expect(written).toContain('ERR_SIGN_IN_OTHER_ACCOUNT');
    expect(written).not.toMatch(/(ada|grace)@contoso\.com/);
    world.sandbox.writeConfig(world.config);
    expect(await helper(world)).toMatchObject({ state: 'ok' });
  });
});

describe('a claims challenge', () => {
  const claims = '{"access_token":{"capolids":{"essential":true,"values":["canary-policy"]}}}';
  const asked = (world: World, endpoint: string) =>
    world.entra.requests.filter((request) => request.endpoint === endpoint).at(-1)?.parameters['claims'];

  /** An unattended run was refused with claims, and the agent that heard it is gone. */
  async function challenged(): Promise<World> {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    // At each refresh: an agent that starts makes one on its own.
    world.entra.setFault('refresh', { kind: 'aadsts', code: 50076, claims });
    expect(await helper(world)).toMatchObject({ exitCode: 4, stdout: '' });
    await killAgent(world.env);
    return world;
  }

  it('goes with the next sign-in, no matter who starts it, also after another start of the agent, and only with that one', async () => {
    const world = await challenged();
    const login = run(world.env, 'login', '--no-browser');
    world.entra.approve(await world.entra.waitForUserCode());
    expect(await login).toMatchObject({ exitCode: 0 });
    expect(asked(world, 'devicecode')).toContain('canary-policy');

    const again = run(world.env, 'login', '--no-browser');
    world.entra.approve(await world.entra.waitForUserCode());
    expect(await again).toMatchObject({ exitCode: 0 });
    expect(asked(world, 'devicecode')).toBeUndefined();
  });

  it('at the end of a sign-in goes with the next one, also after another start of the agent', async () => {
    const world = await worldForTest();
    world.entra.failNext('poll', { kind: 'aadsts', code: 50076, claims });
    const refused = run(world.env, 'login', '--no-browser');
    world.entra.approve(await world.entra.waitForUserCode());
    expect(await refused).toMatchObject({ exitCode: 4 });
    await killAgent(world.env);
    const login = run(world.env, 'login', '--no-browser');
    world.entra.approve(await world.entra.waitForUserCode());
    expect(await login).toMatchObject({ exitCode: 0 });
    expect(asked(world, 'devicecode')).toContain('canary-policy');
  });

  it("that isn't a JSON object doesn't prevent anyone from signing in", async () => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    world.entra.setFault('refresh', { kind: 'aadsts', code: 50076, claims: 'no JSON' });
    expect(await helper(world)).toMatchObject({ exitCode: 4 });
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
    expect(asked(world, 'devicecode')).toBeUndefined();
  });

  it('goes with the sign-in in the browser too', async () => {
    const world = await challenged();
    const login = run(world.env, 'login', '--method', 'browser');
    const page = await world.sandbox.waitForOpenedUrl(60_000, 1);
    // The page's link leads to Microsoft; its cookie comes with the one-time address.
    const opened = await fetch(page, { redirect: 'manual' });
    const cookie = opened.headers
      .getSetCookie()
      .map((value) => value.split(';')[0])
      .join('; ');
    const location = new URL(opened.headers.get('location') ?? '', page);
    await expect
      .poll(async () => continueLinkIn(await (await fetch(location, { headers: { cookie } })).text()))
      .toMatch(/[?&]claims=[^&]*canary-policy/);
    await run(world.env, 'agent', 'stop');
    expect(await login).not.toMatchObject({ exitCode: 0 });
  });
});
