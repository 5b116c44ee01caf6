// How the real Claude Code runs the helpers that print headers for other services, and what it does with the output.
// docs/how-to/other-resources.md says for each of them what was tried here.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createManagedSettingsFolders } from '../../support/harness/managed-settings.ts';
import { canUnshareMounts } from '../../support/harness/mount-namespace.ts';
import { GREETING, type McpServer, startMcpServer } from '../../support/servers/mcp-server.ts';
import { type OtlpCollector, startOtlpCollector } from '../../support/servers/otlp-collector.ts';
import { MARKETPLACE, PLUGIN, type PluginServer, startPluginServer } from '../../support/servers/plugin-server.ts';
import { type Run, runWithInput } from '../support.ts';
import {
  addSettings,
  configuredClient,
  pauseIn,
  type RecordingHelper,
  recordingHelper,
  seenBy,
  startService,
  TELEMETRY,
} from './header-helper.ts';
import { type Client, claude, runClaudeCode } from './support.ts';

const HELLO = 'Hello from your Foundry deployment.\n';

describe('headersHelper of an MCP server', () => {
  interface Session {
    readonly client: Client;
    readonly mcp: McpServer;
    readonly helper: RecordingHelper;
    /** One turn, in which the model calls the server's tool if the client offers it. */
    turn(...args: string[]): Promise<Run>;
  }

  const HOST = 'mcp.contoso.com';
  const TOOL = 'mcp__greeter__greet';
  const server = ({ mcp, helper }: Pick<Session, 'mcp' | 'helper'>, command = helper.command): object => ({
    mcpServers: { greeter: { type: 'http', url: mcp.url, headersHelper: command } },
  });

  async function session(command?: (client: Client) => string): Promise<Session> {
    const client = await configuredClient();
    const mcp = await startService(client, HOST, startMcpServer);
    const helper = recordingHelper(client, mcp.audience);
    const config = join(client.project, 'servers.json');
    writeFileSync(config, JSON.stringify(server({ mcp, helper }, command?.(client))));
    const given = ['--mcp-config', config, '--allowedTools', `Bash,${TOOL}`];
    const turn = (...args: string[]): Promise<Run> => runClaudeCode(client, [...given, ...args]);
    return { client, mcp, helper, turn };
  }

  it('is a command for a shell, run once for a connection, whose headers go to the server', async () => {
    const { client, mcp, helper, turn } = await session();
    client.world.foundry.callTool(TOOL, {});
    expect(await turn()).toMatchObject({ exitCode: 0, stdout: HELLO });
    expect(mcp.methods).toContain('tools/call');
    expect(new Set(seenBy(mcp, '/mcp'))).toEqual(
      new Set([
        'POST 200 by A for api://mcp.contoso.com',
        'POST 202 by A for api://mcp.contoso.com',
        'GET 405 by A for api://mcp.contoso.com',
      ]),
    );
    expect(helper.runs()).toEqual([
      {
        arguments: 'headers --resource api://mcp.contoso.com',
        parent: `/bin/sh -c ${helper.command}`,
        folder: client.project,
        variables: ['CLAUDE_CODE_MCP_SERVER_NAME=greeter', `CLAUDE_CODE_MCP_SERVER_URL=${mcp.url}`],
        input: '',
      },
    ]);
  });

  it('runs again when the server rejects the token, and the call is repeated once', async () => {
    const { client, mcp, helper, turn } = await session();
    const pause = pauseIn(client);
    client.world.foundry.callTool(TOOL, {});
    const running = turn('--output-format', 'stream-json', '--verbose');
    await pause.reached();
    client.world.entra.revokeAccessTokens(mcp.audience);
    helper.renew();
    pause.goOn();
    expect((await running).stdout).toContain(GREETING);
    const seen = seenBy(mcp, '/mcp');
    expect(seen.filter((line) => line.startsWith('POST 401'))).toEqual(['POST 401 by A for api://mcp.contoso.com']);
    expect(seen.at(-1)).toBe('POST 200 by B for api://mcp.contoso.com');
    expect(helper.runs()).toHaveLength(2);
  });

  it("doesn't stop Claude Code by failing: it continues without the server, and doesn't say why", async () => {
    const { mcp, helper, turn } = await session();
    helper.fail('policy does not allow it');
    const { exitCode, stdout, stderr } = await turn('--output-format', 'stream-json', '--verbose');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(HELLO.trim());
    expect(stdout).toContain('{"name":"greeter","status":"failed","source":"dynamic"}');
    expect(stdout + stderr).not.toContain('policy does not allow it');
    // It asks the server without a token, and looks for another way to sign in.
    expect(new Set(mcp.requests.map(({ tokenId }) => tokenId))).toEqual(new Set([undefined]));
    expect(mcp.requests.map(({ path }) => path)).toContain('/register');
  });

  it("gets nowhere with Foundry's token, which the server refuses", async () => {
    const print = `printf '{"Authorization":"Bearer %s"}' "$(foundry-credential-helper token)"`;
    const { mcp, turn } = await session(() => print);
    const { exitCode, stdout } = await turn('--output-format', 'stream-json', '--verbose');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('{"name":"greeter","status":"failed","source":"dynamic"}');
    expect(new Set(seenBy(mcp, '/mcp'))).toEqual(new Set(['POST 401 by A for https://cognitiveservices.azure.com']));
    expect(mcp.methods).toEqual([]);
  });

  it.runIf(canUnshareMounts)('runs from managed-mcp.json, but not from managed settings', async () => {
    const { client, mcp, helper } = await session();
    const { world, project } = client;
    const folders = createManagedSettingsFolders(world.sandbox.root);
    const list = async (name: string, content: object): Promise<string> => {
      const folder = join(world.sandbox.root, name);
      mkdirSync(folder);
      writeFileSync(join(folder, name), JSON.stringify(content));
      const command = folders.seenBy(folder, [claude, 'mcp', 'list']);
      const { stdout, stderr } = await runWithInput(client.env, '', command, project);
      return stdout + stderr;
    };
    const { mcpServers } = server({ mcp, helper }) as { readonly mcpServers: object };
    expect(await list('managed-settings.json', { managedMcpServers: mcpServers })).not.toContain('greeter: ');
    expect(helper.runs()).toEqual([]);
    expect(await list('managed-mcp.json', { mcpServers })).toMatch(/greeter: .*Connected/);
    expect(helper.runs()).toHaveLength(1);
  });
});

