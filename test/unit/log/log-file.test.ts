import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/core/clock.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { LogFields } from '../../../src/log/event-log.ts';
import { type LogFile, openLog } from '../../../src/log/log-file.ts';

const onUnix = process.platform !== 'win32';
let base: string;
let folder: string;
let log: LogFile | undefined;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'log-'));
  folder = join(base, 'log');
});
afterEach(async () => {
  await log?.close();
  rmSync(base, { recursive: true, force: true });
});

class ManualClock implements Clock {
  ms = 0;
  now(): number {
    return Date.UTC(2026, 10, 22) + this.ms;
  }
  monotonic(): number {
    return this.ms;
  }
}

const path = () => join(folder, 'agent.log');
const parse = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const lines = () => parse(existsSync(path()) ? readFileSync(path(), 'utf8') : '');
const mode = (file: string) => statSync(file).mode & 0o777;
const open = (options: Partial<Parameters<typeof openLog>[0]> = {}): LogFile => {
  log = openLog({ folder, level: 'info', clock: new ManualClock(), ...options });
  return log;
};

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('openLog', () => {
  it('writes one JSON object a line, with ISO time and nothing of the computer', async () => {
    const subject = open();
    subject.info('token-refreshed', { durationMs: 12.5, attempt: 1, host: 'login.microsoftonline.com' });
    subject.error('refresh-failed', { code: 'ERR_NETWORK' });
    await subject.close();
    expect(lines()).toEqual([
      {
        level: 'info',
        time: '2026-11-22T00:00:00.000Z',
        event: 'token-refreshed',
        durationMs: 12.5,
        attempt: 1,
        host: 'login.microsoftonline.com',
      },
      { level: 'error', time: '2026-11-22T00:00:00.000Z', event: 'refresh-failed', code: 'ERR_NETWORK' },
    ]);
    expect(readFileSync(path(), 'utf8')).not.toContain(hostname());
  });

  it('keeps to its level and changes it while it runs', async () => {
    const subject = open({ level: 'warn' });
    subject.info('a');
    subject.warn('b');
    subject.setLevel('debug');
    subject.debug('c');
    subject.setLevel('silent');
    subject.error('d');
    await subject.close();
    expect(lines().map(({ event }) => event)).toEqual(['b', 'c']);
  });

  it('lets in only fields of the list, of their type, and of bounded length', async () => {
    const subject = open();
    const smuggled = {
      detail: 'x'.repeat(10_000),
      reason: new Secret('c4n4ry'),
      host: { token: 'c4n4ry' },
      status: Number.NaN,
      pid: 'c4n4ry',
      durationMs: '5',
      headers: 'c4n4ry',
      time: 'c4n4ry',
      msg: 'c4n4ry',
      toJSON: () => 'c4n4ry',
    } as unknown as LogFields;
    subject.warn('strange', smuggled);
    await subject.close();
    expect(lines()).toEqual([
      { level: 'warn', time: expect.any(String), event: 'strange', detail: `${'x'.repeat(500)}…` },
    ]);
    expect(readFileSync(path(), 'utf8')).not.toContain('c4n4ry');
  });

  it('keeps a line break in a value inside its line', async () => {
    const subject = open();
    subject.info('a', { detail: 'x\n{"event":"forged"}' });
    await subject.close();
    expect(lines()).toHaveLength(1);
  });

  it('appends to what an earlier agent wrote', async () => {
    const first = open();
    first.info('a');
    await first.close();
    const second = open();
    second.info('b');
    await second.close();
    expect(lines().map(({ event }) => event)).toEqual(['a', 'b']);
  });

  it('closes twice, and drops what comes after', async () => {
    const subject = open();
    subject.info('a');
    await Promise.all([subject.close(), subject.close()]);
    await subject.close();
    subject.info('b');
    expect(lines().map(({ event }) => event)).toEqual(['a']);
  });

  it('opens no file as long as there is nothing to say', async () => {
    await open().close();
    expect(readdirSync(base)).toEqual([]);
  });
});

