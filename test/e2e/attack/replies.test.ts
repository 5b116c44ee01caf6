// An identity provider, or something between it and us, whose replies are made to do harm: through stdout, which Claude
// Desktop reads, through the terminal, through the address that the user opens, and through the identity they claim.
import { describe, expect, it } from 'vitest';
import { BrowserUser } from '../../support/harness/browser-user.ts';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { sample } from '../../support/harness/long.ts';
import type { World } from '../../support/harness/world.ts';
import { binary, run, runJson, runWithInput, signIn, worldForTest } from '../support.ts';

/** Lines of visible ASCII, apart from the dots of "Waiting for you …". */
const PLAIN = /^[\n -~\u2026]*$/;
const OTHER = '99999999-0000-4000-8000-000000000000';

const helper = (world: World, context: 'background' | 'interactive' = 'background') =>
  runHelper(binary, { context, env: world.env });

function replace(world: World, endpoint: 'devicecode' | 'token', field: string, value: unknown): void {
  world.entra.setFault(endpoint, { kind: 'changed-field', field, value });
}

describe('a token that is more than a token', () => {
  it.each(
    sample(
      [
        ['JSON with headers of its own', '{"token":"attackers-token","headers":{"X-Evil":"1"}}'],
        ['JSON behind a token', 'a{"token":"attackers-token"}'],
        ['a header', 'a,X-Evil:1'],
        ['quoted text', '"attackers-token"'],
        ['two lines', 'a\nb'],
        ['an escape sequence', '\u001b[2J'],
      ],
      3,
    ),
  )('is never printed: %s', async (_, token) => {
    const world = await worldForTest({ config: { outputFormat: 'token' } });
    replace(world, 'token', 'access_token', token);
    const signedIn = await signIn(world);
    expect(signedIn).toMatchObject({ exitCode: 7, stdout: '' });
    expect(signedIn.stderr).toContain('ERR_NETWORK_REPLY');
    expect(await run(world.env, 'token')).toMatchObject({ exitCode: 4, stdout: '' });
  });

  it("isn't printed after a refresh either, and the sign-in stays", async () => {
    const world = await worldForTest();
    world.entra.accessTokenLifetimeSec = 1;
    await signIn(world);
    replace(world, 'token', 'access_token', '{"token":"attackers-token"}');
    await expect.poll(async () => (await helper(world)).exitCode).toBe(7);
    expect(await helper(world)).toMatchObject({ stdout: '' });
    world.entra.setFault('token', undefined);
    world.entra.accessTokenLifetimeSec = 4500;
    // A new agent tries immediately.
    await run(world.env, 'agent', 'stop');
    expect((await run(world.env, 'token')).stdout).toMatch(/^[\w.~+/-]+=*\n$/);
  });

  it("isn't an API key", async () => {
    const world = await worldForTest({ config: { credential: 'api-key' } });
    const key = '{"token":"attackers-token","headers":{"X-Evil":"1"}}';
    const stored = await runWithInput(world.env, key, [binary, 'login', '--api-key']);
    expect(stored).toMatchObject({ exitCode: 2, stdout: '' });
    expect(await helper(world)).toMatchObject({ exitCode: 4, stdout: '' });
  });
});

