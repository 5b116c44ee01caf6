// `keystore-probe`, which only `doctor` runs: whether the keystore keeps what it is given.
import { randomUUID } from 'node:crypto';
import { AppError, type ErrorRecord, errorToRecord, toAppError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { openSecretStore } from '../storage/open-secret-store.ts';
import type { SecretStore } from '../storage/secret-store.ts';

export interface ProbeReport {
  readonly kind?: SecretStore['kind'];
  readonly error?: ErrorRecord;
}

export interface ProbeResult {
  readonly report: ProbeReport;
  /** A call is still under way, and an ordinary exit would wait for it. */
  readonly busy: boolean;
}

/** Never rejects. */
export async function probeKeystore(open: () => Promise<SecretStore> = openSecretStore): Promise<ProbeResult> {
  let store: SecretStore | undefined;
  try {
    store = await open();
    await writeReadDelete(store);
    return { report: { kind: store.kind }, busy: store.busy };
  } catch (thrown) {
    return { report: { error: errorToRecord(toAppError(thrown)) }, busy: store?.busy === true };
  }
}

/** Under a name that nobody else uses, so that two of these do not meet. */
async function writeReadDelete(store: SecretStore): Promise<void> {
  const key = `doctor-probe/${randomUUID()}`;
  const value = new Secret(randomUUID());
  await store.set(key, value);
  let read: Secret | undefined;
  try {
    read = await store.get(key);
  } finally {
    await store.delete(key);
  }
  if (read?.reveal() !== value.reveal()) throw unfaithful('it did not give back what was written');
  if ((await store.get(key)) !== undefined) throw unfaithful('it did not delete the entry');
}

function unfaithful(detail: string): AppError {
  return new AppError('ERR_KEYSTORE_UNAVAILABLE', { detail });
}
