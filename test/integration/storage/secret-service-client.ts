// Run as its own process, since the native addon reads the session bus's address once per process:
//   node secret-service-client.ts DEADLINE_MS '[["set","key","value"],["get","key"]]'
// Each call's outcome is one JSON line: {value}, {code, detail} or {}.
import { writeSync } from 'node:fs';
import { toAppError } from '../../../src/core/errors.ts';
import { Secret } from '../../../src/core/secret.ts';
import { loadNativeAddon } from '../../../src/platform/native-addon.ts';
import { openSecretService } from '../../../src/storage/secret-service.ts';
import type { SecretStore } from '../../../src/storage/secret-store.ts';

export type Call = readonly ['get' | 'delete', string] | readonly ['set', string, string];
export interface Outcome {
  readonly value?: string | undefined;
  readonly code?: string;
  readonly detail?: string | undefined;
}

async function perform(store: SecretStore, [operation, key, value]: Call): Promise<Outcome> {
  try {
    if (operation === 'get') return { value: (await store.get(key))?.reveal() };
    await (operation === 'set' ? store.set(key, new Secret(value ?? '')) : store.delete(key));
    return {};
  } catch (thrown) {
    const { code, detail } = toAppError(thrown);
    return { code, detail };
  }
}

const [deadlineMs, calls] = process.argv.slice(2);
const store = openSecretService(await loadNativeAddon('keyring'), Number(deadlineMs));
for (const call of JSON.parse(calls ?? '[]') as Call[]) {
  writeSync(1, `${JSON.stringify(await perform(store, call))}\n`);
}
