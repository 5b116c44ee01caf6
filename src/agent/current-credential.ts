import type { EffectiveConfiguration } from '../config/configuration.ts';
import type { OpenConfiguration } from '../config/load.ts';
import { type Resolution, requireSettings } from '../config/resolve.ts';
import { ApiKeyCredential, type ApiKeyCredentialParts } from './credentials/api-key-credential.ts';
import { EntraCredential, type EntraCredentialParts } from './credentials/entra-credential.ts';
import { UnknownSettings } from './unknown-settings.ts';

export type Credential = EntraCredential | ApiKeyCredential;
export type CredentialParts = EntraCredentialParts & ApiKeyCredentialParts;

/**
 * Owns the credential: at most one is in use, and a change of any setting replaces it. The one before finishes what it
 * has under way; `stop` waits for both.
 */
export class CurrentCredential {
  readonly #configuration: OpenConfiguration;
  readonly #apply: (configuration: EffectiveConfiguration) => void;
  readonly #parts: CredentialParts;
  readonly #unknownSettings: UnknownSettings;
  readonly #retiring = new Set<Promise<void>>();
  #inUse:
    | { readonly resolution: Resolution; readonly fingerprint: string; readonly credential: Credential }
    | undefined;

  /** @param apply called with each configuration that comes into force, before it's used */
  constructor(
    configuration: OpenConfiguration,
    parts: CredentialParts,
    apply: (configuration: EffectiveConfiguration) => void,
  ) {
    this.#configuration = configuration;
    this.#parts = parts;
    this.#apply = apply;
    this.#unknownSettings = new UnknownSettings(parts.log);
  }

  /** @throws AppError ERR_CONFIG_* */
  get(): Credential {
    const resolution = this.#configuration.current();
    this.#unknownSettings.report(resolution);
    if (this.#inUse?.resolution === resolution) return this.#inUse.credential;
    const configuration = requireSettings(resolution);
    const fingerprint = JSON.stringify(configuration);
    const unchanged = this.#inUse?.fingerprint === fingerprint ? this.#inUse.credential : undefined;
    const credential = unchanged ?? this.#replace(configuration);
    this.#inUse = { resolution, fingerprint, credential };
    return credential;
  }

  /** Resolves when nothing is under way anymore. */
  async stop(): Promise<void> {
    this.#retire();
    await Promise.all(this.#retiring);
  }

  #replace(configuration: EffectiveConfiguration): Credential {
    this.#retire();
    this.#apply(configuration);
    return configuration.credential === 'api-key'
      ? new ApiKeyCredential(configuration, this.#parts)
      : new EntraCredential(configuration, this.#parts);
  }

  /** An API key has nothing under way: anyone who changes it waits for that. */
  #retire(): void {
    const credential = this.#inUse?.credential;
    if (credential?.kind !== 'entra') return;
    const stopped = credential.stop().finally(() => this.#retiring.delete(stopped));
    this.#retiring.add(stopped);
  }
}
