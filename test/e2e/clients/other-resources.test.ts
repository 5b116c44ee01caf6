// Claude Code with this program's own commands as its helpers: tokens for other services from the sign-in for Foundry.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { GREETING, type McpServer, startMcpServer } from '../../support/servers/mcp-server.ts';
import { startOtlpCollector } from '../../support/servers/otlp-collector.ts';
import { MARKETPLACE, PLUGIN, startPluginServer } from '../../support/servers/plugin-server.ts';
import { type Run, run, runWithInput } from '../support.ts';
import { addSettings, configuredClient, pauseIn, seenBy, startService, TELEMETRY } from './header-helper.ts';
import { type Client, claude, runClaudeCode, seen } from './support.ts';

const HELLO = 'Hello from your Foundry deployment.\n';
const HOST = 'mcp.contoso.com';
const MCP = `api://${HOST}`;
const TOOL = 'mcp__greeter__greet';
/** A token that was minted less than a minute ago isn't replaced. */
const REJECTED_AFTER_MS = 60_000;

interface Session {
  readonly client: Client;
  readonly mcp: McpServer;
  /** One turn, with each event as a line of JSON. */
  turn(): Promise<Run>;
}

/** Claude Code with an MCP server, whose `headersHelper` is this program. */
async function session(config: Readonly<Record<string, unknown>> = { allowedResources: [MCP] }): Promise<Session> {
  const client = await configuredClient({}, config);
  const mcp = await startService(client, HOST, startMcpServer);
  const headersHelper = `foundry-credential-helper headers --resource ${MCP}`;
  // In the project, so that "claude-code status" finds it too; Claude Code reads it as a file that it's given.
  const file = join(client.project, '.mcp.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { greeter: { type: 'http', url: mcp.url, headersHelper } } }));
  const args = ['--mcp-config', file, '--strict-mcp-config', '--allowedTools', `Bash,${TOOL}`];
  const turn = (): Promise<Run> => runClaudeCode(client, [...args, '--output-format', 'stream-json', '--verbose']);
  return { client, mcp, turn };
}

const FAILED = '{"name":"greeter","status":"failed","source":"dynamic"}';

describe('an MCP server', () => {
  it('gets tokens for itself, Foundry gets its own, and one sign-in is enough for both', async () => {
    const { client, mcp, turn } = await session();
    client.world.foundry.callTool(TOOL, {});
    const { exitCode, stdout } = await turn();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(GREETING);
    expect(seenBy(mcp, '/mcp').at(-1)).toBe(`POST 200 by A for ${MCP}`);
    expect(new Set(mcp.requests.map(({ audience }) => audience))).toEqual(new Set([MCP]));
    expect(new Set(seen(client.world))).toEqual(new Set(['messages 200 by authorization A']));
    expect(client.world.entra.grants).toEqual({ device_code: 1, authorization_code: 0, refresh_token: 1 });
  });

  it('gets another token when one is rejected in the middle', async () => {
    const { client, mcp, turn } = await session();
    const pause = pauseIn(client);
    client.world.foundry.callTool(TOOL, {});
    const running = turn();
    await pause.reached();
    await sleep(REJECTED_AFTER_MS);
    client.world.entra.revokeAccessTokens(MCP);
    pause.goOn();
    expect((await running).stdout).toContain(GREETING);
    expect(seenBy(mcp, '/mcp').at(-1)).toBe(`POST 200 by B for ${MCP}`);
  });

  it('gets another token when one expires in the middle', async () => {
    const { client, mcp, turn } = await session();
    client.world.entra.accessTokenLifetimeSec = 20;
    const pause = pauseIn(client);
    client.world.foundry.callTool(TOOL, {});
    const running = turn();
    await pause.reached();
    await sleep(20_000);
    pause.goOn();
    expect((await running).stdout).toContain(GREETING);
    expect(seenBy(mcp, '/mcp').at(-1)).toMatch(/^POST 200 by [B-Z] /);
  });

  it("that policy doesn't allow gets nothing: Claude Code continues without it, and status names it", async () => {
    const { client, mcp, turn } = await session({});
    const { exitCode, stdout } = await turn();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(HELLO.trim());
    expect(stdout).toContain(FAILED);
    expect(new Set(mcp.requests.map(({ tokenId }) => tokenId))).toEqual(new Set([undefined]));
    const command = await run(client.env, 'headers', '--resource', MCP);
    expect(command).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('ERR_RESOURCE_NOT_ALLOWED'),
    });
    const status = await runWithInput(
      client.env,
      '',
      ['foundry-credential-helper', 'claude-code', 'status'],
      client.project,
    );
    expect(status).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('.mcp.json asks for a resource that isn\'t in "allowedResources"'),
    });
  });

  it("that no one has consented to gets nothing, and Foundry's sign-in is as before", async () => {
    const { client, turn } = await session();
    client.world.entra.setFault('refresh', { kind: 'aadsts', code: 65001 });
    const { exitCode, stdout } = await turn();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(HELLO.trim());
    expect(stdout).toContain(FAILED);
    expect(await run(client.env, 'headers', '--resource', MCP)).toMatchObject({
      exitCode: 9,
      stdout: '',
      stderr: expect.stringContaining('ERR_RESOURCE_CONSENT_REQUIRED'),
    });
    expect(await run(client.env, 'status')).toMatchObject({ exitCode: 0 });
  });
});

