import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { AUDIT_EVENTS, type AuditFields, auditLine, openAuditLog } from '../../../src/log/audit-log.ts';
import { SystemLog } from '../../../src/log/system-log.ts';

function folderForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const linesIn = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the audit log', () => {
  it('has a line of JSON for each event, with its number, in a file that only the user can read', async () => {
    const folder = folderForTest();
    const forwarded: string[] = [];
    const audit = openAuditLog(folder, (event, line) => forwarded.push(`${event} ${line}`));
    audit.note('token-issued', { client: 'claude-desktop', context: 'background', pid: 7, tokenId: 'abc' });
    audit.note('signed-out');
    // Not before the answer is out.
    expect(existsSync(join(folder, 'audit.log'))).toBe(false);
    await turn();
    const path = join(folder, 'audit.log');
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const issued = { client: 'claude-desktop', context: 'background', pid: 7, tokenId: 'abc' };
    expect(linesIn(path)).toEqual([
      { time, id: 100, event: 'token-issued', ...issued },
      { time, id: 112, event: 'signed-out' },
    ]);
    expect(forwarded).toEqual([
      expect.stringMatching(/^token-issued \{.*\}$/),
      expect.stringMatching(/^signed-out \{.*\}$/),
    ]);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('has at most ten files of 1 MiB', async () => {
    const folder = folderForTest();
    const audit = openAuditLog(folder, () => undefined);
    const program = `/${'x'.repeat(290)}`;
    for (let count = 0; count < 30_000; count += 1) audit.note('token-issued', { program, parent: program });
    await turn();
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(sizes).toHaveLength(10);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
    expect(statSync(join(folder, 'audit.log.9')).size).toBeGreaterThan(1024 * 1024 - 1000);
  });

  it("loses lines that can't be written, says why, and how many when it can write again", async () => {
    const folder = folderForTest();
    const path = join(folder, 'audit.log');
    mkdirSync(path);
    const audit = openAuditLog(folder, () => undefined);
    for (let count = 0; count < 3; count += 1) audit.note('token-issued');
    await turn();
    expect(audit.problem).toMatchObject({ path });
    rmSync(path, { recursive: true });
    audit.note('signed-in');
    await turn();
    expect(audit.problem).toBeUndefined();
    expect(linesIn(path)).toMatchObject([{ event: 'signed-in' }, { event: 'audit-lines-lost', id: 190, lost: 3 }]);
  });

  it('takes known fields of the right type only, whatever it is given', () => {
    const known = ['client', 'context', 'program', 'parent', 'tokenId', 'expiresOn', 'code', 'correlationId'];
    const allowed = new Set([...known, 'pid', 'parentPid', 'lost', 'time', 'id', 'event']);
    const anything = fc.oneof(fc.anything(), fc.constant(new Secret('c4n4ry')));
    const names = fc.oneof(fc.string(), fc.constantFrom(...allowed, 'token', 'account', 'toJSON', '__proto__'));
    const properties = fc.property(fc.dictionary(names, anything), (fields) => {
      const line = auditLine('token-issued', fields as AuditFields, new Date(0));
      expect(line).not.toContain('\n');
      const parsed = JSON.parse(line) as Record<string, unknown>;
      expect(parsed).toMatchObject({ time: '1970-01-01T00:00:00.000Z', id: 100, event: 'token-issued' });
      for (const [name, value] of Object.entries(parsed)) {
        expect(allowed).toContain(name);
        expect(['string', 'number']).toContain(typeof value);
      }
      expect(line.length).toBeLessThan(8 * 2_000);
    });
    fc.assert(properties, { seed: 20_261_130 });
    const smuggled = { token: 'c4n4ry', client: new Secret('c4n4ry'), pid: 'c4n4ry' } as unknown as AuditFields;
    expect(auditLine('token-refused', smuggled, new Date())).not.toContain('c4n4ry');
  });

  it('has a number for each event, and none twice', () => {
    const numbers = Object.values(AUDIT_EVENTS);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

/** A program in logger's place, which writes down its arguments and its input. */
function recordingLogger(folder: string, exitCode = 0): string {
  const path = join(folder, 'logger');
  const record = `{ echo "args $*"; cat; } >> '${folder}/record'`;
  writeFileSync(path, `#!/bin/sh\n${record}\nexit ${exitCode}\n`, { mode: 0o755 });
  return path;
}

const recordIn = (folder: string): string =>
  existsSync(join(folder, 'record')) ? readFileSync(join(folder, 'record'), 'utf8') : '';

describe.runIf(process.platform === 'linux')("the system's log", () => {
  const LINE = '{"event":"token-issued","pid":7}';

  it('gets each line with fields by journald, on standard input, and nothing while it is off', async () => {
    const folder = folderForTest();
    const journal = join(folder, 'socket');
    writeFileSync(journal, '');
    const failures: string[] = [];
    const onFailure = (): void => void failures.push('failed');
    const log = new SystemLog({ logger: recordingLogger(folder), journal, onFailure });
    log.send('token-issued', '{"event":"too early"}');
    log.isOn = true;
    log.send('token-issued', LINE);
    log.send('signed-out', '{"event":"signed-out"}');
    await expect.poll(() => recordIn(folder)).toContain('FCH_EVENT_ID=112\n');
    const record = recordIn(folder);
    expect(record.match(/^args .*$/gm)).toEqual(['args --journald', 'args --journald']);
    expect(record).toContain(`MESSAGE=${LINE}\n`);
    expect(record).toContain('FCH_EVENT=token-issued\nFCH_EVENT_ID=100\n');
    expect(record).not.toContain('too early');
    expect(failures).toEqual([]);
  });

  it("is syslog if journald doesn't run, and on macOS", async () => {
    const folder = folderForTest();
    const logger = recordingLogger(folder);
    for (const platform of ['linux', 'darwin'] as const) {
      const log = new SystemLog({ logger, platform, journal: join(folder, 'none'), onFailure: () => undefined });
      log.isOn = true;
      log.send('token-issued', LINE);
    }
    await expect.poll(() => recordIn(folder).match(/pid/g)).toHaveLength(2);
    expect(recordIn(folder).match(/^args .*$/gm)).toEqual(
      Array(2).fill('args -t foundry-credential-helper -p auth.info'),
    );
  });

  it("is Windows' Application log through the launcher, with the event's number", async () => {
    const folder = folderForTest();
    const log = new SystemLog({ logger: recordingLogger(folder), platform: 'win32', onFailure: () => undefined });
    log.isOn = true;
    log.send('token-issued', LINE);
    await expect.poll(() => recordIn(folder)).toContain(`args --report-event 100\n${LINE}`);
  });

  it('that fails or is missing keeps no one waiting, and is reported once', async () => {
    const folder = folderForTest();
    for (const options of [
      { logger: recordingLogger(folder, 1) },
      { logger: join(folder, 'missing') },
      // ENOTDIR, which Node throws.
      { logger: join(process.execPath, 'below-a-file') },
      { platform: 'win32' as const, logger: join(folder, 'missingw.exe') },
    ]) {
      let failures = 0;
      const log = new SystemLog({ journal: join(folder, 'none'), ...options, onFailure: () => (failures += 1) });
      log.isOn = true;
      for (let count = 0; count < 3; count += 1) log.send('token-issued', LINE);
      await expect.poll(() => failures).toBe(1);
    }
  });
});
