// Where the agent listens, and whether it may be trusted, as plain values. `locate-agent.ts` says what is wrong.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../platform/paths.ts';
import { privacyFault } from '../platform/privacy-fault.ts';

export interface UnixAddress {
  readonly kind: 'unix';
  readonly folder: string;
  readonly path: string;
}

export interface PipeAddress {
  readonly kind: 'pipe';
  /** Folder of this user's that holds `agent-pipe.json`. */
  readonly folder: string;
  /** Names the pipe and holds the key that both ends prove to each other. */
  readonly descriptor: string;
}

export type AgentAddress = UnixAddress | PipeAddress;

/** What a client connects to, after every check that can be made before connecting. */
export interface Target {
  readonly path: string;
  /** If set, `windows-handshake.ts` must succeed before anything else is said. */
  readonly key?: Buffer;
}

/** `sun_path` is 104 bytes on macOS and 108 on Linux, with the closing NUL. */
const MAX_SOCKET_PATH_BYTES = 103;
const KEY_BYTES = 32;
const SOCKET_NAME = 'agent.sock';

export function agentAddress(
  { runtime }: Pick<Paths, 'runtime'>,
  platform: NodeJS.Platform = process.platform,
): AgentAddress {
  if (platform === 'win32') return { kind: 'pipe', folder: runtime, descriptor: join(runtime, 'agent-pipe.json') };
  return socketIn(runtime) ?? fallbackAddress();
}

/** Where the agent listens if its own folder can't hold a socket: its path is too long, or its file system has none. */
export function fallbackAddress(temporary: string = process.getBuiltinModule('node:os').tmpdir()): UnixAddress {
  const name = `foundry-credential-helper-${process.getuid?.()}`;
  return (
    socketIn(join(temporary, name)) ?? { kind: 'unix', folder: `/tmp/${name}`, path: `/tmp/${name}/${SOCKET_NAME}` }
  );
}

function socketIn(folder: string): UnixAddress | undefined {
  const path = join(folder, SOCKET_NAME);
  return fitsSocket(path) ? { kind: 'unix', folder, path } : undefined;
}

/** Whether a socket can have this path. */
export function fitsSocket(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES;
}

/** The agent's address, or undefined when there is none or it can't be trusted: `locateAgent` says which. */
export function trustedTarget(address: AgentAddress): Target | undefined {
  if (address.kind === 'unix') {
    const { folder, path } = address;
    const isTrusted = privacyFault(folder, 'folder') === undefined && privacyFault(path, 'socket') === undefined;
    return isTrusted ? { path } : undefined;
  }
  // Only where `stat` knows no owners is there nothing to check but the content.
  if (process.getuid !== undefined) return undefined;
  try {
    return parseDescriptor(readFileSync(address.descriptor, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Undefined when it is damaged. */
export function parseDescriptor(text: string): Required<Target> | undefined {
  try {
    const { pipe, key } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pipe !== 'string' || pipe === '' || typeof key !== 'string') return undefined;
    const bytes = Buffer.from(key, 'base64');
    return bytes.length === KEY_BYTES ? { path: pipe, key: bytes } : undefined;
  } catch {
    return undefined;
  }
}
