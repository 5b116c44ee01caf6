// Claude Code with this program's own commands as its helpers: tokens for other services from the sign-in for Foundry.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GREETING } from '../../support/servers/mcp-server.ts';
import { startOtlpCollector } from '../../support/servers/otlp-collector.ts';
import { MARKETPLACE, PLUGIN, startPluginServer } from '../../support/servers/plugin-server.ts';
import { binary, type Run, run, runWithInput } from '../support.ts';
import {
  addSettings,
  configuredClient,
  MCP,
  MCP_HOST,
  MCP_TOOL,
  seenBy,
  serverSession,
  startService,
  TELEMETRY,
} from './header-helper.ts';
import { claude, runClaudeCode, seen } from './support.ts';

const HELLO = 'Hello from your Foundry deployment.\n';

const FAILED = '{"name":"greeter","status":"failed","source":"dynamic"}';

describe('an MCP server', () => {
  it('gets tokens for itself, Foundry gets its own, and one sign-in is enough for both', async () => {
    const { client, mcp, turn } = await serverSession();
    client.world.foundry.callTool(MCP_TOOL, {});
    const { exitCode, stdout } = await turn();
    expect(exitCode).toBe(0);
    expect(stdout).toContain(GREETING);
    expect(seenBy(mcp, '/mcp').at(-1)).toBe(`POST 200 by A for ${MCP}`);
    expect(new Set(mcp.requests.map(({ audience }) => audience))).toEqual(new Set([MCP]));
    expect(new Set(seen(client.world))).toEqual(new Set(['messages 200 by authorization A']));
    expect(client.world.entra.grants).toEqual({ device_code: 1, authorization_code: 0, refresh_token: 1 });
  });

  it("that policy doesn't allow gets nothing: Claude Code continues without it, and status names it", async () => {
    const { client, mcp, turn } = await serverSession({});
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
    const { client, turn } = await serverSession();
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

describe('Claude Desktop, which runs a helper without arguments', () => {
  /** The exported script for the MCP server, and what Claude Desktop gets from one. */
  async function exported() {
    const client = await configuredClient({}, { allowedResources: [MCP] });
    const { env, project, world } = client;
    const folder = join(project, 'rollout');
    const args = ['--helper-linux', binary];
    expect(await run(env, 'config', 'export', folder, ...args)).toMatchObject({ exitCode: 0 });
    const path = join(folder, 'linux/headers', `foundry-credential-helper-${MCP_HOST}`);
    chmodSync(path, 0o755);
    return { path, world, start: () => runWithInput(env, '', [path], project) };
  }

  it('gets headers for an MCP server from the script that an export has', async () => {
    const { start, world } = await exported();
    const { exitCode, stdout, stderr } = await start();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { Authorization = '' } = JSON.parse(stdout) as Record<string, string>;
    expect(world.entra.checkAccessToken(Authorization.replace(/^Bearer /, ''), MCP)).toBe('valid');
  });

  it('gets a bare token for a marketplace from the same script with "token"', async () => {
    const { path, start, world } = await exported();
    writeFileSync(path, readFileSync(path, 'utf8').replace(' headers ', ' token '));
    const { exitCode, stdout, stderr } = await start();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(world.entra.checkAccessToken(stdout.trim(), MCP)).toBe('valid');
  });

  it('gets only a reason and an exit code when the sign-in is over', async () => {
    const { start, world } = await exported();
    world.entra.revokeAll();
    const { exitCode, stdout, stderr } = await start();
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(stderr).toMatch(/^foundry-credential-helper: error\[ERR_/);
  });
});
