// Claude Code itself in print mode: tokens by its `apiKeyHelper`, and by the token endpoint of `exec`.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { sample } from '../../support/harness/long.ts';
import { binary, run } from '../support.ts';
import { blocksOf, type Client, clientWorld, runClaudeCode, runShell, seen } from './support.ts';

const HELLO = 'Hello from your Foundry deployment.\n';
/** A token that was minted less than a minute ago isn't replaced. */
const REJECTED_AFTER_MS = 60_000;

async function configured(): Promise<Client> {
  const client = await clientWorld();
  expect(await run(client.env, 'claude-code', 'configure')).toMatchObject({ exitCode: 0 });
  return client;
}

/** One turn with a command in its middle that runs until it is let continue; `reached` waits for it. */
function withPause({ world, project }: Client) {
  const [started, go] = [join(project, 'started'), join(project, 'go')];
  const command = `touch ${started}; while [ ! -e ${go} ]; do sleep 0.2; done`;
  world.foundry.callTool('Bash', { command, description: 'Waits', timeout: 120_000 });
  return {
    args: ['--allowedTools', 'Bash'],
    reached: () => expect.poll(() => existsSync(started)).toBe(true),
    goOn: () => writeFileSync(go, ''),
  };
}

describe('Claude Code, configured by this program', () => {
  it("is answered with this program's token, only in Authorization", async () => {
    const client = await configured();
    expect(await runClaudeCode(client)).toMatchObject({ exitCode: 0, stdout: HELLO, stderr: '' });
    expect(new Set(seen(client.world))).toEqual(new Set(['messages 200 by authorization A']));
    expect(client.world.entra.count('refresh')).toBe(0);
    expect(await run(client.env, 'claude-code', 'status')).toMatchObject({ exitCode: 0 });
  });

  it('continues with another token when one is rejected in the middle', async () => {
    const client = await configured();
    const pause = withPause(client);
    const running = runClaudeCode(client, pause.args);
    await pause.reached();
    client.world.entra.revokeAccessTokens();
    await sleep(REJECTED_AFTER_MS);
    pause.goOn();
    expect(await running).toMatchObject({ exitCode: 0, stdout: HELLO });
    expect(seen(client.world).slice(-3)).toEqual([
      'messages 200 by authorization A',
      'messages 401 by authorization A',
      'messages 200 by authorization B',
    ]);
    expect(client.world.entra.count('refresh')).toBe(1);
  });

  it('continues with another token when one expires in the middle', async () => {
    const client = await configured();
    client.world.entra.accessTokenLifetimeSec = 20;
    await run(client.env, 'agent', 'stop');
    const pause = withPause(client);
    const running = runClaudeCode(client, pause.args);
    await pause.reached();
    await sleep(20_000);
    pause.goOn();
    expect(await running).toMatchObject({ exitCode: 0, stdout: HELLO });
    expect(seen(client.world).at(-1)).toBe('messages 200 by authorization B');
  });

  it("shows this program's message when no one is signed in anymore", async () => {
    const client = await configured();
    await run(client.env, 'logout');
    const { exitCode, stdout, stderr } = await runClaudeCode({
      ...client,
      env: { ...client.env, CLAUDE_CODE_MAX_RETRIES: '1' },
    });
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toContain("error[ERR_SIGN_IN_REQUIRED]: you're not signed in");
  });
});

describe('models as objects', () => {
  const models = [
    { name: 'claude-sonnet-5', supports1m: true },
    'claude-haiku-4-5',
    'claude-opus-4-8',
    { name: 'contoso-frontier', anthropicFamilyTier: 'fable' },
  ];
  const names = ['claude-sonnet-5', 'claude-haiku-4-5', 'claude-opus-4-8', 'contoso-frontier'];

  it('are asked for by their tiers, without the suffix for a million tokens', async () => {
    const client = await clientWorld({ models: names, config: { models } });
    expect(await run(client.env, 'claude-code', 'configure')).toMatchObject({ exitCode: 0 });
    const settings = join(client.env['HOME'] ?? '', '.claude/settings.json');
    expect(JSON.parse(readFileSync(settings, 'utf8'))).toMatchObject({
      env: { ANTHROPIC_DEFAULT_MODEL: 'claude-sonnet-5[1m]', ANTHROPIC_DEFAULT_FABLE_MODEL: 'contoso-frontier' },
    });
    const tiers = sample(['haiku', 'sonnet', 'opus', 'fable'], 2);
    for (const tier of tiers) {
      expect(await runClaudeCode(client, ['--model', tier])).toMatchObject({ exitCode: 0 });
    }
    const asked = [...new Set(client.world.foundry.requests.map(({ model }) => model))];
    const all = ['claude-haiku-4-5', 'claude-sonnet-5', 'claude-opus-4-8', 'contoso-frontier'];
    expect(asked).toEqual(sample(all, 2));
  });

  it('leave the choice to the user', async () => {
    const client = await clientWorld({ models: names, config: { models } });
    expect(await run(client.env, 'claude-code', 'configure')).toMatchObject({ exitCode: 0 });
    expect(await runClaudeCode(client)).toMatchObject({ exitCode: 0 });
    const folder = join(client.project, '.claude');
    mkdirSync(folder);
    writeFileSync(join(folder, 'settings.json'), '{"model": "opus"}');
    expect(await runClaudeCode(client)).toMatchObject({ exitCode: 0 });
    const asked = [...new Set(client.world.foundry.requests.map(({ model }) => model))];
    expect(asked).toEqual(['claude-sonnet-5', 'claude-opus-4-8']);
  });
});

describe('docs/how-to/clients/claude-code.md', () => {
  const [byHelper = '', byEndpoint = ''] = blocksOf('claude-code.md', 'sh');
  const [documented = ''] = blocksOf('claude-code.md', 'json');

  it('shows how to configure, use and undo it, and what that writes', async () => {
    const client = await clientWorld();
    const settings = join(client.env['HOME'] ?? '', '.claude/settings.json');
    const [configure = '', ...rest] = byHelper.trim().split('\n');
    expect(await runShell(client, configure)).toMatchObject({ exitCode: 0 });
    const written = JSON.parse(readFileSync(settings, 'utf8')) as object;
    const apiKeyHelper = `${binary} claude-code token`;
    expect(written).toEqual({ ...(JSON.parse(documented) as object), apiKeyHelper });
    const { exitCode, stdout } = await runShell(client, rest.join('\n'));
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(HELLO) });
    expect(seen(client.world).at(-1)).toBe('messages 200 by authorization A');
    expect(JSON.parse(readFileSync(settings, 'utf8'))).toEqual({});
  });

  it('shows how to work without settings', async () => {
    const client = await clientWorld();
    expect(await runShell(client, byEndpoint)).toMatchObject({ exitCode: 0, stdout: HELLO });
    expect(new Set(seen(client.world))).toEqual(new Set(['messages 200 by authorization A']));
  });
});
