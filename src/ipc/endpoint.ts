// Where the agent listens: a Unix socket in a private folder, or on Windows a named pipe with a key of its own.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';
import type { Paths } from '../platform/paths.ts';
import { assertPrivate, isCode, readPrivateFile } from '../platform/private-file.ts';

export interface UnixEndpoint {
  readonly kind: 'unix';
  readonly folder: string;
  readonly path: string;
}

export interface PipeEndpoint {
  readonly kind: 'pipe';
  /** Folder of this user's that holds `agent-pipe.json`. */
  readonly folder: string;
  /** Names the pipe and holds the key that both ends prove to each other. */
  readonly descriptor: string;
}

export type Endpoint = UnixEndpoint | PipeEndpoint;

/** What a client connects to, after every check that can be made before connecting. */
export interface Target {
  readonly path: string;
  /** Where set, `handshake.ts` must succeed before anything else is said. */
  readonly key?: Buffer;
}

/** `sun_path` is 104 bytes on macOS and 108 on Linux, with the closing NUL. */
const MAX_SOCKET_PATH_BYTES = 103;

export function agentEndpoint(paths: Paths, platform: NodeJS.Platform = process.platform): Endpoint {
  if (platform === 'win32') {
    return { kind: 'pipe', folder: paths.state, descriptor: join(paths.state, 'agent-pipe.json') };
  }
  const folder = fitsSocket(paths.runtime)
    ? paths.runtime
    : join(tmpdir(), `foundry-credential-helper-${process.getuid?.() ?? 0}`);
  return { kind: 'unix', folder, path: join(folder, 'agent.sock') };
}

function fitsSocket(folder: string): boolean {
  return Buffer.byteLength(join(folder, 'agent.sock')) <= MAX_SOCKET_PATH_BYTES;
}

/**
 * Checks that the endpoint is this user's; `undefined` when no agent has made one.
 * @throws AppError ERR_AGENT_UNTRUSTED when the folder or socket belongs to, or may be written by, somebody else.
 */
export function locateAgent(endpoint: Endpoint): Target | undefined {
  return endpoint.kind === 'unix' ? locateSocket(endpoint) : locatePipe(endpoint);
}

function locateSocket(endpoint: UnixEndpoint): Target | undefined {
  try {
    assertPrivate(endpoint.folder, 'folder');
    assertPrivate(endpoint.path, 'socket');
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT') || isCode(thrown, 'ENOTDIR')) return undefined;
    throw thrown;
  }
  return { path: endpoint.path };
}

function locatePipe(endpoint: PipeEndpoint): Target | undefined {
  const bytes = readPrivateFile(endpoint.descriptor, 'ERR_AGENT_UNREACHABLE');
  return bytes === undefined ? undefined : parseDescriptor(bytes.toString('utf8'), endpoint.descriptor);
}

export function encodeDescriptor(target: Required<Target>): string {
  return `${JSON.stringify({ v: 1, pipe: target.path, key: target.key.toString('base64') })}\n`;
}

function parseDescriptor(text: string, file: string): Target {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && 'pipe' in value && 'key' in value) {
    const key = typeof value.key === 'string' ? Buffer.from(value.key, 'base64') : Buffer.alloc(0);
    if (typeof value.pipe === 'string' && value.pipe !== '' && key.length === 32) return { path: value.pipe, key };
  }
  throw new AppError('ERR_AGENT_UNREACHABLE', { detail: `${file} is damaged` });
}
