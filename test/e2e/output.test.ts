// stdout and stderr that are full, closed, read slowly, or never read.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { sample } from '../support/harness/long.ts';
import { createWorld, type World } from '../support/harness/world.ts';
import { binary, run, signIn } from './support.ts';

const CONTEXTS = sample(['interactive', 'mid-session-refresh', 'scheduled-task', 'setup-test', 'background'], 3);

/** Every command that prints a result. */
const COMMANDS: readonly (readonly string[])[] = sample(
  [
    ['claude-code', 'token'],
    ['token'],
    ['status'],
    ['status', '--json'],
    ['agent', 'status'],
    ['config', 'show'],
    ['config', 'show', '--json'],
    ['config', 'export', 'exported', '--force'],
    ['completion', 'bash'],
    ['doctor'],
    ['doctor', '--json'],
    ['version'],
    ['--version'],
    ['--help'],
    ['status', '--help'],
  ],
  4,
);

interface Ending {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Processor time as a share of the time that it ran. */
  readonly load: number;
}

interface Call {
  readonly args: readonly string[];
  readonly context?: string;
  readonly stdout?: number | 'pipe';
  readonly stderr?: number | 'pipe';
  /** Runs between `binary` and its arguments and the system, such as a shell that closes stdout. */
  readonly through?: readonly string[];
}

let world: World;
let folder: string;
beforeAll(async () => {
  if (process.platform !== 'linux') return;
  world = await createWorld({ config: { allowTokenEndpoint: true } });
  folder = mkdtempSync(join(tmpdir(), 'output-'));
  await signIn(world);
});
afterAll(async () => {
  if (process.platform !== 'linux') return;
  await world.dispose();
  rmSync(folder, { recursive: true });
});

async function call({ args, context, stdout = 'pipe', stderr = 'pipe', through = [] }: Call): Promise<Ending> {
  const env = { ...world.env, ...(context === undefined ? {} : { CLAUDE_HELPER_CONTEXT: context }) };
  const [program = binary, ...rest] = [...through, binary, ...args];
  const startedAt = performance.now();
  const child = spawn(program, rest, { env, cwd: folder, stdio: ['ignore', stdout, stderr] });
  const texts = [child.stdout, child.stderr].map((stream) => {
    const chunks: Buffer[] = [];
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks).toString();
  });
  let cpuMs = 0;
  const watch = setInterval(() => {
    cpuMs = child.pid === undefined ? cpuMs : (cpuMsOf(child.pid) ?? cpuMs);
  }, 20);
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(watch);
  const [out = () => '', errors = () => ''] = texts;
  return { exitCode, stdout: out(), stderr: errors(), load: cpuMs / (performance.now() - startedAt) };
}

/** proc(5): fields 14 and 15 of `stat`, in ticks of 10 ms. */
function cpuMsOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

function open(path: string, flags: number | string): number {
  const descriptor = openSync(path, flags);
  onTestFinished(() => closeSync(descriptor));
  return descriptor;
}

/** Both ends of a new pipe. */
function pipe(): { readonly reader: number; readonly writer: number } {
  const path = join(folder, `pipe-${Math.random()}`);
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  rmSync(path);
  return { reader, writer };
}

/** A pipe that no one can read any more. */
function broken(): number {
  const { reader, writer } = pipe();
  closeSync(reader);
  onTestFinished(() => closeSync(writer));
  return writer;
}

/** What a pipe holds that takes nothing any more. */
function fill(writer: number): number {
  let size = 0;
  for (const piece of [4096, 1]) {
    try {
      for (;;) size += writeSync(writer, Buffer.alloc(piece));
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') throw thrown;
    }
  }
  return size;
}

/** libuv makes a child's standard streams blocking; other programs that start this one don't. */
const nonBlocking = (descriptor: 1 | 2): readonly string[] => [
  'perl',
  '-MFcntl',
  '-e',
  `open(my $f, ">&=", ${descriptor}); fcntl($f, F_SETFL, O_WRONLY | O_NONBLOCK) or die; exec @ARGV or die`,
];

