import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openDesktopTimes } from '../../../src/claude-desktop/current-times.ts';
import { configLibrary } from '../../../src/claude-desktop/places.ts';
import type { ConfigurationSource } from '../../../src/config/sources/source.ts';

const ONE = '0f8a6b7c-1d2e-4f30-9a4b-5c6d7e8f9a0b';
const TWO = '1f8a6b7c-1d2e-4f30-9a4b-5c6d7e8f9a0b';

function createLibrary(platform: NodeJS.Platform = 'linux') {
  const root = mkdtempSync(join(tmpdir(), 'desktop-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const places = { env: { XDG_CONFIG_HOME: join(root, 'config') }, home: root, platform, root } as const;
  const folder = configLibrary(places);
  mkdirSync(folder, { recursive: true });
  return {
    places,
    apply: (id: string) => writeFileSync(join(folder, '_meta.json'), JSON.stringify({ appliedId: id, entries: [] })),
    write: (id: string, seconds: number) =>
      writeFileSync(join(folder, `${id}.json`), JSON.stringify({ inferenceCredentialHelperTtlSec: seconds })),
    manage: (seconds: number) => {
      const managed = join(root, 'etc/claude-desktop');
      mkdirSync(managed, { recursive: true, mode: 0o755 });
      const file = join(managed, 'managed-settings.json');
      writeFileSync(file, JSON.stringify({ inferenceCredentialHelperTtlSec: seconds }));
      chmodSync(file, 0o644);
    },
    unmanage: () => rmSync(join(root, 'etc'), { recursive: true }),
  };
}

it('counts each change of the local settings from the next call on', () => {
  const { places, apply, write } = createLibrary();
  const times = openDesktopTimes(places);
  expect(times().cacheMs).toBe(900_000);
  apply(ONE);
  write(ONE, 100);
  expect(times().cacheMs).toBe(100_000);
  write(ONE, 2_000);
  expect(times().cacheMs).toBe(2_000_000);
  write(TWO, 30);
  expect(times().cacheMs).toBe(2_000_000);
  apply(TWO);
  expect(times().cacheMs).toBe(30_000);
  write(TWO, 4_000);
  expect(times().cacheMs).toBe(4_000_000);
});

it.skipIf(process.getuid?.() !== 0)('counts managed settings that come and go', () => {
  const { places, apply, write, manage, unmanage } = createLibrary();
  apply(ONE);
  write(ONE, 100);
  const times = openDesktopTimes(places);
  expect(times().cacheMs).toBe(100_000);
  manage(50);
  expect(times().cacheMs).toBe(50_000);
  manage(600);
  expect(times().cacheMs).toBe(600_000);
  unmanage();
  expect(times().cacheMs).toBe(100_000);
});

it('reads nothing again as long as nothing changes', () => {
  const { places } = createLibrary('darwin');
  let fingerprint = 'one';
  const read = vi.fn<ConfigurationSource['read']>(() => ({
    state: 'values',
    values: { inferenceCredentialHelperTtlSec: 100 },
  }));
  const source: ConfigurationSource = { kind: 'managed', location: '/managed', read, fingerprint: () => fingerprint };
  const times = openDesktopTimes({ ...places, managed: [source] });
  // Once more than needed: only then is it known which file counts.
  for (let call = 0; call < 5; call += 1) expect(times().cacheMs).toBe(100_000);
  expect(read).toHaveBeenCalledTimes(2);
  fingerprint = 'two';
  times();
  times();
  expect(read).toHaveBeenCalledTimes(3);
});
