// The effective configuration, as every other folder sees it. keys.ts defines keys, types, and rules.
import type { ConfigurationKey, KeyValue, keys } from './keys.ts';

/** Where a value came from, in words that an admin recognizes. */
export interface Origin {
  readonly kind: 'managed' | 'user-file' | 'environment' | 'default';
  /** The file, registry key or variable: `/home/a/.config/…/config.json`, `AZURE_TENANT_ID`. */
  readonly location: string;
}

type HasDefault<K extends ConfigurationKey> = (typeof keys)[K] extends {
  readonly default: { readonly kind: 'value' | 'by-cloud' };
}
  ? true
  : false;

type IsRequired<K extends ConfigurationKey> = (typeof keys)[K] extends {
  readonly requiredFor: readonly ['sign-in', ...unknown[]];
}
  ? true
  : false;

/** Keys that always have a value: required to sign in with Entra, or with a default. */
type PresentKey = {
  [K in ConfigurationKey]: true extends HasDefault<K> | IsRequired<K> ? K : never;
}[ConfigurationKey];

/** Valid values of any of the keys, from whatever source. */
export type Values = { readonly [K in ConfigurationKey]?: KeyValue<K> | undefined };

/** All settings, validated, for a sign-in with Entra. Optional ones that no one set are absent. */
export type Configuration = { readonly [K in PresentKey]: KeyValue<K> } & {
  readonly [K in Exclude<ConfigurationKey, PresentKey>]?: KeyValue<K>;
};

/** The settings that only an Entra sign-in requires. */
type EntraKey = 'tenantId' | 'clientId';

/** All settings, validated, for `credential: api-key`, which requires no settings for Entra. */
export type ApiKeyConfiguration = Omit<Configuration, EntraKey | 'credential'> &
  Partial<Pick<Configuration, EntraKey>> & { readonly credential: 'api-key' };

/** Whatever the credential requires; tell the two apart by `credential`. */
export type EffectiveConfiguration = (Configuration & { readonly credential: 'entra' }) | ApiKeyConfiguration;
