import { randomUUID } from 'node:crypto';
import { AppError, type ErrorRecord, errorToRecord, toAppError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { openSecretStore } from '../storage/open-secret-store.ts';
import type { SecretStore } from '../storage/secret-store.ts';

export interface ProbeReport {
  readonly kind?: SecretStore['kind'];
  /** Whether an entry was written. */
  readonly written?: boolean;
  readonly error?: ErrorRecord;
}

export interface ProbeResult {
  readonly report: ProbeReport;
  /** A call is still under way, and an ordinary exit would wait for it. */
  readonly busy: boolean;
}

/** Whether the keystore answers and, if deleted entries are really gone, keeps what it's given. Never rejects. */
export async function probeKeystore(open: () => Promise<SecretStore> = openSecretStore): Promise<ProbeResult> {
  let store: SecretStore | undefined;
  try {
    store = await open();
    // KeePassXC moves deleted entries to its recycle bin, so nothing is written to a Secret Service.
    const written = store.kind !== 'secret-service';
    const key = `doctor-probe/${randomUUID()}`;
    await (written ? writeReadDelete(store, key) : store.get(key));
    return { report: { kind: store.kind, written }, busy: store.busy };
  } catch (thrown) {
    return { report: { error: errorToRecord(toAppError(thrown)) }, busy: store?.busy === true };
  }
}

async function writeReadDelete(store: SecretStore, key: string): Promise<void> {
  const value = new Secret(randomUUID());
  await store.set(key, value);
  let read: Secret | undefined;
  try {
    read = await store.get(key);
  } finally {
    await store.delete(key);
  }
  if (read?.reveal() !== value.reveal()) throw unfaithful("it didn't return what was written");
  if ((await store.get(key)) !== undefined) throw unfaithful("it didn't delete the entry");
}

function unfaithful(detail: string): AppError {
  return new AppError('ERR_KEYSTORE_UNAVAILABLE', { detail });
}