const unwritable = (why: string): string =>
  `foundry-credential-helper: error[ERR_OUTPUT_UNWRITABLE]: the output can't be written: ${why}\nhint: free disk space, or check the file or program that the output goes to, then try again\n`;

describe.runIf(process.platform === 'linux')('stdout that is full', () => {
  it.each(CONTEXTS)('is named by the helper (%s)', async (context) => {
    const ending = await call({ args: [], context, stdout: open('/dev/full', 'w') });
    expect(ending).toMatchObject({ exitCode: 1, stderr: unwritable('ENOSPC') });
  });

  it.each(COMMANDS.map((args) => [args.join(' '), args] as const))('is named by %s', async (_, args) => {
    const ending = await call({ args, stdout: open('/dev/full', 'w') });
    expect(ending).toMatchObject({ exitCode: 1, stderr: unwritable('ENOSPC') });
  });

  it("doesn't prevent the report from being written", async () => {
    const ending = await call({ args: ['report', 'one.md'], stdout: open('/dev/full', 'w') });
    expect(ending.exitCode).toBe(1);
    expect(ending.stderr.endsWith(unwritable('ENOSPC'))).toBe(true);
    expect(existsSync(join(folder, 'one.md'))).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')('stdout that was opened for reading', () => {
  it.each([[], ['token'], ['status', '--json'], ['--help']])('is named by %s', async (...args) => {
    const ending = await call({ args, context: 'background', stdout: open('/dev/null', 'r') });
    expect(ending).toMatchObject({ exitCode: 1, stderr: unwritable('EBADF') });
  });
});

describe.runIf(process.platform === 'linux')('stdout that is closed', () => {
  // Node opens /dev/null in its place, so no one can tell.
  it.each([[], ['token'], ['status', '--json'], ['--help'], ['doctor']])('takes what %s prints', async (...args) => {
    const through = ['sh', '-c', 'exec "$@" >&-', 'sh'];
    const ending = await call({ args, context: 'background', through });
    expect(ending).toMatchObject({ stdout: '', stderr: '' });
    expect(ending.exitCode).toBe(args[0] === 'doctor' ? (await run(world.env, 'doctor')).exitCode : 0);
  });
});

describe.runIf(process.platform === 'linux')('a pipe whose reader is gone', () => {
  it.each([...CONTEXTS.map((context) => ({ context, args: [] })), { context: '', args: ['claude-code', 'token'] }])(
    'is named by the helper: $context $args',
    async ({ context, args }) => {
      const ending = await call({ args, context, stdout: broken() });
      expect(ending).toMatchObject({ exitCode: 1, stderr: unwritable('EPIPE') });
    },
  );

  it.each(COMMANDS.filter(([name]) => name !== 'claude-code').map((args) => [args.join(' '), args] as const))(
    'quietly ends %s',
    async (_, args) => {
      const ending = await call({ args, stdout: broken() });
      expect(ending).toMatchObject({ exitCode: 0, stderr: '' });
    },
  );
});

describe.runIf(process.platform === 'linux')('a full pipe that no one reads', { concurrent: true }, () => {
  it.each(
    sample(
      [
        { context: 'mid-session-refresh', args: [] },
        { context: 'background', args: ['claude-code', 'token'] },
        { context: '', args: ['token'] },
        { context: '', args: ['status', '--json'] },
        { context: '', args: ['completion', 'bash'] },
        { context: '', args: ['doctor'] },
        { context: '', args: ['--help'] },
      ],
      2,
    ),
  )('is given up in time, without using the processor: $context $args', async ({ context, args }) => {
    const { reader, writer } = pipe();
    try {
      fill(writer);
      const ending = await call({ args, context, stdout: writer, through: nonBlocking(1) });
      expect(ending).toMatchObject({ exitCode: 1, stderr: unwritable('nothing reads it (EAGAIN)') });
      expect(ending.load).toBeLessThan(0.5);
    } finally {
      closeSync(reader);
      closeSync(writer);
    }
  });
});

describe.runIf(process.platform === 'linux')('a full pipe whose reader comes late', { concurrent: true }, () => {
  it.each(sample([[], ['claude-code', 'token'], ['completion', 'bash'], ['doctor', '--json'], ['token']], 2))(
    'gets all of %s %s',
    async (...args) => {
      const { reader, writer } = pipe();
      try {
        const filled = fill(writer);
        const expected = await call({ args, context: 'background' });
        const ending = call({ args, context: 'background', stdout: writer, through: nonBlocking(1) });
        await sleep(1_000);
        let ended = false;
        void ending.then(() => {
          ended = true;
        });
        const text = (await drain(reader, () => ended)).subarray(filled).toString();
        expect(await ending).toMatchObject({ exitCode: expected.exitCode, stderr: '' });
        if (args[0] === 'doctor') expect(JSON.parse(text)).toMatchObject({ version: 1 });
        else expect(text).toBe(expected.stdout);
      } finally {
        closeSync(reader);
        closeSync(writer);
      }
    },
  );
});

/** Everything until the writer has ended, a little at a time. */
async function drain(reader: number, hasEnded: () => boolean): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const isLast = hasEnded();
    try {
      const chunk = Buffer.alloc(3_000);
      const size = readSync(reader, chunk);
      chunks.push(chunk.subarray(0, size));
      if (size > 0) continue;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') throw thrown;
    }
    if (isLast) return Buffer.concat(chunks);
    await sleep(20);
  }
}

