// What the clients call a headers helper, where services other than Foundry take Entra's tokens too.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type McpServer, startMcpServer } from '../../support/servers/mcp-server.ts';
import type { ProtectedResource, ProtectedResourceOptions } from '../../support/servers/protected-resource.ts';
import { type Run, run } from '../support.ts';
import { type Client, clientWorld, runClaudeCode } from './support.ts';

/** Claude Code with its tokens for Foundry from this program, and all tools that it may call loaded from the start. */
export async function configuredClient(
  env: Readonly<Record<string, string>> = {},
  config: Readonly<Record<string, unknown>> = {},
): Promise<Client> {
  const client = await clientWorld({ config });
  expect(await run(client.env, 'claude-code', 'configure')).toMatchObject({ exitCode: 0 });
  const { caFile } = client.world;
  return { ...client, env: { ...client.env, ENABLE_TOOL_SEARCH: 'false', GIT_SSL_CAINFO: caFile, ...env } };
}

/** Starts a service that takes tokens for `api://<its host>` only; it ends with the test, and clients find it by name. */
export async function startService<T extends ProtectedResource>(
  { world: { ca, entra, proxy } }: Client,
  host: string,
  start: (options: Omit<ProtectedResourceOptions, 'answer'>) => Promise<T>,
): Promise<T> {
  const service = await start({ ca, entra, host, audience: `api://${host}` });
  onTestFinished(() => service.close());
  proxy.routes.set(`${host}:443`, service.port);
  return service;
}

/** One run of a helper, as it saw it. */
export interface HelperRun {
  readonly arguments: string;
  /** Command line of the process that ran it. */
  readonly parent: string;
  readonly folder: string;
  /** `CLAUDE_…` variables that say what it's run for. */
  readonly variables: readonly string[];
  /** What it got on standard input, without a password. */
  readonly input: string;
}

export interface RecordingHelper {
  readonly path: string;
  /** With the arguments that this program's own command has. */
  readonly command: string;
  /** From now on, it prints a new token. */
  renew(): void;
  /** From now on, it fails with this line on stderr. */
  fail(line: string): void;
  runs(): readonly HelperRun[];
}

/**
 * A script in place of this program, to see how a client runs a helper and what it does with the output. It prints
 * tokens for the audience: headers, or with `--format git` what git's credential helpers print.
 */
export function recordingHelper({ world }: Client, audience: string, ...args: readonly string[]): RecordingHelper {
  const { account, clientId } = { account: world.entra.account(), clientId: world.entra.clientId };
  const folder = join(world.sandbox.root, `helper-${audience.replaceAll(/\W+/g, '-')}`);
  mkdirSync(folder);
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('helper'), script(folder));
  chmodSync(at('helper'), 0o755);
  const renew = (): void =>
    writeFileSync(at('token'), world.entra.issueAccessToken({ account, clientId, revoked: false }, audience));
  renew();
  return {
    path: at('helper'),
    command: [at('helper'), 'headers', '--resource', audience, ...args].join(' '),
    renew,
    fail: (line) => writeFileSync(at('failure'), `${line}\n`),
    runs: () => (existsSync(at('runs')) ? readFileSync(at('runs'), 'utf8').trimEnd().split('\n').map(runOf) : []),
  };
}

const script = (folder: string): string => `#!/bin/sh
cd_before=$PWD
cd ${folder}
case "$*" in *" get" | *" store" | *" erase") input=$(grep -v '^password=' | tr '\\n' ' ') ;; esac
parent=$(tr '\\0' ' ' < /proc/$PPID/cmdline)
variables=$(env | grep -E '^CLAUDE_(HELPER|CODE_(MCP_SERVER|MARKETPLACE|PLUGIN))_' | sort | tr '\\n' ' ')
printf '%s\\t%s\\t%s\\t%s\\t%s\\n' "$*" "$parent" "$cd_before" "$variables" "$input" >> runs
if [ -e failure ]; then cat failure >&2; exit 9; fi
case "$*" in
  *" store" | *" erase") ;;
  *" get") printf 'username=x-access-token\\npassword=%s\\n' "$(cat token)" ;;
  *) printf '{"Authorization":"Bearer %s"}\\n' "$(cat token)" ;;
esac
`;

function runOf(line: string): HelperRun {
  const [given = '', parent = '', folder = '', variables = '', input = ''] = line.split('\t');
  return {
    arguments: given,
    parent: parent.trim(),
    folder,
    variables: variables.split(' ').filter((variable) => variable !== ''),
    input: input.trim(),
  };
}

export const MCP_HOST = 'mcp.contoso.com';
export const MCP = `api://${MCP_HOST}`;
/** The tool of the MCP server, as Claude Code names it. */
export const MCP_TOOL = 'mcp__greeter__greet';

export interface ServerSession {
  readonly client: Client;
  readonly mcp: McpServer;
  /** One turn, with each event as a line of JSON. */
  turn(): Promise<Run>;
}

/** Claude Code with an MCP server, whose `headersHelper` is this program. */
export async function serverSession(
  config: Readonly<Record<string, unknown>> = { allowedResources: [MCP] },
): Promise<ServerSession> {
  const client = await configuredClient({}, config);
  const mcp = await startService(client, MCP_HOST, startMcpServer);
  const headersHelper = `foundry-credential-helper headers --resource ${MCP}`;
  // In the project, so that "claude-code status" finds it too; Claude Code reads it as a file that it's given.
  const file = join(client.project, '.mcp.json');
  writeFileSync(file, JSON.stringify({ mcpServers: { greeter: { type: 'http', url: mcp.url, headersHelper } } }));
  const args = ['--mcp-config', file, '--strict-mcp-config', '--allowedTools', `Bash,${MCP_TOOL}`];
  const turn = (): Promise<Run> => runClaudeCode(client, [...args, '--output-format', 'stream-json', '--verbose']);
  return { client, mcp, turn };
}

/** Variables for Claude Code that has its telemetry sent to a collector. */
export const TELEMETRY = {
  CLAUDE_CODE_ENABLE_TELEMETRY: '1',
  OTEL_LOGS_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.contoso.com',
  OTEL_LOGS_EXPORT_INTERVAL: '500',
};

/** Adds to the user's settings of Claude Code. */
export function addSettings({ env }: Client, more: object): void {
  const file = join(env['HOME'] ?? '', '.claude/settings.json');
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...more }));
}

/** Has the next turn call a command that runs until it's let continue. */
export function pauseIn({ world, project }: Client) {
  const [started, go] = [join(project, 'started'), join(project, 'go')];
  const command = `touch ${started}; while [ ! -e ${go} ]; do sleep 0.2; done`;
  world.foundry.callTool('Bash', { command, description: 'Waits', timeout: 120_000 });
  return {
    reached: () => expect.poll(() => existsSync(started)).toBe(true),
    goOn: () => writeFileSync(go, ''),
  };
}

/** What the service saw: each request to this path, with its answer, and which token it came with, as A, B, C. */
export function seenBy({ requests }: ProtectedResource, path: string): readonly string[] {
  const names = new Map<string, string>();
  return requests
    .filter((request) => request.path.startsWith(path))
    .map(({ method, status, tokenId, audience }) => {
      if (tokenId === undefined) return `${method} ${status} without a token`;
      if (!names.has(tokenId)) names.set(tokenId, String.fromCharCode(65 + names.size));
      return `${method} ${status} by ${names.get(tokenId)} for ${audience}`;
    });
}
