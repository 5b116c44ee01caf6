// Tokens for other resources from one sign-in, as the compiled program hands them out: to what runs it as a
// `headersHelper`, and to the real Git.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { createEtcFolder } from '../support/harness/etc-folder.ts';
import { canUnshareMounts } from '../support/harness/mount-namespace.ts';
import type { World } from '../support/harness/world.ts';
import { listenHttps } from '../support/servers/https-listener.ts';
import { binary, killAgent, type Run, run, runJson, runWithInput, signIn, worldForTest } from './support.ts';

const MCP = 'api://contoso-mcp';
const GIT = '499b84ac-1321-427f-aa17-267ca6975798';

async function signedIn(allowedResources: readonly string[] = [MCP, `${GIT}/.default`]): Promise<World> {
  const world = await worldForTest({ config: { allowedResources } });
  expect(await signIn(world)).toMatchObject({ state: 'ok' });
  return world;
}

const headers = (world: World, ...resource: string[]): Promise<Run> =>
  run(world.env, 'headers', ...resource.flatMap((one) => ['--resource', one]));

/** The token in a line of headers. */
function tokenOf({ exitCode, stdout, stderr }: Run): string {
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^\{"Authorization":"Bearer [\w.-]+"\}\n$/);
  const { Authorization = '' } = JSON.parse(stdout) as { Authorization?: string };
  return Authorization.slice('Bearer '.length);
}

