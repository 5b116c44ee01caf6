import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLogoFile } from '../../../src/config/logo-file.ts';

const PNG = Buffer.from('\x89PNG\r\n\x1a\n rest', 'latin1');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'logo-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(bytes: Buffer): string {
  const path = join(folder, 'logo');
  writeFileSync(path, bytes);
  return path;
}

describe('a logo', () => {
  it.each([
    ['image/png', PNG],
    ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0])],
    ['image/webp', Buffer.from('RIFF\0\n\0\0WEBPVP8 ', 'latin1')],
  ])('is %s by its first bytes', (type, bytes) => {
    expect(readLogoFile(fileOf(bytes))).toEqual({ state: 'logo', logo: { type, bytes } });
  });

  it.each([
    ["isn't a PNG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ["isn't a PNG", Buffer.from('GIF89a')],
    ["isn't a PNG", Buffer.alloc(0)],
    ['is larger than 256 KiB', Buffer.concat([PNG, Buffer.alloc(256 * 1024)])],
  ])('%s', (reason, bytes) => {
    expect(readLogoFile(fileOf(bytes))).toEqual({ state: 'unusable', reason: expect.stringContaining(reason) });
  });

  it('is a file that is there', () => {
    expect(readLogoFile(join(folder, 'none'))).toEqual({ state: 'unusable', reason: "doesn't exist" });
    expect(readLogoFile(folder)).toMatchObject({ state: 'unusable' });
    symlinkSync(join(folder, 'gone'), join(folder, 'dangling'));
    expect(readLogoFile(join(folder, 'dangling'))).toMatchObject({ state: 'unusable' });
  });

  it.skipIf(process.platform === 'win32')('never waits for a pipe', () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(readLogoFile(join(folder, 'pipe'))).toMatchObject({ state: 'unusable' });
  });
});