describe.runIf(onUnix)('the files of the log', () => {
  const hasLine = (attempt: number): boolean =>
    ['agent.log', 'agent.log.1'].some((name) => {
      const file = join(folder, name);
      return existsSync(file) && readFileSync(file, 'utf8').includes(`"attempt":${attempt},`);
    });

  it('belong to the user alone, whatever the umask', () => {
    // umask is the process's, so it is set in one of its own.
    const program = `
      import { openLog } from ${JSON.stringify(join(import.meta.dirname, '../../../src/log/log-file.ts'))};
      process.umask(0);
      const log = openLog({ folder: ${JSON.stringify(folder)}, level: 'info' });
      log.info('a');
      await log.close();`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(mode(folder)).toBe(0o700);
    expect(mode(path())).toBe(0o600);
  });

  it('lose permissions that an older file gave', async () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(path(), '', { mode: 0o644 });
    const subject = open();
    subject.info('a');
    await subject.close();
    expect(mode(path())).toBe(0o600);
  });

  it('are at most five of about 1 MiB, all 0600, and no line is lost between them', async () => {
    const subject = open();
    const count = 8000;
    for (let index = 0; index < count; index += 1) {
      subject.info('filler', { attempt: index, detail: 'x'.repeat(500), reason: 'y'.repeat(300) });
      // An agent never writes faster than the disk; a backlog of more than 1 MiB is dropped.
      if (index % 500 === 499) await until(() => hasLine(index));
    }
    await subject.close();
    const names = readdirSync(folder).sort();
    expect(names).toEqual(['agent.log', 'agent.log.1', 'agent.log.2', 'agent.log.3', 'agent.log.4']);
    for (const name of names) {
      expect(mode(join(folder, name)), name).toBe(0o600);
      expect(statSync(join(folder, name)).size, name).toBeLessThan(1024 * 1024 + 2000);
    }
    const kept = names.reverse().flatMap((name) => parse(readFileSync(join(folder, name), 'utf8')));
    const attempts = kept.map(({ attempt }) => Number(attempt));
    expect(attempts.at(-1)).toBe(count - 1);
    expect(attempts.length).toBeGreaterThan(4000);
    for (const [index, attempt] of attempts.entries()) expect(attempt).toBe((attempts[0] ?? 0) + index);
  });
});

describe('a log that cannot be written', () => {
  const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

  it.runIf(process.platform === 'linux')('survives a full disk and says afterwards what is missing', async () => {
    const clock = new ManualClock();
    const received: string[] = [];
    let isFull = true;
    const failures: Promise<unknown>[] = [];
    const openFull = () => {
      const stream = createWriteStream('/dev/full');
      failures.push(new Promise((resolve) => stream.once('close', () => resolve(undefined))));
      return stream;
    };
    const openStream = () =>
      isFull
        ? openFull()
        : new Writable({
            write(chunk, _encoding, callback) {
              received.push(String(chunk));
              callback();
            },
          });
    const subject = open({ clock, openStream });
    subject.info('a');
    subject.info('b');
    await Promise.all(failures);
    isFull = false;
    subject.info('c');
    await settled();
    // Not tried again at once: the disk is still full.
    expect(received).toEqual([]);
    clock.ms += 30_000;
    subject.info('d');
    await expect.poll(() => parse(received.join('')).length).toBe(2);
    expect(parse(received.join('')).map(({ event, detail }) => [event, detail])).toEqual([
      ['d', undefined],
      ['log-lines-lost', 'lines not written: 3'],
    ]);
  });

  const spoiled: readonly (readonly [string, () => void])[] = [
    ['a file stands in the folder’s place', () => writeFileSync(folder, '')],
    ['the log is a folder', () => mkdirSync(path(), { recursive: true, mode: 0o700 })],
  ];
  const spoiledOnUnix: typeof spoiled = [
    [
      'others may write to the folder',
      () => {
        mkdirSync(folder);
        chmodSync(folder, 0o777);
      },
    ],
    [
      'the log is a link',
      () => {
        mkdirSync(folder, { mode: 0o700 });
        symlinkSync(join(base, 'x'), path());
      },
    ],
  ];

  it.each(onUnix ? [...spoiled, ...spoiledOnUnix] : spoiled)(
    'loses lines and nothing else when %s',
    async (_, spoil) => {
      spoil();
      const clock = new ManualClock();
      const subject = open({ clock });
      subject.info('a');
      await settled();
      rmSync(folder, { recursive: true });
      clock.ms += 30_000;
      subject.info('b');
      await expect.poll(() => lines().length).toBe(2);
      await subject.close();
      expect(lines().map(({ event, detail }) => [event, detail])).toEqual([
        ['b', undefined],
        ['log-lines-lost', 'lines not written: 1'],
      ]);
      expect(readdirSync(base)).toEqual(['log']);
    },
  );

  it('does not keep what a hanging disk does not take', async () => {
    const hanging = new Writable({ write: () => undefined });
    const subject = open({ openStream: () => hanging });
    for (let index = 0; index < 5000; index += 1) subject.info('a', { detail: 'x'.repeat(500) });
    expect(hanging.writableLength).toBeLessThan(1024 * 1024 + 2000);
    // And doesn't wait for it for ever.
    await subject.close();
  });
});
