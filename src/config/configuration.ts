// The effective configuration, as every other folder sees it. Keys, types and rules stand in keys.ts.
import type { ConfigurationKey, KeyValue, keys } from './keys.ts';

export type Cloud = KeyValue<'cloud'>;

/** Where a value came from, in words an admin recognises. */
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

/** Keys that always have a value: required to sign in, or with a default. */
type PresentKey = {
  [K in ConfigurationKey]: true extends HasDefault<K> | IsRequired<K> ? K : never;
}[ConfigurationKey];

/** Values of any of the keys, wherever they come from. */
export type Values = { readonly [K in ConfigurationKey]?: unknown };

/** Settings under `credential: api-key`, which needs nothing of Entra. */
export type ApiKeyConfiguration = Omit<Configuration, 'tenantId' | 'clientId'> &
  Partial<Pick<Configuration, 'tenantId' | 'clientId'>>;

/** Validated settings that the agent needs; optional ones are absent when nobody set them. */
export type Configuration = { readonly [K in PresentKey]: KeyValue<K> } & {
  readonly [K in Exclude<ConfigurationKey, PresentKey>]?: KeyValue<K>;
};
