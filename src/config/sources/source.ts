// A place that holds settings. Absent, unreadable and holding an invalid value are three different things.
import type { Origin } from '../configuration.ts';

export type SourceReading =
  | { readonly state: 'absent' }
  /** `reason` completes `<location> …`; it is public text and repeats nothing of the content. */
  | { readonly state: 'unreadable'; readonly reason: string; readonly cause?: unknown }
  | {
      readonly state: 'values';
      readonly values: Readonly<Record<string, unknown>>;
      /** Where a single key stands, when that is not the source's own location. */
      readonly locations?: Readonly<Record<string, string>>;
      /** Keys whose form, apart from the value, breaks this rule; it completes `"key" in <origin> …`. */
      readonly faults?: Readonly<Record<string, string>>;
    }
  /** It holds these keys, and none of them counts, because another source rules this one out as a whole. */
  | { readonly state: 'ignored'; readonly reason: string; readonly keys: readonly string[] };

export interface ConfigurationSource {
  readonly kind: Exclude<Origin['kind'], 'default'>;
  readonly location: string;
  /** Never throws. */
  read(): SourceReading;
  /** Changes when the content may have changed; cheap enough for every request. Never throws. */
  fingerprint(): string;
}
