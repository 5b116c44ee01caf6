// A place that holds settings. Absent, unreadable, and holding an invalid value are three different things.
import type { Origin } from '../configuration.ts';

export type SourceReading =
  | { readonly state: 'absent' }
  /** `reason` completes `<location> …`. It's public text and repeats none of the content. */
  | { readonly state: 'unreadable'; readonly reason: string; readonly cause?: unknown }
  | {
      readonly state: 'values';
      readonly values: Readonly<Record<string, unknown>>;
      /** Where a single key is set, if that isn't the source's own location. */
      readonly locations?: Readonly<Record<string, string>>;
      /** By key, the registry type of each value. */
      readonly registryTypes?: Readonly<Record<string, string>>;
      /** Keys whose form breaks a rule, whatever the value; the rule completes `"key" in <origin> …`. */
      readonly faults?: Readonly<Record<string, string>>;
    }
  /** It holds these keys, but none of them counts because another source overrides this one entirely. */
  | { readonly state: 'ignored'; readonly reason: string; readonly keys: readonly string[] };

export interface ConfigurationSource {
  readonly kind: Exclude<Origin['kind'], 'default'>;
  readonly location: string;
  /** Never throws. */
  read(): SourceReading;
  /** Changes if the content may have changed; cheap enough for every request. Never throws. */
  fingerprint(): string;
}
