import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { type LogFile, type LogLevel, openLog } from '../../../src/log/log-file.ts';
import type { LogFields } from '../../../src/log/public-fields.ts';

const onUnix = process.platform !== 'win32';
let base: string;
let folder: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'log-'));
  folder = join(base, 'log');
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const path = () => join(folder, 'agent.log');
const parse = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const lines = () => parse(existsSync(path()) ? readFileSync(path(), 'utf8') : '');
const mode = (file: string) => statSync(file).mode & 0o777;
const open = (level: LogLevel = 'info'): LogFile => openLog({ folder, level });

describe('openLog', () => {
  it('writes one JSON object a line, with ISO time and nothing about the computer', () => {
    const subject = open();
    subject.info('token-refreshed', { durationMs: 5496.293546797212, attempt: 1, reason: 'login.microsoftonline.com' });
    subject.error('refresh-failed', { code: 'ERR_NETWORK' });
    expect(lines()).toEqual([
      {
        level: 'info',
        time: TIME,
        event: 'token-refreshed',
        durationMs: 5496,
        attempt: 1,
        reason: 'login.microsoftonline.com',
      },
      { level: 'error', time: TIME, event: 'refresh-failed', code: 'ERR_NETWORK' },
    ]);
    expect(readFileSync(path(), 'utf8')).not.toContain(hostname());
  });

  it('keeps to its level and changes it while it runs', () => {
    const subject = open('warn');
    subject.info('a');
    subject.warn('b');
    subject.setLevel('debug');
    subject.debug('c');
    subject.setLevel('silent');
    subject.error('d');
    expect(lines().map(({ event }) => event)).toEqual(['b', 'c']);
  });

  it('lets in only fields of the list, of their type, and of bounded length', () => {
    const subject = open();
    const smuggled = {
      detail: 'x'.repeat(10_000),
      reason: new Secret('c4n4ry'),
      context: { token: 'c4n4ry' },
      attempt: Number.NaN,
      pid: 'c4n4ry',
      durationMs: '5',
      headers: 'c4n4ry',
      time: 'c4n4ry',
      msg: 'c4n4ry',
      toJSON: () => 'c4n4ry',
    } as unknown as LogFields;
    subject.warn('strange', smuggled);
    expect(lines()).toEqual([
      { level: 'warn', time: expect.any(String), event: 'strange', detail: `${'x'.repeat(500)}...` },
    ]);
    expect(readFileSync(path(), 'utf8')).not.toContain('c4n4ry');
  });

  it('keeps a line break in a value inside its line', () => {
    const subject = open();
    subject.info('a', { detail: 'x\n{"event":"forged"}' });
    expect(lines()).toHaveLength(1);
  });

  it('appends to what an earlier agent wrote', () => {
    const first = open();
    first.info('a');
    const second = open();
    second.info('b');
    expect(lines().map(({ event }) => event)).toEqual(['a', 'b']);
  });

  it("opens no file as long as there's nothing to say", () => {
    open();
    expect(readdirSync(base)).toEqual([]);
  });
});

describe.runIf(onUnix)('the files of the log', () => {
  it('belong to the user alone, whatever the umask', () => {
    // umask applies to the whole process, so a separate one sets it.
    const run = runProgram("process.umask(0); log.info('a');");
    expect(run.stderr).toBe('');
    expect(mode(folder)).toBe(0o700);
    expect(mode(path())).toBe(0o600);
  });

  it('lose permissions that an older file gave', () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(path(), '', { mode: 0o644 });
    open().info('a');
    expect(mode(path())).toBe(0o600);
  });

  it('are at most five of 1 MiB, all 0600, and no line is lost between them', () => {
    const subject = open();
    const count = 3000;
    const filler = {
      detail: 'x'.repeat(500),
      reason: 'y'.repeat(500),
      location: 'z'.repeat(500),
      key: 'k'.repeat(500),
    };
    for (let index = 0; index < count; index += 1) {
      subject.info('filler', { ...filler, attempt: index });
    }
    const names = readdirSync(folder).sort();
    expect(names).toEqual(['agent.log', 'agent.log.1', 'agent.log.2', 'agent.log.3', 'agent.log.4']);
    for (const name of names) {
      expect(mode(join(folder, name)), name).toBe(0o600);
      expect(statSync(join(folder, name)).size, name).toBeLessThanOrEqual(1024 * 1024);
    }
    const kept = names.reverse().flatMap((name) => parse(readFileSync(join(folder, name), 'utf8')));
    const attempts = kept.map(({ attempt }) => Number(attempt));
    expect(attempts.at(-1)).toBe(count - 1);
    expect(attempts.length).toBeGreaterThan(2000);
    for (const [index, attempt] of attempts.entries()) expect(attempt).toBe((attempts[0] ?? 0) + index);
  });

  it('hold the last line of a process that is killed right after it', () => {
    runProgram("log.error('crashed'); process.kill(process.pid, 'SIGKILL');");
    expect(lines()).toMatchObject([{ event: 'crashed' }]);
  });
});

