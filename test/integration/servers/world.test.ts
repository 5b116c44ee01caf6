// The world holds together: what the product is told leads to servers that are there, and nothing remains.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findSecretsInFiles, findSecretsInText } from '../../support/harness/find-secrets.ts';
import { killOwned, spawnOwned } from '../../support/harness/process-cleanup.ts';
import { createSandbox } from '../../support/harness/sandbox.ts';
import { createWorld } from '../../support/harness/world.ts';
import { MsalClient, send } from './msal-client.ts';

const run = promisify(execFile);

describe('a world', () => {
  it('signs in, calls Foundry and vanishes', async () => {
    const world = await createWorld({ config: { organizationName: 'Contoso Ltd' } });
    const { entra, foundry, proxy, sandbox } = world;
    const config = JSON.parse(readFileSync(sandbox.configFile, 'utf8')) as Record<string, string>;
    expect(config).toMatchObject({ tenantId: entra.tenantId, organizationName: 'Contoso Ltd', caFile: world.caFile });

    const ca = readFileSync(config['caFile'] ?? '', 'utf8');
    const client = new MsalClient({ ...entra, proxyUrl: config['proxy'] ?? '', ca });
    const { accessToken } = await client.signIn((userCode) => entra.approve(userCode));
    const agent = new Agent({ ca, proxyEnv: { HTTPS_PROXY: proxy.url } } as ConstructorParameters<typeof Agent>[0]);
    const ask = () =>
      send('POST', `https://${foundry.host}/anthropic/v1/messages/count_tokens`, agent, {
        headers: { authorization: `Bearer ${accessToken}`, 'anthropic-version': '2023-06-01' },
        body: JSON.stringify({ model: 'claude-sonnet-5', messages: [] }),
      });
    expect((await ask()).status).toBe(200);
    entra.revokeAccessTokens();
    expect((await ask()).status).toBe(401);
    expect(findSecretsInFiles(sandbox.root, entra.secrets())).toEqual([]);

    await world.dispose();
    expect(existsSync(sandbox.root)).toBe(false);
    await expect(ask()).rejects.toThrow();
  });

  it.runIf(process.platform === 'linux').each([
    ['unlocked', true],
    ['absent', true],
    ['no-bus', false],
  ] as const)('has the keystore that it should: %s', async (secretService, hasBus) => {
    const world = await createWorld({ secretService });
    try {
      expect('DBUS_SESSION_BUS_ADDRESS' in world.env).toBe(hasBus);
      expect(world.secretService !== undefined).toBe(secretService === 'unlocked');
      expect(world.sandbox.processes()).toEqual([]);
    } finally {
      await world.dispose();
    }
  });
});

describe.runIf(process.platform === 'linux')('a sandbox', () => {
  it('keeps the developer’s environment out and records what is opened', async () => {
    const sandbox = createSandbox();
    try {
      const { stdout } = await run('env', { env: sandbox.env });
      expect(stdout).not.toMatch(/NODE_EXTRA_CA_CERTS|_PROXY|DBUS|DISPLAY|NODE_OPTIONS/i);
      await run('xdg-open', ["https://example.com/?a=1&b='2'"], { env: sandbox.env });
      expect(await sandbox.waitForOpenedUrl(1000)).toBe("https://example.com/?a=1&b='2'");
      await expect(sandbox.waitForOpenedUrl(50, 1)).rejects.toThrow(/no URL was opened/);
    } finally {
      await sandbox.dispose();
    }
  });

  it('finds and ends what was started in it', async () => {
    const sandbox = createSandbox();
    const child = spawn('sleep', ['30'], { env: sandbox.env, detached: true, stdio: 'ignore' });
    await expect.poll(() => sandbox.processes()).toEqual([{ pid: child.pid, command: 'sleep 30' }]);
    await sandbox.dispose();
    expect(sandbox.processes()).toEqual([]);
    expect(existsSync(sandbox.root)).toBe(false);
  });
});

describe('searching for secrets', () => {
  const secret = 'canary+/~secret-0123456789';

  it('finds them in every form, and nothing else', async () => {
    const sandbox = createSandbox();
    const folder = join(sandbox.root, 'found', 'deep');
    mkdirSync(folder, { recursive: true });
    const files = {
      text: `x${secret}y`,
      'base64-0': Buffer.from(`${secret}.`).toString('base64'),
      'base64-1': Buffer.from(`a${secret}`).toString('base64'),
      'base64-2': Buffer.from(`ab${secret}zz`).toString('base64url'),
      'utf-16': Buffer.from(`ö${secret}`, 'utf16le'),
      'utf-16be': Buffer.from(secret, 'utf16le').swap16(),
      hex: Buffer.from(secret).toString('hex'),
      clean: secret.slice(1),
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    symlinkSync(Buffer.from(secret).toString('base64url'), join(folder, 'link'));
    const found = findSecretsInFiles(sandbox.root, ['another-secret', secret]);
    expect(new Set(found.map(({ file }) => file.slice(folder.length + 1)))).toEqual(
      new Set([...Object.keys(files).filter((name) => name !== 'clean'), 'link']),
    );
    expect(found.every((finding) => finding.secret === 1)).toBe(true);
    await sandbox.dispose();
  });

  it.runIf(process.platform === 'linux')('finds them in a file that a program replaces all the time', async () => {
    const sandbox = createSandbox();
    const file = join(sandbox.root, 'replaced');
    writeFileSync(file, secret);
    const replace = `const { renameSync, writeFileSync } = require('node:fs');
      setInterval(() => (writeFileSync('new', '${secret}'), renameSync('new', 'replaced')), 1);`;
    const program = spawnOwned(process.execPath, ['-e', replace], { cwd: sandbox.root, stdio: 'ignore' });
    for (let count = 0; count < 500; count += 1) {
      expect(findSecretsInFiles(sandbox.root, [secret])).toContainEqual({ file, secret: 0, form: 'text' });
    }
    await killOwned(program);
    await sandbox.dispose();
  });

  it('searches the output of a program, and refuses what would be found by chance', () => {
    expect(findSecretsInText(`token: ${secret}`, [secret], 'stderr')).toEqual([
      { file: 'stderr', secret: 0, form: 'text' },
    ]);
    expect(() => findSecretsInText('', ['short'])).toThrow(/too short/);
  });
});