const auditLines = ({ sandbox }: World): Record<string, unknown>[] =>
  readFileSync(join(sandbox.stateFolder, 'audit.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('headers', () => {
  it('prints a token for each resource, on one line of JSON, from the one sign-in', async () => {
    const world = await signedIn();
    const mcp = tokenOf(await headers(world, MCP));
    expect(world.entra.checkAccessToken(mcp, MCP)).toBe('valid');
    expect(tokenOf(await headers(world, `${MCP}/.default`))).toBe(mcp);
    const own = tokenOf(await headers(world));
    expect(world.entra.checkAccessToken(own)).toBe('valid');
    expect(tokenOf(await headers(world, 'https://cognitiveservices.azure.com'))).toBe(own);
    const { stdout } = await run(world.env, 'token', '--resource', GIT);
    expect(world.entra.checkAccessToken(stdout.trim(), GIT)).toBe('valid');
    // No one has signed in again, and Claude Desktop's token is as it was.
    expect(world.entra.grants).toEqual({ device_code: 1, authorization_code: 0, refresh_token: 2 });
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ token: own });
    const { resources } = await runJson(world.env, 'status');
    expect(resources).toMatchObject([
      { scope: `${MCP}/.default`, token: { remainingSeconds: expect.any(Number) } },
      { scope: `${GIT}/.default`, token: { remainingSeconds: expect.any(Number) } },
    ]);
  });

  it('says who got what in the audit log, and why someone got nothing', async () => {
    const world = await signedIn();
    tokenOf(await headers(world, MCP));
    await headers(world, 'api://contoso-payroll');
    await run(world.env, 'token', '--resource', GIT);
    await expect
      .poll(() => auditLines(world).slice(-3))
      .toMatchObject([
        { event: 'token-issued', client: 'headers', resource: MCP, tokenId: expect.any(String) },
        {
          event: 'token-refused',
          client: 'headers',
          resource: 'api://contoso-payroll',
          code: 'ERR_RESOURCE_NOT_ALLOWED',
        },
        { event: 'token-issued', client: 'token', resource: GIT, tokenId: expect.any(String) },
      ]);
  });

  it('prints nothing without a sign-in, and never prompts', async () => {
    const world = await worldForTest({ config: { allowedResources: [MCP] } });
    const refused = await headers(world, MCP);
    expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
    expect(refused.stderr).toContain('error[ERR_SIGN_IN_REQUIRED]');
    expect(world.entra.requests).toEqual([]);
    expect(world.sandbox.openedUrls()).toEqual([]);
  });

  it('a refusal is about that resource only: the sign-in and other resources are as they were', async () => {
    const rows = [
      [65001, 9, 'ERR_RESOURCE_CONSENT_REQUIRED'],
      [650057, 9, 'ERR_RESOURCE_CONSENT_REQUIRED'],
      [500011, 3, 'ERR_RESOURCE_UNKNOWN'],
      [50076, 4, 'ERR_RESOURCE_STEP_REQUIRED'],
      [70043, 4, 'ERR_RESOURCE_STEP_REQUIRED'],
      [53003, 9, 'ERR_POLICY_BLOCKED'],
      [530084, 9, 'ERR_TOKEN_PROTECTION'],
      [50105, 9, 'ERR_NOT_ASSIGNED'],
    ] as const;
    const refusing = (number: number) => `api://refused-with-${number}`;
    const world = await signedIn([...rows.map(([number]) => refusing(number)), MCP]);
    for (const [number, exitCode, code] of rows) {
      world.entra.refusedResources.set(refusing(number), number);
      const refused = await headers(world, refusing(number));
      expect(refused).toMatchObject({ exitCode, stdout: '' });
      expect(refused.stderr).toContain(`error[${code}]`);
      expect(refused.stderr).toContain(`${refusing(number)}/.default, AADSTS${number}`);
    }
    tokenOf(await headers(world, MCP));
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
    const status = await runJson(world.env, 'status');
    expect(status).toMatchObject({ signIn: 'signed-in' });
    expect(status['resources']).toMatchObject([...rows.map(([, , code]) => ({ problem: { code } })), { token: {} }]);
    for (const own of ['problem', 'backOff', 'refusedAt', 'lastFailure']) expect(status).not.toHaveProperty(own);
    expect(world.sandbox.openedUrls()).toHaveLength(1);
  });

  it('works again after the step that "login --resource" does', async () => {
    const world = await signedIn();
    world.entra.refusedResources.set(MCP, 50076);
    expect(await headers(world, MCP)).toMatchObject({ exitCode: 4 });
    const login = run(world.env, 'login', '--no-browser', '--resource', MCP);
    const code = await world.entra.waitForUserCode();
    const asked = world.entra.requests.filter(({ endpoint }) => endpoint === 'devicecode').at(-1);
    expect(JSON.parse(asked?.parameters['claims'] ?? '')).toHaveProperty(['access_token', 'capolids']);
    world.entra.refusedResources.clear();
    world.entra.approve(code);
    expect(await login).toMatchObject({ exitCode: 0 });
    tokenOf(await headers(world, MCP));
  });

  it("doesn't ask the next sign-in for Foundry what a resource asked for and didn't get", async () => {
    const world = await signedIn();
    world.entra.refusedResources.set(MCP, 50076);
    await headers(world, MCP);
    world.entra.setFault('poll', { kind: 'aadsts', code: 53003 });
    const login = run(world.env, 'login', '--no-browser', '--resource', MCP);
    const code = await world.entra.waitForUserCode();
    expect(await login).toMatchObject({ exitCode: 9 });
    world.entra.expire(code);
    world.entra.setFault('poll', undefined);
    const again = run(world.env, 'login', '--no-browser');
    world.entra.approve(await world.entra.waitForUserCode());
    expect(await again).toMatchObject({ exitCode: 0 });
    const asked = world.entra.requests.filter(({ endpoint }) => endpoint === 'devicecode');
    expect(asked.map(({ parameters }) => parameters['claims'] === undefined)).toEqual([true, false, true]);
  });

  it('forgets the tokens when someone signs out, and gets new ones after a restart of the agent', async () => {
    const world = await signedIn();
    const before = tokenOf(await headers(world, MCP));
    await killAgent(world.env);
    expect(tokenOf(await headers(world, MCP))).not.toBe(before);
    await run(world.env, 'logout');
    expect(await headers(world, MCP)).toMatchObject({ exitCode: 4, stdout: '' });
    const { resources } = await runJson(world.env, 'status');
    expect(resources).toBeUndefined();
  });

  it('stops handing them out when the settings change', async () => {
    const world = await signedIn();
    tokenOf(await headers(world, MCP));
    world.sandbox.writeConfig({ ...world.config, allowedResources: [GIT] });
    await expect.poll(async () => (await headers(world, MCP)).exitCode).toBe(3);
    tokenOf(await headers(world, GIT));
  });
});