describe("a log that can't be written", () => {
  it.runIf(process.platform === 'linux')('loses lines on a full disk, says why, and recovers on its own', () => {
    // A limit on the size of files stands in for the disk: the write that crosses it fails after a part of the line.
    const run = runProgram(
      `import { rmSync } from 'node:fs';
      for (let index = 0; index < 1000; index += 1) log.info('filler', { detail: 'x'.repeat(500) });
      console.log(JSON.stringify(log.problem));
      rmSync(${JSON.stringify(path())});
      log.info('b');
      console.log(String(log.problem));`,
      ['sh', '-c', `trap '' XFSZ; ulimit -f 64; exec "$@"`, 'sh'],
    );
    expect(run.stderr).toBe('');
    expect(run.stdout.split('\n')).toEqual([JSON.stringify({ path: path(), code: 'EFBIG' }), 'undefined', '']);
    expect(lines().map(({ event, detail }) => [event, detail])).toEqual([
      ['b', undefined],
      ['log-lines-lost', expect.stringMatching(/^lines not written: \d{3}$/)],
    ]);
  });

  it.runIf(onUnix)('leaves no line cut in two behind', () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(path(), '{"cut":', { mode: 0o600 });
    const subject = open();
    // As if this process had written that part.
    renameSync(path(), join(folder, 'kept'));
    mkdirSync(path());
    subject.info('lost');
    rmSync(path(), { recursive: true });
    renameSync(join(folder, 'kept'), path());
    subject.info('b');
    const [, ...whole] = readFileSync(path(), 'utf8').split('\n');
    expect(parse(whole.join('\n')).map(({ event }) => event)).toEqual(['b', 'log-lines-lost']);
  });

  const spoiled: readonly (readonly [string, string, () => void])[] = [
    ['a file stands in the folder’s place', 'ERR_STATE_UNWRITABLE', () => writeFileSync(folder, '')],
    ['the log is a folder', 'EISDIR', () => mkdirSync(path(), { recursive: true, mode: 0o700 })],
  ];
  const spoiledOnUnix: typeof spoiled = [
    [
      'others may write to the folder',
      'ERR_AGENT_UNTRUSTED',
      () => {
        mkdirSync(folder);
        chmodSync(folder, 0o777);
      },
    ],
    [
      'the log is a link',
      'ERR_AGENT_UNTRUSTED',
      () => {
        mkdirSync(folder, { mode: 0o700 });
        symlinkSync(join(base, 'x'), path());
      },
    ],
  ];

  it.each(onUnix ? [...spoiled, ...spoiledOnUnix] : spoiled)(
    'loses lines and nothing else when %s (%s)',
    (_, code, spoil) => {
      spoil();
      const subject = open();
      subject.info('a');
      expect(subject.problem).toMatchObject({ path: path(), code });
      expect(subject.checkWritable()).toMatchObject({ path: path(), code });
      rmSync(folder, { recursive: true });
      expect(subject.checkWritable()).toBeUndefined();
      expect(subject.problem).toBeUndefined();
      subject.info('b');
      expect(lines().map(({ event, detail }) => [event, detail])).toEqual([
        ['b', undefined],
        ['log-lines-lost', 'lines not written: 1'],
      ]);
      expect(readdirSync(base)).toEqual(['log']);
    },
  );

  it('works again after someone removed it', () => {
    const subject = open();
    subject.info('a');
    rmSync(folder, { recursive: true });
    subject.info('b');
    expect(lines().map(({ event }) => event)).toEqual(['b']);
  });
});

/** Runs lines in their own process, with the folder's log as `log`. */
function runProgram(lines: string, wrapper: readonly string[] = []) {
  const program = `
    import { openLog } from ${JSON.stringify(join(import.meta.dirname, '../../../src/log/log-file.ts'))};
    const log = openLog({ folder: ${JSON.stringify(folder)}, level: 'info' });
    ${lines}`;
  const [command = '', ...args] = [...wrapper, process.execPath, '--input-type=module', '-e', program];
  return spawnSync(command, args, { encoding: 'utf8' });
}