describe('otelHeadersHelper', () => {
  interface Session {
    readonly client: Client;
    readonly collector: OtlpCollector;
    readonly helper: RecordingHelper;
  }

  async function session(
    command: (helper: RecordingHelper) => string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Session> {
    const client = await configuredClient({ ...TELEMETRY, ...env });
    const collector = await startService(client, 'otel.contoso.com', startOtlpCollector);
    const helper = recordingHelper(client, collector.audience);
    addSettings(client, { otelHeadersHelper: command(helper) });
    return { client, collector, helper };
  }

  it('may be a command with arguments, for a shell; the headers serve a whole session', async () => {
    const { client, collector, helper } = await session(({ command }) => command);
    expect(await runClaudeCode(client)).toMatchObject({ exitCode: 0, stdout: HELLO, stderr: '' });
    expect(collector.events).toContain('claude_code.user_prompt');
    expect(new Set(seenBy(collector, '/v1/'))).toEqual(new Set(['POST 200 by A for api://otel.contoso.com']));
    expect(helper.runs()).toEqual([
      {
        arguments: 'headers --resource api://otel.contoso.com',
        parent: `/bin/sh -c ${helper.command}`,
        folder: client.project,
        variables: [],
        input: '',
      },
    ]);
  });

  it('may be the path of a program, which is run without a shell', async () => {
    const { client, collector, helper } = await session(({ path }) => path);
    expect(await runClaudeCode(client)).toMatchObject({ exitCode: 0, stdout: HELLO, stderr: '' });
    expect(new Set(seenBy(collector, '/v1/'))).toEqual(new Set(['POST 200 by A for api://otel.contoso.com']));
    expect(helper.runs()).toMatchObject([{ arguments: '', parent: expect.stringContaining(claude) }]);
  });

  it('shows its message to the user when it fails, and nothing is sent', async () => {
    const { client, collector, helper } = await session(({ command }) => command);
    helper.fail('policy does not allow it');
    const { exitCode, stdout, stderr } = await runClaudeCode(client);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: HELLO });
    expect(stderr).toContain('exited 9: policy does not allow it');
    expect(collector.requests).toEqual([]);
  });

  /** Has Claude Code wait in the middle of a turn, in which the collector rejects the first token and there's another. */
  async function rejected({ client, collector, helper }: Session) {
    const pause = pauseIn(client);
    const running = runClaudeCode(client, ['--allowedTools', 'Bash']);
    await pause.reached();
    await expect.poll(() => collector.requests.length).toBeGreaterThan(0);
    client.world.entra.revokeAccessTokens(collector.audience);
    helper.renew();
    return { running, goOn: pause.goOn };
  }

  it("doesn't run again when the collector rejects the token: what was to be sent is lost", async () => {
    const given = await session(({ command }) => command);
    const { running, goOn } = await rejected(given);
    goOn();
    expect(await running).toMatchObject({ exitCode: 0, stdout: HELLO, stderr: '' });
    expect(seenBy(given.collector, '/v1/').at(-1)).toBe('POST 401 by A for api://otel.contoso.com');
    expect(given.helper.runs()).toHaveLength(1);
  });

  it('runs again after its interval', async () => {
    const given = await session(({ command }) => command, {
      CLAUDE_CODE_OTEL_HEADERS_HELPER_DEBOUNCE_MS: '1000',
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
    });
    const { running, goOn } = await rejected(given);
    await expect.poll(() => seenBy(given.collector, '/v1/')).toContain('POST 200 by B for api://otel.contoso.com');
    goOn();
    expect(await running).toMatchObject({ exitCode: 0, stdout: HELLO });
  });
});

