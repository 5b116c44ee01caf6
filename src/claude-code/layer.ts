// What Claude Code puts on top of each other to come to its settings.

export type LayerKind = 'environment' | 'state' | 'user' | 'project' | 'local' | 'managed';

export interface Layer {
  readonly kind: LayerKind;
  /** A path, or a registry value; for the environment, words. */
  readonly location: string;
  readonly apiKeyHelper?: string;
  /** Variables as the document has them: Claude Code turns every value into text. */
  readonly env: Readonly<Record<string, unknown>>;
}

/** A document that doesn't count, wholly or in part. */
export interface Fault {
  readonly kind: LayerKind;
  readonly location: string;
  /** Completes `<location> …`. */
  readonly reason: string;
  /** Claude Code doesn't start. */
  readonly isFatal: boolean;
}

/** A variable in force. */
export interface Variable {
  readonly value: string;
  readonly layer: Layer;
}

export const ENVIRONMENT = 'this environment';
