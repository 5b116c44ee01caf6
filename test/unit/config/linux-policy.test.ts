import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { resolveConfiguration } from '../../../src/config/resolve.ts';
import { linuxPolicy } from '../../../src/config/sources/linux-policy.ts';

const isRoot = process.getuid?.() === 0;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  path = join(folder, 'policy.json');
});
const read = () => linuxPolicy(path).read();
const write = (text: string, mode = 0o644) => {
  writeFileSync(path, text);
  chmodSync(path, mode);
};

describe.runIf(process.platform === 'linux')('the policy file', () => {
  it("that isn't there is absent, with or without its folder", () => {
    expect(read()).toEqual({ state: 'absent' });
    expect(linuxPolicy(join(folder, 'no', 'policy.json')).read()).toEqual({ state: 'absent' });
  });

  it.runIf(isRoot)('holds values in either form; the schema’s address isn’t one of them', () => {
    write('{"$schema":"./config.schema.json","tenantId":"contoso.com","models":"ab,cd"}');
    expect(read()).toEqual({ state: 'values', values: { tenantId: 'contoso.com', models: 'ab,cd' } });
    const { settings, problems, unknownKeys } = resolveConfiguration([linuxPolicy(path)]);
    expect({ problems, unknownKeys }).toEqual({ problems: [], unknownKeys: [] });
    expect(settings.models.value).toEqual([{ name: 'ab' }, { name: 'cd' }]);
  });

  it.runIf(isRoot).each([
    ['not JSON', '{"tenantId"', /isn't valid JSON, line 1, column 12/],
    ['a list', '[]', /isn't a JSON object/],
    ['not text', Buffer.from([0x7b, 0xff]), /is neither UTF-8 nor UTF-16 text/],
    ['larger than a configuration', `{"a":"${'x'.repeat(1 << 20)}"}`, /is larger than 1 MiB/],
  ])('%s is unreadable, for a stated reason', (_, content, reason) => {
    writeFileSync(path, content);
    expect(read()).toMatchObject({ state: 'unreadable', reason: expect.stringMatching(reason) });
  });

  it.runIf(isRoot).each([
    ['the file of another user', () => chownSync(path, 65_534, 0), "doesn't belong to root"],
    ['a file that its group may write to', () => chmodSync(path, 0o664), 'is writable by users other than root'],
    ['a file that all may write to', () => chmodSync(path, 0o646), 'is writable by users other than root'],
    ["another user's folder", () => chownSync(folder, 65_534, 0), "is in a folder that doesn't belong to root"],
    [
      'a folder that all may write to',
      () => chmodSync(folder, 0o777),
      'is in a folder that is writable by users other than root',
    ],
    [
      'a link',
      () => {
        rmSync(path);
        write('{}');
        symlinkSync(path, join(folder, 'link'));
        path = join(folder, 'link');
      },
      'is a link',
    ],
    [
      'a folder',
      () => {
        rmSync(path);
        mkdirSync(path);
      },
      "isn't a regular file",
    ],
  ])('%s is refused, not passed over', (_, change, reason) => {
    write('{"tenantId":"evil.example"}');
    expect(read()).toMatchObject({ state: 'values' });
    const before = linuxPolicy(path).fingerprint();
    change();
    expect(read()).toMatchObject({ state: 'unreadable', reason });
    // The running agent sees it too.
    expect(linuxPolicy(path).fingerprint()).not.toBe(before);
  });

  it.runIf(!isRoot)("a user's own file is refused", () => {
    write('{}');
    expect(read()).toEqual({ state: 'unreadable', reason: "doesn't belong to root" });
  });
});
