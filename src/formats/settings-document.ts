import type { RegistryType } from './registry-file.ts';

/** How a file or a source writes settings down. */
export type Form = 'json' | 'plist' | 'registry';

/** One setting as its file holds it. */
export interface Entry {
  readonly key: string;
  /** As the form holds it; `undefined` for registry types that hold no text or number. */
  readonly value: unknown;
  readonly registryType?: RegistryType;
}

/** One program's settings in one place of a file. */
export interface SettingsDocument {
  readonly form: Form;
  readonly file: string;
  readonly entries: readonly Entry[];
}
