import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { Secret } from '../../../src/core/secret.ts';
import { MemorySecretStore } from '../../support/fakes/memory-secret-store.ts';
import { describeSecretStore } from './secret-store-contract.ts';

const entries = new Map<string, Secret>();
const opened = new Set<MemorySecretStore>();

describeSecretStore({
  open: () => {
    const store = new MemorySecretStore(entries);
    opened.add(store);
    return store;
  },
  lock: () => {
    for (const store of opened) store.lock();
  },
  unlock: () => {
    for (const store of opened) store.unlock();
  },
});

describe('the controls of the stand-in', () => {
  it('fails once, as often as told, and changes nothing', async () => {
    const store = new MemorySecretStore();
    await store.set('key', new Secret('old'));
    store.failNext();
    store.failNext(new AppError('ERR_KEYSTORE_RECORD'));
    await expect(store.set('key', new Secret('new'))).rejects.toMatchObject({ code: 'ERR_KEYSTORE_UNAVAILABLE' });
    await expect(store.get('key')).rejects.toMatchObject({ code: 'ERR_KEYSTORE_RECORD' });
    expect((await store.get('key'))?.reveal()).toBe('old');
  });

  it('answers late', async () => {
    const store = new MemorySecretStore();
    store.delayMs = 50;
    const startedAt = performance.now();
    await store.get('key');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(45);
  });
});