describe("the address of Microsoft's page", () => {
  it.each(
    sample(
      [
        ["on somebody else's host", 'https://evil.example/devicelogin'],
        ['with a user name that looks like a host', 'https://microsoft.com@evil.example/'],
        ['on a port of its own', 'https://microsoft.com:8443/devicelogin'],
        ['without TLS', 'http://microsoft.com/devicelogin'],
        ['of another cloud', 'https://login.microsoftonline.us/device'],
      ],
      3,
    ),
  )('is shown to no one %s', async (_, address) => {
    const world = await worldForTest();
    replace(world, 'devicecode', 'verification_uri', address);
    const { exitCode, stdout, stderr } = await run(world.env, 'login', '--no-browser');
    expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: '' });
    expect(stderr).toContain('without a usable verification_uri');
    expect(stderr).not.toMatch(/evil|8443|http:|\.us/);
  });

  it.each(
    sample(
      [
        ['a line break', 'https://microsoft.com/device\nlogin', 'https://microsoft.com/devicelogin'],
        ['an escape sequence', 'https://microsoft.com/\u001b[2J', 'https://microsoft.com/%1B[2J'],
        ['an override of the direction', 'https://microsoft.com/\u202egol', 'https://microsoft.com/%E2%80%AEgol'],
      ],
      3,
    ),
  )('is shown normalized if it has %s', async (_, address, shown) => {
    const world = await worldForTest();
    replace(world, 'devicecode', 'verification_uri', address);
    const login = run(world.env, 'login', '--no-browser');
    world.entra.approve(await world.entra.waitForUserCode());
    const { exitCode, stderr } = await login;
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`To sign in, open  ${shown}\nand enter the code  `);
    expect(stderr).toMatch(PLAIN);
  });
});

describe('an account name that is more than a name', () => {
  const NAME = 'ada\u001b[2J\u009b2J\nagent  all is well\r\u202eten.live\u2066@contoso.com\u{e0041}';
  const SHOWN = 'ada\\u{1b}[2J\\u{9b}2J\\u{a}agent  all is well\\u{d}\\u{202e}ten.live\\u{2066}@contoso.com\\u{e0041}';

  it('is one line of visible characters in every command', async () => {
    const world = await worldForTest({ entra: { usernames: [NAME] } });
    const login = run(world.env, 'login', '--no-browser');
    world.entra.approve(await world.entra.waitForUserCode());
    expect((await login).stdout).toBe(`Signed in as ${SHOWN}.\n`);
    const status = await run(world.env, 'status');
    expect(status.stdout).toMatch(PLAIN);
    expect(status.stdout).toContain(`\naccount  ${SHOWN}\n`);
    const doctor = await run(world.env, 'doctor');
    expect(doctor.stdout).toMatch(PLAIN);
    world.sandbox.writeConfig({ ...world.config, accountHint: 'grace\u202e@contoso.com' });
    const refused = await helper(world);
    expect(refused.stderr).toMatch(/^foundry-credential-helper: error\[ERR_SIGN_IN_OTHER_ACCOUNT\]: .*\nhint: .*\n$/);
    expect(refused.stderr).toMatch(PLAIN);
  });

  it('stays the same in JSON, which shows only visible characters', async () => {
    const world = await worldForTest({ entra: { usernames: [NAME] } });
    await signIn(world);
    const { stdout } = await run(world.env, 'status', '--json');
    expect(stdout).toMatch(PLAIN);
    expect(JSON.parse(stdout)).toMatchObject({ account: { username: NAME } });
  });
});

describe("other people's words elsewhere", () => {
  it('in settings, file names, and arguments are one line of visible characters', async () => {
    const world = await worldForTest({ config: { organizationName: 'A\u202eB', 'x\u001b[2J\ny': 1 } });
    for (const args of [
      ['config', 'show'],
      ['config', 'show', '--json'],
      ['config', 'validate', 'no\nsuch\u001bfile'],
    ]) {
      const { stdout, stderr } = await run(world.env, ...args);
      expect(stdout + stderr).toMatch(PLAIN);
    }
    const { stderr } = await run(world.env, 'sta\u001b[2J\nerror: x');
    expect(stderr).toMatch(PLAIN);
    expect(stderr).toContain("unknown command 'sta\\u{1b}[2J\\u{a}error: x'");
  });
});

