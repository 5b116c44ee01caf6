// The real KeePassXC with its defaults, which asks before a program reads or changes an entry. It needs its own
// process: the keyring addon keeps the address of the first session bus that it connects to.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RefreshTokenStore } from '../../../src/agent/tokens/refresh-token-store.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { Secret } from '../../../src/core/secret.ts';
import { probeKeystore } from '../../../src/doctor/keystore-probe.ts';
import { silentLog } from '../../../src/log/event-log.ts';
import { loadNativeAddon } from '../../../src/platform/native-addon.ts';
import { RememberedStore } from '../../../src/storage/remembered-store.ts';
import { openSecretService } from '../../../src/storage/secret-service.ts';
import type { SecretStore } from '../../../src/storage/secret-store.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { FakeTokenSource } from '../../support/fakes/fake-token-source.ts';
import { type KeePassXc, type KeePassXcOptions, startKeePassXc } from '../../support/harness/keepassxc.ts';

const KEY = 'tenant/client';
const HOUR = 3_600_000;

describe.runIf(process.platform === 'linux')('KeePassXC', { timeout: 180_000 }, () => {
  // The same for every test: the addon takes the bus's address when it first connects.
  const root = mkdtempSync(join(tmpdir(), 'kpx-'));
  let keepass: KeePassXc;
  beforeEach(() => void mkdirSync(root, { recursive: true }));
  afterEach(async () => {
    await keepass.stop();
    rmSync(root, { recursive: true });
  });

  async function start(options: Partial<KeePassXcOptions> = {}): Promise<void> {
    keepass = await startKeePassXc({ root, ...options });
    process.env['DBUS_SESSION_BUS_ADDRESS'] = keepass.env['DBUS_SESSION_BUS_ADDRESS'];
  }

  /** As a new process opens it: KeePassXC knows programs by their connections. */
  async function open(deadlineMs?: number): Promise<SecretStore> {
    return openSecretService(await loadNativeAddon('keyring'), deadlineMs);
  }

  const remembered = async (): Promise<RememberedStore> =>
    new RememberedStore(await open(), join(root, 'keystore.json'), systemClock);

  it('shows one dialog for a sign-in and a day of refreshes', async () => {
    await start();
    await (await open()).set(KEY, new Secret('of an earlier process'));
    const clock = new FakeClock();
    const store = new RememberedStore(await open(), join(root, 'keystore.json'), clock);
    const records = new RefreshTokenStore(async () => store, KEY, silentLog, clock);
    const source = new FakeTokenSource();
    let { record } = source.grant();
    await records.keep(record);
    expect(keepass.requests).toBe(1);
    for (let hour = 0; hour < 25; hour += 1) {
      clock.advance(HOUR);
      const next = source.grant().record;
      await records.rotate(record, next);
      record = next;
    }
    expect((await store.get(KEY))?.reveal()).toContain('refresh-26');
    expect(await records.remove()).toBe(true);
    expect(keepass.requests).toBe(1);
  });

  it('waits for permission, which counts when it is given later', async () => {
    await start();
    await (await open()).set(KEY, new Secret('kept'));
    keepass.answer('not');
    const store = await open(500);
    await expect(store.get(KEY)).rejects.toMatchObject({
      code: 'ERR_KEYSTORE_WAITING',
      detail: "it hasn't answered yet",
    });
    await keepass.waitFor('Access Request');
    keepass.answer('allow');
    await expect.poll(() => store.busy).toBe(false);
    expect((await store.get(KEY))?.reveal()).toBe('kept');
    expect(keepass.requests).toBe(1);
  });

  it('refuses access if the dialog is dismissed', async () => {
    await start();
    await (await open()).set(KEY, new Secret('kept'));
    keepass.answer('dismiss');
    const call = (await open()).get(KEY);
    await expect(call).rejects.toMatchObject({
      code: 'ERR_KEYSTORE_LOCKED',
      detail: "its dialog was dismissed or couldn't be shown",
    });
  });

  it('is asked nothing and keeps nothing when it is probed, not even in its recycle bin', async () => {
    await start();
    const before = keepass.contents();
    expect((await probeKeystore(open)).report).toEqual({ kind: 'secret-service', written: false });
    expect(await (await remembered()).get(KEY)).toBeUndefined();
    await (await open()).set(KEY, new Secret('written so that the file is saved'));
    await expect.poll(() => keepass.contents()).not.toBe(before);
    expect(keepass.contents()).not.toMatch(/Recycle Bin|unlock-check|doctor-probe/);
    expect(keepass.requests).toBe(0);
  });

  it('is cleared, although it lists no entry without permission', async () => {
    await start();
    await (await remembered()).set(KEY, new Secret('kept'));
    await expect((await open()).clear()).rejects.toMatchObject({ code: 'ERR_KEYSTORE_LOCKED' });
    expect(await (await remembered()).clear()).toBe(1);
    expect(await (await open()).get(KEY)).toBeUndefined();
  });

  it('locked, waits to be unlocked: that isn\'t "no one is signed in"', async () => {
    await start();
    const store = await remembered();
    await store.set(KEY, new Secret('kept'));
    await keepass.lock();
    await expect(store.get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_WAITING' });
    await keepass.waitFor('Unlock Database');
  });

  it("locked and hiding its entries, isn't taken for empty", async () => {
    await start({ unlockBeforeSearch: false });
    await (await remembered()).set(KEY, new Secret('kept'));
    await keepass.lock();
    expect(await (await open()).get(KEY)).toBeUndefined();
    await expect((await remembered()).get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_MISSING' });
  });
});