describe('a resource that no one has allowed', () => {
  const injections = [
    'api://contoso-mcp/.default\r\nX-Evil: 1',
    'api://contoso-mcp/.default offline_access',
    'api://contoso-mcp/.default","X-Evil":"1',
    'https://graph.microsoft.com/.default',
    'https://cognitiveservices.azure.com.evil.example/.default',
    '--help-me',
    '',
    'x'.repeat(1000),
  ];

  it('gets no token, and its text never reaches Entra', async () => {
    const world = await signedIn();
    const { requests } = world.entra;
    const before = requests.length;
    const asked = 'protocol=https\nhost=git.contoso.com\n';
    for (const [index, resource] of injections.entries()) {
      const command = [['headers'], ['token'], ['git-credential', '--host', 'git.contoso.com', 'get']][index % 3] ?? [];
      const answer = await runWithInput(world.env, asked, [binary, ...command, `--resource=${resource}`]);
      expect(answer).toMatchObject({ exitCode: 3, stdout: '' });
      expect(answer.stderr.split('\n')).toHaveLength(3);
    }
    expect(requests.length).toBe(before);
  });

  it.runIf(canUnshareMounts)('may be one that a user adds next to a policy', async () => {
    const world = await signedIn([MCP]);
    await run(world.env, 'agent', 'stop');
    const etc = createEtcFolder(world.sandbox.root);
    const { allowedResources: _, ...policy } = world.config;
    const ask = (resource: string) =>
      runWithInput(world.env, '', etc.seenBy([binary, 'headers', '--resource', resource]));
    etc.writePolicy(policy);
    const refused = await ask(MCP);
    expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
    expect(refused.stderr).toContain('error[ERR_RESOURCE_NOT_ALLOWED]');
    etc.writePolicy({ ...policy, allowedResources: [GIT] });
    tokenOf(await ask(GIT));
    expect(await ask(MCP)).toMatchObject({ exitCode: 3, stdout: '' });
  });
});

interface Served {
  readonly authority: string;
  readonly seen: IncomingHttpHeaders[];
}

