import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'plist';
import { expect, it, onTestFinished, vi } from 'vitest';
import { writeAddressFile } from '../../../src/platform/address-file.ts';
import { openUrl } from '../../../src/platform/open-url.ts';

const ADDRESS = 'http://127.0.0.1:49152/p/4f9c?x=1&y=<2>';

function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'address-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'state');
}

it('is an internet location that only this user can read, for a minute', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const file = writeAddressFile(stateFolder(), ADDRESS);
  expect(file).toMatch(/\.webloc$/);
  expect(parse(readFileSync(file, 'utf8'))).toEqual({ URL: ADDRESS });
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  vi.advanceTimersByTime(59_000);
  expect(statSync(file).isFile()).toBe(true);
  vi.advanceTimersByTime(1_000);
  expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
});

it('holds the address on macOS in place of the command line', async () => {
  const folder = stateFolder();
  await openUrl('http://127.0.0.1:49152/p/4f9c', { folder, platform: 'darwin', env: {} });
  expect(readFileSync(join(folder, 'sign-in.webloc'), 'utf8')).toContain('http://127.0.0.1:49152/p/4f9c');
});
