import { expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { Secret } from '../../../src/core/secret.ts';
import { probeKeystore } from '../../../src/doctor/keystore-probe.ts';
import type { SecretStore } from '../../../src/storage/secret-store.ts';
import { MemorySecretStore } from '../../support/fakes/memory-secret-store.ts';

it('leaves nothing behind and touches nothing else', async () => {
  const store = new MemorySecretStore();
  await store.set('mine', new Secret('kept'));
  expect(await probeKeystore(async () => store)).toEqual({ report: { kind: 'memory', written: true }, busy: false });
  expect((await store.get('mine'))?.reveal()).toBe('kept');
});

it("notices a keystore that forgets, or that doesn't delete", async () => {
  class Forgetful extends MemorySecretStore {
    override get = async () => undefined;
  }
  class Keeping extends MemorySecretStore {
    override delete = async () => true;
  }
  const forgetful = await probeKeystore(async () => new Forgetful());
  expect(forgetful.report.error).toMatchObject({ detail: "it didn't return what was written" });
  const keeping = await probeKeystore(async () => new Keeping());
  expect(keeping.report.error).toMatchObject({ detail: "it didn't delete the entry" });
});

it("reports why there's no keystore", async () => {
  const { report } = await probeKeystore(() => Promise.reject(new AppError('ERR_KEYSTORE_UNAVAILABLE')));
  expect(report).toEqual({ error: { code: 'ERR_KEYSTORE_UNAVAILABLE' } });
});

it('writes nothing to a Secret Service, whose recycle bin would keep it', async () => {
  const calls: string[] = [];
  const store: SecretStore = {
    kind: 'secret-service',
    busy: false,
    get: async () => void calls.push('get'),
    set: async () => void calls.push('set'),
    delete: async () => calls.push('delete') > 0,
    clear: async () => calls.push('clear'),
  };
  expect(await probeKeystore(async () => store)).toEqual({
    report: { kind: 'secret-service', written: false },
    busy: false,
  });
  expect(calls).toEqual(['get']);
});
