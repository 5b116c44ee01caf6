import { askInTime } from '../resource-client.ts';
import { print } from '../terminal.ts';

export interface HeadersOptions {
  readonly resource?: string;
}

/**
 * Prints one line of JSON, an object of HTTP headers, as Claude Desktop and Claude Code take it from a `headersHelper`.
 * Never prompts. @throws AppError as `askInTime`; nothing is printed then
 */
export async function headers({ resource }: HeadersOptions): Promise<void> {
  const { token } = await askInTime('headers', resource, connectionOf(process.env, process.ppid));
  print(JSON.stringify({ Authorization: `Bearer ${token}` }));
}

/** The agent takes no longer names. */
const MAX_CONNECTION = 500;

/**
 * The connection of Claude Code to an MCP server that this runs for. Claude Code runs a server's `headersHelper` once for
 * each connection, and again if the server answers 401 or 403 (https://code.claude.com/docs/en/mcp). Each process of
 * Claude Code has its own socket; an older one without a socket is known by its process.
 */
function connectionOf(env: NodeJS.ProcessEnv, parentPid: number): string | undefined {
  const server = env['CLAUDE_CODE_MCP_SERVER_NAME'];
  if (server === undefined) return undefined;
  return `${env['CLAUDE_CODE_MESSAGING_SOCKET'] ?? `process ${parentPid}`} ${server}`.slice(0, MAX_CONNECTION);
}
