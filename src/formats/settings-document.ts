/**
 * How a file or a source writes settings down. `nested` is Claude Desktop's own form of a local configuration: JSON with
 * objects inside objects, where the others have one flat name for each setting.
 */
export type Form = 'json' | 'plist' | 'registry' | 'nested';

/** One setting as its file holds it. */
export interface Entry {
  readonly key: string;
  /** As the form holds it; `undefined` for registry types that hold no text or number. */
  readonly value: unknown;
  /** `REG_SZ` and so on, or the number of a type without a name. */
  readonly registryType?: string | undefined;
}

/** One program's settings in one place of a file. */
export interface SettingsDocument {
  readonly form: Form;
  readonly file: string;
  /** In the file's order. None for `nested`. */
  readonly entries: readonly Entry[];
  /** For `nested`: the file's object as it is. */
  readonly nested?: Readonly<Record<string, unknown>>;
  /** Lines, from 1, by key, or for `nested` by the keys that lead there, joined by dots. Registry names in lower case. */
  readonly lines?: ReadonlyMap<string, number>;
}
