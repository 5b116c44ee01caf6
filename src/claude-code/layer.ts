import type { TokenSettings } from './document.ts';

export type LayerKind = 'environment' | 'state' | 'user' | 'project' | 'local' | 'managed';

/** One of the documents that Claude Code merges into its settings. */
export interface Layer extends TokenSettings {
  readonly kind: LayerKind;
  /** A path, or a registry value; for the environment, words. */
  readonly location: string;
}

/** A document that Claude Code ignores, wholly or in part. */
export interface Fault {
  readonly kind: LayerKind;
  readonly location: string;
  /** Completes `<location> …`. */
  readonly reason: string;
  /** Claude Code doesn't start. */
  readonly isFatal: boolean;
}

export interface Variable {
  readonly value: string;
  readonly layer: Layer;
}

export const ENVIRONMENT = 'this environment';
