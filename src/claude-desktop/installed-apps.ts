// What there is to know about the Claude Desktop on a computer.
import type { RunProgram } from '../platform/run-program.ts';

export interface Installation {
  readonly version: string;
  /** `/Applications/Claude.app`, or the package as its system calls it. */
  readonly place: string;
}

export interface RunningApp {
  /** Its file, or its package. */
  readonly program: string;
  /** If its path or package has it, as on Windows. */
  readonly version?: string | undefined;
  /** Its files have been replaced since it started. */
  readonly isReplaced: boolean;
}

export interface DesktopApps {
  /** The newest first. */
  readonly installed: readonly Installation[];
  /** Those of this user, one for each program. */
  readonly running: readonly RunningApp[];
}

export interface AppPlaces {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly run: RunProgram;
}

/** For each program that is asked. */
export const ASK_MS = 10_000;

/** The version in a package's version, such as `1:2.0.5+claude2.26454.0-1`. `undefined` if there is none. */
export function versionIn(text: string): string | undefined {
  const withoutEpoch = text.replace(/^\d+:/, '');
  return /claude-?v?(\d+(?:\.\d+)+)/i.exec(withoutEpoch)?.[1] ?? /\d+(?:\.\d+)+/.exec(withoutEpoch)?.[0];
}