/** A Git server with one empty repository, for those who come with a token for `GIT`. */
async function gitServer(world: World): Promise<Served> {
  const seen: IncomingHttpHeaders[] = [];
  const listener = await listenHttps(await world.ca.issue(['localhost']), (request, response) => {
    seen.push(request.headers);
    const [, basic = ''] = /^Basic (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    const [, token = ''] = /^[^:]+:(.*)$/.exec(Buffer.from(basic, 'base64').toString()) ?? [];
    if (world.entra.checkAccessToken(token, GIT) !== 'valid') {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="git"' }).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'application/x-git-upload-pack-advertisement' });
    response.end('001e# service=git-upload-pack\n0000' + '0000');
  });
  onTestFinished(() => listener.close());
  return { authority: `localhost:${listener.port}`, seen };
}

describe.runIf(process.platform === 'linux')('the real Git', () => {
  const git = (world: World, authority: string, host = authority): Promise<Run> => {
    const helper = `${binary} git-credential --host ${host} --resource ${GIT}`;
    const options = ['credential.helper=', `credential.https://${authority}.helper=${helper}`];
    const env = { ...world.env, GIT_SSL_CAINFO: world.caFile, GIT_TERMINAL_PROMPT: '0', NO_PROXY: 'localhost' };
    const settings = options.flatMap((option) => ['-c', option]);
    return runWithInput(env, '', ['git', ...settings, 'ls-remote', `https://${authority}/contoso/_git/plugins`]);
  };

  it('reads a repository with a token for it', async () => {
    const world = await signedIn();
    const { authority, seen } = await gitServer(world);
    expect(await git(world, authority)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(seen.map(({ authorization }) => authorization !== undefined)).toEqual([false, true]);
    await expect.poll(() => auditLines(world).at(-1)).toMatchObject({ client: 'git-credential', resource: GIT });
  });

  it('gets nothing for a host that no one has mapped', async () => {
    const world = await signedIn();
    const { authority, seen } = await gitServer(world);
    expect(await git(world, authority, 'dev.azure.com')).toMatchObject({ exitCode: 128 });
    expect(seen.map(({ authorization }) => authorization)).toEqual([undefined]);
    expect(world.entra.grants.refresh_token).toBe(0);
  });
});

describe('git-credential', () => {
  const ask = (world: World, input: string, ...args: string[]): Promise<Run> =>
    runWithInput(world.env, input, [binary, 'git-credential', '--host', 'git.contoso.com', '--resource', GIT, ...args]);

  it('answers in the form that Git asks for', async () => {
    const world = await signedIn();
    const asked = 'protocol=https\nhost=git.contoso.com\n';
    const old = await ask(world, `${asked}\n`, 'get');
    expect(old.stdout).toMatch(/^username=oauth2\npassword=[\w.-]+\npassword_expiry_utc=\d+\n$/);
    const named = await ask(world, `${asked}username=contoso\npath=contoso/_git/plugins\n`, 'get');
    expect(named.stdout).toBe(old.stdout.replace('oauth2', 'contoso'));
    const input = `capability[]=authtype\ncapability[]=state\n${asked}wwwauth[]=Bearer\nwwwauth[]=Basic realm="git"\n`;
    const { stdout } = await ask(world, input, 'get');
    expect(stdout).toMatch(
      /^capability\[\]=authtype\nauthtype=Bearer\ncredential=[\w.-]+\nephemeral=1\npassword_expiry_utc=\d+\n$/,
    );
    const token = /^credential=(.*)$/m.exec(stdout)?.[1] ?? '';
    expect(world.entra.checkAccessToken(token, GIT)).toBe('valid');
  });

  it('says nothing about another host, and keeps nothing', async () => {
    const world = await signedIn();
    const rows = [
      ['get', 'protocol=https\nhost=git.fabrikam.com\n'],
      ['get', 'protocol=https\nhost=evil-git.contoso.com\n'],
      ['get', 'protocol=https\nhost=git.contoso.com:8443\n'],
      ['get', 'protocol=http\nhost=git.contoso.com\n'],
      ['get', 'protocol=https\nhost=git.contoso.com\0.evil.example\n'],
      ['get', 'protocol=https\nhost=git.contoso.com\nhost=git.fabrikam.com\n'],
      ['get', 'protocol=https\n'],
      ['get', ''],
      ['store', 'protocol=https\nhost=git.contoso.com\npassword=x\n'],
      ['erase', 'protocol=https\nhost=git.contoso.com\npassword=x\n'],
      ['an-operation-of-a-newer-git', 'protocol=https\nhost=git.contoso.com\n'],
    ] as const;
    for (const [operation, input] of rows) {
      expect(await ask(world, input, operation)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    }
    expect(world.entra.grants.refresh_token).toBe(0);
  });

  it("doesn't wait for the end of an input that an empty line has ended", async () => {
    const world = await signedIn();
    const command = ['git-credential', '--host', 'git.contoso.com', '--resource', GIT, 'get'];
    const child = spawn(binary, command, { env: world.env, stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill());
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stdin.write('protocol=https\nhost=git.contoso.com\n\n');
    await expect.poll(() => child.exitCode).toBe(0);
    expect(stdout).toMatch(/^password=[\w.-]+$/m);
  });

  it("takes one host's name only", async () => {
    const world = await worldForTest();
    for (const host of ['https://git.contoso.com', '*.contoso.com', 'git.contoso.com/x', '', 'a\nb']) {
      const answer = await runWithInput(world.env, '', [binary, 'git-credential', `--host=${host}`, 'get']);
      expect(answer).toMatchObject({ exitCode: 2, stdout: '' });
      expect(answer.stderr).toContain('error[ERR_USAGE]');
    }
  });
});
