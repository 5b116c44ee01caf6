import type { Subject } from '../config/places.ts';
import type { Finding } from './finding.ts';
import type { RegistryType } from './registry-file.ts';

export type Form = 'json' | 'plist' | 'registry';

export interface Entry {
  readonly key: string;
  /** As the form gives it; `undefined` for registry types that hold no text or number. */
  readonly value: unknown;
  readonly registryType?: RegistryType;
}

/** One program's settings in one place of a file. */
export interface SettingsDocument {
  readonly subject: Subject;
  readonly form: Form;
  readonly file: string;
  readonly entries: readonly Entry[];
}

/** What a file holds, and what is wrong with how it holds it. */
export interface FileContent {
  readonly documents: readonly SettingsDocument[];
  readonly findings: readonly Finding[];
}