describe.runIf(process.platform === 'linux')("stderr that can't be written", () => {
  const calls: readonly (readonly [number, string, readonly string[]])[] = [
    // Another agent runs already.
    [0, '', ['agent', 'run']],
    [0, 'background', []],
    [0, '', ['token']],
    [2, '', ['no-such-command']],
    [2, '', ['report', '/dev/null']],
    [127, '', ['exec', '--', 'no-such-program']],
  ];

  it.each(sample(calls, 2))('leaves the exit code %i (%s %s)', async (exitCode, context, args) => {
    expect(await call({ args, context, stderr: open('/dev/full', 'w') })).toMatchObject({ exitCode });
    expect(await call({ args, context, stderr: broken() })).toMatchObject({ exitCode });
    const closed = ['sh', '-c', 'exec "$@" 2>&-', 'sh'];
    expect(await call({ args, context, through: closed })).toMatchObject({ exitCode });
  });

  it('leaves it if no one reads stderr either', async () => {
    const { reader, writer } = pipe();
    fill(writer);
    const ending = await call({ args: ['no-such-command'], stderr: writer, through: nonBlocking(2) });
    closeSync(reader);
    closeSync(writer);
    expect(ending.exitCode).toBe(2);
    expect(ending.load).toBeLessThan(0.5);
  });

  it('leaves the exit code of a helper that no one signed in for', async () => {
    const other = await createWorld();
    onTestFinished(() => other.dispose());
    const env = { ...other.env, CLAUDE_HELPER_CONTEXT: 'background' };
    const stdio = ['ignore', open('/dev/full', 'w'), open('/dev/full', 'w')] as const;
    expect(spawnSync(binary, { env, stdio: [...stdio] }).status).toBe(4);
  });
});

describe.runIf(process.platform === 'linux')('exec', () => {
  it("leaves its command's stdout alone", async () => {
    const through = ['bash', '-c', 'set -o pipefail; "$@" | { sleep 1; wc -c; }', 'bash'];
    const args = ['exec', '--', 'head', '--bytes=300000', '/dev/zero'];
    expect(await call({ args, through })).toMatchObject({ exitCode: 0, stdout: '300000\n', stderr: '' });
    const status = ['exec', '--', 'sh', '-c', 'echo >/dev/full'];
    expect((await call({ args: status })).exitCode).not.toBe(0);
  });
});
