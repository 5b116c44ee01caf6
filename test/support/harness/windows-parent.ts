// The Windows program that starts all others in a Wine prefix. It stays: to start one for each run takes longer than
// most programs under test.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

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
  /** Default 120 s. */
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
  /** Starts all of them at the same time. @throws WindowsParentEnded if the parent ends first */
  run(commands: readonly WineCommand[]): Promise<readonly WineRun[]>;
  /** Has it end, whatever its programs do. */
  end(): void;
}

/**
 * Wine ended the parent, so nothing is known about the programs that it ran. The message says how it ended and what it
 * wrote. vitest.config.ts has a test that fails this way run again.
 */
export class WindowsParentEnded extends Error {
  constructor(how: string) {
    super(`the Windows parent ended: ${how}`);
  }
}

/** How long a process may take to end once it has closed its connection. */
const END_MS = 10_000;

/**
 * Starts it by Wine, with its output in `parent.log` of `folder`. Tries twice: nothing has happened yet.
 * @throws WindowsParentEnded if it doesn't start
 */
export async function startWindowsParent(...how: Parameters<typeof startOnce>): Promise<WindowsParent> {
  try {
    return await startOnce(...how);
  } catch (thrown) {
    if (!(thrown instanceof WindowsParentEnded)) throw thrown;
    return startOnce(...how);
  }
}

async function startOnce(
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
  const key = randomUUID();
  const child = spawn('wine', [...command, String(port), key], { env, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = once(child, 'exit').then(([code, signal]) => signal ?? `exit code ${code}`);
  const ending = async (): Promise<string> => {
    const how = await Promise.race([ended, sleep(END_MS, 'its process still runs', { ref: false })]);
    return `${how}, output "${readFileSync(path, 'utf8').trim()}"`;
  };
  try {
    const connected = connectionWith(server, key);
    const socket = await Promise.race([connected, ended]);
    if (typeof socket === 'string') throw new WindowsParentEnded(await ending());
    return connectedParent(socket, ending);
  } finally {
    server.close();
  }
}

/** The parent's connection. Others may connect too, such as a program that still asks for the port's last owner. */
function connectionWith(server: Server, key: string): Promise<Socket> {
  return new Promise((resolve) => {
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (first) => (first.toString() === `${key}\n` ? resolve(socket) : socket.destroy()));
    });
  });
}

interface Waiting {
  readonly resolve: (runs: readonly WineRun[]) => void;
  readonly reject: (error: Error) => void;
}

function connectedParent(socket: Socket, ending: () => Promise<string>): WindowsParent {
  const waiting = new Map<number, Waiting>();
  let count = 0;
  let isTold = false;
  const isAlive = () => !socket.readableEnded && !socket.destroyed;
  const failure = async () =>
    isTold ? new Error('the test ended the Windows parent') : new WindowsParentEnded(await ending());
  createInterface({ input: socket }).on('line', (line) => {
    const { id, results } = JSON.parse(line) as { id: number; results: readonly WineRun[] };
    waiting.get(id)?.resolve(results);
    waiting.delete(id);
  });
  socket.on('close', async () => {
    if (waiting.size === 0) return;
    const error = await failure();
    // If the test passes at its second run, vitest doesn't show why the first one failed.
    if (error instanceof WindowsParentEnded) process.stderr.write(`${error.message}\n`);
    for (const { reject } of waiting.values()) reject(error);
  });
  return {
    isAlive,
    end: () => {
      isTold = true;
      socket.destroy();
    },
    async run(commands) {
      if (!isAlive()) throw await failure();
      count += 1;
      const id = count;
      socket.write(`${JSON.stringify({ id, commands })}\n`);
      const runs = await new Promise<readonly WineRun[]>((resolve, reject) => waiting.set(id, { resolve, reject }));
      for (const [index, run] of runs.entries()) sayIfItFailed(commands[index]?.program, run);
      return runs;
    },
  };
}

/** An assertion about the exit code alone doesn't show why. */
function sayIfItFailed(program: string | undefined, { exitCode, timedOut, stderr }: WineRun): void {
  if (timedOut) process.stderr.write(`${program} took too long: ${stderr}\n`);
  else if (exitCode === -1) process.stderr.write(`${program} didn't start: ${stderr}\n`);
}
