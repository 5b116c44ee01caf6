// The Windows program that starts all others in a Wine prefix. It stays: to start one for each run takes longer than
// most programs under test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface WineRun {
  /** All 32 bits of it; -1 when the program didn't start. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  readonly timedOut: boolean;
  /** Another process kept the output open after the program's end: Claude Desktop would wait for that. */
  readonly outputHeldOpen: boolean;
}

export interface WineRunOptions {
  /** Over the prefix's own environment; `null` removes a variable. */
  readonly env?: Readonly<Record<string, string | null>>;
  /** A Windows path. */
  readonly cwd?: string;
  /** The whole standard input; without it there is none. */
  readonly input?: string;
  /** Default 60 s. */
  readonly timeoutMs?: number;
  /** Passes `args` unchanged: for programs such as msiexec that don't read quotes as C programs do. */
  readonly verbatim?: boolean;
}

export interface WineCommand extends WineRunOptions {
  /** A Windows path, or a name that Windows finds. */
  readonly program: string;
  readonly args?: readonly string[];
}

export interface WindowsParent {
  /** Whether it can still start programs. */
  readonly isAlive: () => boolean;
  /** Starts all of them at the same time. @throws Error if the parent ends first */
  run(commands: readonly WineCommand[]): Promise<readonly WineRun[]>;
  /** Has it end, whatever its programs do. */
  end(): void;
}

/** Starts it by Wine, with its output in `parent.log` of `folder`. @throws Error if it doesn't start */
export async function startWindowsParent(
  env: Readonly<Record<string, string>>,
  folder: string,
  command: readonly string[],
): Promise<WindowsParent> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const path = join(folder, 'parent.log');
  // Files: with Unix pipes libuv fails under Wine ("open EBADF").
  const log = openSync(path, 'w');
  const child = spawn('wine', [...command, String(port)], { env, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`Wine exited with ${code}: ${readFileSync(path, 'utf8')}`);
  });
  try {
    const [socket] = (await Promise.race([once(server, 'connection'), ended])) as [Socket];
    return connectedParent(socket);
  } finally {
    ended.catch(() => undefined);
    server.close();
  }
}

interface Waiting {
  readonly resolve: (runs: readonly WineRun[]) => void;
  readonly reject: (error: Error) => void;
}

function connectedParent(socket: Socket): WindowsParent {
  const waiting = new Map<number, Waiting>();
  let count = 0;
  createInterface({ input: socket }).on('line', (line) => {
    const { id, results } = JSON.parse(line) as { id: number; results: readonly WineRun[] };
    waiting.get(id)?.resolve(results);
    waiting.delete(id);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the Windows parent ended before its programs'));
  });
  return {
    isAlive: () => !socket.closed && !socket.readableEnded,
    end: () => void socket.destroy(),
    run(commands) {
      count += 1;
      const id = count;
      socket.write(`${JSON.stringify({ id, commands })}\n`);
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
  };
}