describe('an ID token', () => {
  const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  /** Of the tenant's first account, with other claims. */
  function idToken({ entra }: World, claims: object): string {
    const now = Math.floor(Date.now() / 1000);
    const sound = {
      iss: `https://login.microsoftonline.com/${entra.tenantId}/v2.0`,
      aud: entra.clientId,
      tid: entra.tenantId,
      oid: entra.account().oid,
      sub: 'subject',
      preferred_username: entra.account().username,
      iat: now,
      exp: now + 3600,
    };
    return [base64({ alg: 'none' }), base64({ ...sound, ...claims }), ''].join('.');
  }

  it('is accepted as it should be', async () => {
    const world = await worldForTest();
    replace(world, 'token', 'id_token', idToken(world, {}));
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
  });

  it.each(
    sample(
      [
        ['another tenant', { tid: OTHER }, 'iss, tid'],
        [
          'another tenant and its issuer',
          { tid: OTHER, iss: `https://login.microsoftonline.com/${OTHER}/v2.0` },
          'tid',
        ],
        ['another application', { aud: OTHER }, 'aud'],
        ['another issuer', { iss: 'https://evil.example/v2.0' }, 'iss'],
        ['the past', { exp: 1_700_000_000 }, 'exp'],
        ['the future', { iat: 4_000_000_000 }, 'iat'],
      ],
      3,
    ),
  )('of %s signs no one in', async (_, claims, named) => {
    const world = await worldForTest();
    replace(world, 'token', 'id_token', idToken(world, claims));
    const refused = await signIn(world);
    expect(refused).toMatchObject({ exitCode: 7, stdout: '' });
    expect(refused.stderr).toContain('ERR_NETWORK_IDENTITY');
    expect(refused.stderr).toContain(`sent an ID token with another ${named}\n`);
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'signed-out' });
  });

  it("of someone else doesn't refresh anything, and the sign-in stays", async () => {
    const world = await worldForTest();
    world.entra.accessTokenLifetimeSec = 1;
    await signIn(world);
    replace(world, 'token', 'id_token', idToken(world, { oid: OTHER }));
    await expect.poll(async () => (await helper(world)).stderr).toContain('ERR_NETWORK_IDENTITY');
    expect(await helper(world)).toMatchObject({ exitCode: 7, stdout: '' });
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'signed-in' });
  });

  it('of the account that got the configured name is refused until the user signs out', async () => {
    const world = await worldForTest({ config: { accountHint: 'ada@contoso.com' } });
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
    replace(world, 'token', 'id_token', idToken(world, { oid: OTHER, sub: 'other' }));
    const again = run(world.env, 'login', '--no-browser');
    world.entra.approve(await world.entra.waitForUserCode());
    const refused = await again;
    expect(refused).toMatchObject({ exitCode: 9, stdout: '' });
    expect(refused.stderr).toContain('ERR_ACCOUNT_REASSIGNED');
    expect(await helper(world)).toMatchObject({ state: 'ok' });
    await run(world.env, 'logout');
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
  });
});

describe('the account that is configured by its object ID', () => {
  it('is the only one that is accepted, whatever names say', async () => {
    const world = await worldForTest();
    const [ada, grace] = world.entra.accounts;
    world.sandbox.writeConfig({ ...world.config, accountHint: grace?.oid });
    expect(await signIn(world)).toMatchObject({ exitCode: 4, stdout: '' });
    world.sandbox.writeConfig({ ...world.config, accountHint: ada?.oid.toUpperCase() });
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
  });
});

describe('a redirect', () => {
  it.each([
    ['another server', 'https://evil.example/v2.0', 7],
    ['the tenant', undefined, 0],
  ])('that names %s as its issuer (RFC 9207)', async (_, issuer, exitCode) => {
    const world = await worldForTest({ config: { signInMethod: 'browser' } });
    const user = new BrowserUser(world);
    const login = helper(world, 'interactive');
    const redirect = new URL(world.entra.authorize(await user.continueToMicrosoft()));
    redirect.searchParams.set('iss', issuer ?? `https://login.microsoftonline.com/${world.entra.tenantId}/v2.0`);
    await user.comeBack(redirect.href);
    expect(await login).toMatchObject({ exitCode });
    expect(world.entra.grants.authorization_code).toBe(exitCode === 0 ? 1 : 0);
  });
});
