import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** OpenSSL reads these files in place of the system's store. */
const STORE_VARIABLES = ['SSL_CERT_FILE', 'SSL_CERT_DIR'];

/**
 * Owns whether this process trusts the roots that its environment names, which `policyOnly` forbids. Node's default
 * roots exist once in a process, and those of NODE_EXTRA_CA_CERTS are among them from the start. So this changes them
 * for every connection of the process.
 */
export class EnvironmentRoots {
  #counts: boolean | undefined;
  #mayBeInSystemStore = false;

  /**
   * Whether what Node calls the system's store may come from the environment although that doesn't count. Node reads
   * the store once in a process, so it stays that way until the next start.
   */
  get isInSystemStore(): boolean {
    return this.#counts === false && this.#mayBeInSystemStore;
  }

  use(counts: boolean): void {
    if (counts === this.#counts) return;
    if (!counts) this.#forget();
    else if (this.#counts === false) {
      setDefaultCACertificates([...getCACertificates('bundled'), ...getCACertificates('extra')]);
    }
    this.#counts = counts;
  }

  #forget(): void {
    const isNamed = STORE_VARIABLES.some((name) => process.env[name] !== undefined);
    // Before the first connection, nothing has read the store but Node itself.
    this.#mayBeInSystemStore ||= isNamed && (this.#counts === true || isStoreReadAtStart());
    for (const name of STORE_VARIABLES) delete process.env[name];
    setDefaultCACertificates(getCACertificates('bundled'));
  }
}

/** NODE_USE_SYSTEM_CA makes Node read the store on its own thread at its start, and trust it by default. */
function isStoreReadAtStart(): boolean {
  const [total, bundled, extra] = (['default', 'bundled', 'extra'] as const).map(
    (set) => getCACertificates(set).length,
  );
  return total !== (bundled ?? 0) + (extra ?? 0);
}
