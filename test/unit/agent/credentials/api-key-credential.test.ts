// The API key's life: what the keystore says is told apart, and the same key is all there is.
import { describe, expect, it } from 'vitest';
import { ApiKeyCredential, apiKeyEntry } from '../../../../src/agent/credentials/api-key-credential.ts';
import type { ApiKeyConfiguration } from '../../../../src/config/configuration.ts';
import { parseApiKey } from '../../../../src/core/api-key.ts';
import { AppError } from '../../../../src/core/errors.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { MemorySecretStore } from '../../../support/fakes/memory-secret-store.ts';
import { LogProbe, MINUTE } from '../support.ts';

const configuration: ApiKeyConfiguration = {
  credential: 'api-key',
  cloud: 'public',
  scope: 'https://cognitiveservices.azure.com/.default',
  signInMethod: 'device-code',
  outputFormat: 'token',
  browserSignInFallback: false,
  allowTokenEndpoint: false,
  policyOnly: false,
  logLevel: 'info',
  auditToSystemLog: false,
  foundryResource: 'Contoso-Foundry',
};
const ENTRY = 'api-key/contoso-foundry';

function bench(store = new MemorySecretStore()) {
  const clock = new FakeClock();
  const log = new LogProbe();
  const apiKey = new ApiKeyCredential(configuration, {
    clock,
    log,
    openStore: async () => store,
    desktopTtlMs: () => 15 * MINUTE,
  });
  return { store, clock, log, apiKey };
}

describe('the API key', () => {
  it('is missing, kept, handed out in every context, removed', async () => {
    const { apiKey, store } = bench();
    await expect(apiKey.next('interactive')).rejects.toMatchObject({
      code: 'ERR_API_KEY_MISSING',
      category: 'sign-in',
    });
    await apiKey.keep(parseApiKey('key-1'));
    for (const context of ['interactive', 'background', 'mid-session-refresh', 'mid-session-refresh'] as const) {
      expect((await apiKey.next(context)).reveal()).toBe('key-1');
    }
    expect((await store.get(ENTRY))?.reveal()).toBe('key-1');
    expect(await apiKey.remove()).toBe(true);
    expect(await apiKey.remove()).toBe(false);
    await expect(apiKey.require()).rejects.toMatchObject({ code: 'ERR_API_KEY_MISSING' });
    expect(await store.get(ENTRY)).toBeUndefined();
  });

  it('says in the log when it was most likely rejected, and only then', async () => {
    const { apiKey, clock, log } = bench();
    await apiKey.keep(parseApiKey('key-1'));
    const rejections = () => log.events.filter((event) => event === 'api-key-rejected').length;
    await apiKey.next('mid-session-refresh');
    expect(rejections()).toBe(0);
    clock.advance(16 * MINUTE);
    await apiKey.next('mid-session-refresh');
    expect(rejections()).toBe(0);
    clock.advance(MINUTE);
    await apiKey.next('mid-session-refresh');
    expect(rejections()).toBe(1);
    // A new key hasn't been rejected by anyone.
    await apiKey.keep(parseApiKey('key-2'));
    expect((await apiKey.next('mid-session-refresh')).reveal()).toBe('key-2');
    expect(rejections()).toBe(1);
    expect(log.lines.join('\n')).not.toMatch(/key-[12]"/);
  });

  it("is read once: a keystore that is locked later doesn't matter", async () => {
    const { apiKey, store } = bench();
    await store.set(ENTRY, new Secret('key-1'));
    store.lock();
    await expect(apiKey.next('background')).rejects.toMatchObject({
      code: 'ERR_KEYSTORE_LOCKED',
      category: 'keystore',
    });
    store.unlock();
    await apiKey.next('background');
    store.lock();
    expect((await apiKey.next('background')).reveal()).toBe('key-1');
  });

  it("stays the old one if the keystore doesn't take the new one", async () => {
    const { apiKey, store } = bench();
    await apiKey.keep(parseApiKey('key-1'));
    store.failNext(new AppError('ERR_KEYSTORE_UNAVAILABLE'));
    await expect(apiKey.keep(parseApiKey('key-2'))).rejects.toMatchObject({ code: 'ERR_KEYSTORE_UNAVAILABLE' });
    expect((await apiKey.next('background')).reveal()).toBe('key-1');
    store.lock();
    await expect(apiKey.remove()).rejects.toMatchObject({ code: 'ERR_KEYSTORE_LOCKED' });
    store.unlock();
    expect((await apiKey.next('background')).reveal()).toBe('key-1');
  });

  it("an entry that isn't a key isn't handed out, not overwritten in passing, and can be replaced", async () => {
    const { apiKey, store } = bench();
    await store.set(ENTRY, new Secret('two\nlines'));
    await expect(apiKey.next('background')).rejects.toMatchObject({
      code: 'ERR_KEYSTORE_RECORD',
      category: 'keystore',
    });
    expect((await store.get(ENTRY))?.reveal()).toBe('two\nlines');
    await apiKey.keep(parseApiKey('key-1'));
    expect((await apiKey.next('background')).reveal()).toBe('key-1');
  });

  it('belongs to its resource, and never to a tenant and client', () => {
    expect(apiKeyEntry(configuration)).toBe(ENTRY);
    expect(apiKeyEntry({ foundryResource: 'other' })).not.toBe(ENTRY);
    // A tenant is a GUID or has a dot, so `tenant/client` never begins like this.
    expect(apiKeyEntry({})).toBe('api-key');
  });
});