describe('telemetry', () => {
  it('is sent with a token for the collector', async () => {
    const audience = 'api://otel.contoso.com';
    const client = await configuredClient(TELEMETRY, { allowedResources: [audience] });
    const collector = await startService(client, 'otel.contoso.com', startOtlpCollector);
    addSettings(client, { otelHeadersHelper: `foundry-credential-helper headers --resource ${audience}` });
    expect(await runClaudeCode(client)).toMatchObject({ exitCode: 0, stdout: HELLO, stderr: '' });
    expect(collector.events).toContain('claude_code.user_prompt');
    expect(new Set(seenBy(collector, '/v1/'))).toEqual(new Set([`POST 200 by A for ${audience}`]));
  });

  it("that policy doesn't allow isn't sent, and the user reads why", async () => {
    const client = await configuredClient(TELEMETRY);
    const collector = await startService(client, 'otel.contoso.com', startOtlpCollector);
    addSettings(client, { otelHeadersHelper: `foundry-credential-helper headers --resource ${collector.audience}` });
    const { exitCode, stdout, stderr } = await runClaudeCode(client);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: HELLO });
    expect(stderr).toContain('exited 3: foundry-credential-helper: error[ERR_RESOURCE_NOT_ALLOWED]');
    expect(collector.requests).toEqual([]);
  });
});

describe('a plugin marketplace', () => {
  const PLUGINS = 'plugins.contoso.com';

  it('on a git server gets a token from git-credential', async () => {
    const client = await configuredClient({}, { allowedResources: [`api://${PLUGINS}`] });
    const root = join(client.world.sandbox.root, 'plugins');
    mkdirSync(root);
    const plugins = await startService(client, PLUGINS, (options) => startPluginServer({ ...options, root }));
    const helper = `!foundry-credential-helper git-credential --host ${PLUGINS} --resource ${plugins.audience}`;
    writeFileSync(
      join(client.env['HOME'] ?? '', '.gitconfig'),
      `[credential "https://${PLUGINS}"]\n\thelper = ${helper}\n`,
    );
    const plugin = (...args: string[]): Promise<Run> =>
      runWithInput(client.env, '', [claude, 'plugin', ...args], client.project);
    expect(await plugin('marketplace', 'add', plugins.gitUrl)).toMatchObject({ exitCode: 0 });
    expect(await plugin('install', `${PLUGIN}@${MARKETPLACE}`)).toMatchObject({ exitCode: 0 });
    expect(seenBy(plugins, '/plugins.git').at(-1)).toBe(`POST 200 by A for api://${PLUGINS}`);
  });
});