describe('plugin marketplaces', () => {
  const HOST = 'plugins.contoso.com';

  async function session(): Promise<{ readonly client: Client; readonly plugins: PluginServer }> {
    const client = await configuredClient();
    const root = join(client.world.sandbox.root, 'plugins');
    mkdirSync(root);
    const plugins = await startService(client, HOST, (options) => startPluginServer({ ...options, root }));
    return { client, plugins };
  }

  const plugin = ({ env, project }: Client, ...args: string[]): Promise<Run> =>
    runWithInput(env, '', [claude, 'plugin', ...args], project);

  it('on a git server are cloned by git, with its credential helper', async () => {
    const { client, plugins } = await session();
    const helper = recordingHelper(client, plugins.audience, '--format', 'git');
    const setting = `[credential "https://${HOST}"]\n\thelper = ${helper.command}\n`;
    writeFileSync(join(client.env['HOME'] ?? '', '.gitconfig'), setting);
    expect(await plugin(client, 'marketplace', 'add', plugins.gitUrl)).toMatchObject({ exitCode: 0 });
    expect(await plugin(client, 'install', `${PLUGIN}@${MARKETPLACE}`)).toMatchObject({ exitCode: 0 });
    expect(seenBy(plugins, '/plugins.git').at(-1)).toBe(`POST 200 by A for api://${HOST}`);
    const given = 'headers --resource api://plugins.contoso.com --format git';
    const input = `protocol=https host=${HOST}`;
    expect(helper.runs()).toMatchObject([
      { arguments: `${given} get`, input },
      { arguments: `${given} store`, input: `${input} username=x-access-token` },
    ]);
  });

  it.runIf(canUnshareMounts)('on a web server get the headers of a headersHelper in managed settings', async () => {
    const { client, plugins } = await session();
    const helper = recordingHelper(client, plugins.audience);
    const { world, project } = client;
    const folder = join(world.sandbox.root, 'managed');
    mkdirSync(folder);
    const source = { source: 'url', url: plugins.manifestUrl, headersHelper: helper.command };
    const settings = { extraKnownMarketplaces: { [MARKETPLACE]: { source } } };
    writeFileSync(join(folder, 'managed-settings.json'), JSON.stringify(settings));
    const folders = createManagedSettingsFolders(world.sandbox.root);
    const start = (...args: string[]): Promise<Run> =>
      runWithInput(client.env, '', folders.seenBy(folder, [claude, ...args]), project);
    const pause = pauseIn(client);
    const running = start('-p', 'Say hello.', '--allowedTools', 'Bash');
    // It's fetched in the background.
    const known = join(client.env['HOME'] ?? '', '.claude/plugins/known_marketplaces.json');
    await expect.poll(() => existsSync(known) && readFileSync(known, 'utf8')).toContain(MARKETPLACE);
    pause.goOn();
    expect(await running).toMatchObject({ exitCode: 0, stdout: HELLO });
    expect(await start('plugin', 'install', `${PLUGIN}@${MARKETPLACE}`)).toMatchObject({ exitCode: 0 });
    expect(seenBy(plugins, '/marketplace.json').at(0)).toBe(`GET 200 by A for api://${HOST}`);
    expect(seenBy(plugins, `/${PLUGIN}.zip`)).toEqual([`GET 200 by A for api://${HOST}`]);
    expect(helper.runs()[0]).toMatchObject({
      arguments: 'headers --resource api://plugins.contoso.com',
      parent: `/bin/sh -c ${helper.command}`,
      folder: join(client.env['HOME'] ?? '', '.claude'),
      variables: [`CLAUDE_CODE_MARKETPLACE_NAME=${MARKETPLACE}`, `CLAUDE_CODE_MARKETPLACE_URL=${plugins.manifestUrl}`],
    });
  });
});
