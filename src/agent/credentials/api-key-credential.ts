import type { ApiKeyConfiguration } from '../../config/configuration.ts';
import { parseApiKey } from '../../core/api-key.ts';
import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { HelperContext } from '../../core/helper-context.ts';
import type { Secret } from '../../core/secret.ts';
import type { EventLog } from '../../log/event-log.ts';
import type { SecretStore } from '../../storage/secret-store.ts';

export interface ApiKeyCredentialParts {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly openStore: () => Promise<SecretStore>;
  /** How long Claude Desktop uses a key before it asks again, in milliseconds. */
  readonly desktopTtlMs: () => number;
}

/**
 * `credential: api-key`. Owns the API key of one Foundry resource, and has nothing to do with Entra. The agent is the
 * only writer, so it reads the keystore once.
 */
export class ApiKeyCredential {
  readonly kind = 'api-key';
  readonly configuration: ApiKeyConfiguration;
  readonly #parts: ApiKeyCredentialParts;
  readonly #entry: string;
  #known: Secret | undefined;
  #lastHandOut: Instant | undefined;

  constructor(configuration: ApiKeyConfiguration, parts: ApiKeyCredentialParts) {
    this.configuration = configuration;
    this.#parts = parts;
    this.#entry = apiKeyEntry(configuration);
  }

  /** @throws AppError ERR_KEYSTORE_*; a locked keystore is never "no key". */
  async load(): Promise<Secret | undefined> {
    if (this.#known !== undefined) return this.#known;
    const stored = await (await this.#parts.openStore()).get(this.#entry);
    if (stored !== undefined) this.#known = asApiKey(stored);
    return this.#known;
  }

  /** @throws AppError ERR_API_KEY_MISSING; ERR_KEYSTORE_* */
  async require(): Promise<Secret> {
    const key = await this.load();
    if (key === undefined) throw new AppError('ERR_API_KEY_MISSING');
    return key;
  }

  /**
   * The key for one helper run. `mid-session-refresh` gets the same key again, because there's only one and the service
   * may have been at fault. The log says when it was probably rejected.
   * @throws AppError as `require`
   */
  async next(context: HelperContext): Promise<Secret> {
    const { clock, log, desktopTtlMs } = this.#parts;
    const key = await this.require();
    const isCached = this.#lastHandOut !== undefined && elapsedSince(this.#lastHandOut, clock) < desktopTtlMs();
    if (context === 'mid-session-refresh' && isCached) log.warn('api-key-rejected', { context });
    this.#lastHandOut = instant(clock);
    return key;
  }

  /** Replaces the key. @throws AppError ERR_KEYSTORE_*; then the key before it, if any, is kept. */
  async keep(key: Secret): Promise<void> {
    await (await this.#parts.openStore()).set(this.#entry, key);
    this.#known = key;
    this.#lastHandOut = undefined;
    this.#parts.log.info('api-key-kept');
  }

  /**
   * Deletes the entry, even if it's not a valid key. Returns whether one existed.
   * @throws AppError ERR_KEYSTORE_*; then nothing is forgotten.
   */
  async remove(): Promise<boolean> {
    const store = await this.#parts.openStore();
    const existed = await store.delete(this.#entry);
    this.#known = undefined;
    return existed;
  }
}

/** The keystore entry. A key is for one resource, so each resource has its own. */
export function apiKeyEntry({ foundryResource }: Pick<ApiKeyConfiguration, 'foundryResource'>): string {
  return foundryResource === undefined ? 'api-key' : `api-key/${foundryResource.toLowerCase()}`;
}

function asApiKey(stored: Secret): Secret {
  try {
    return parseApiKey(stored.reveal());
  } catch (cause) {
    throw new AppError('ERR_KEYSTORE_RECORD', { detail: "it isn't an API key", cause });
  }
}
