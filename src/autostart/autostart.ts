// Makes the system start the agent at log-in; one interface for all three systems.
import { realpathSync } from 'node:fs';
import { findProgram } from '../platform/programs.ts';
import { runProgram } from '../platform/run-program.ts';

export type AutostartKind = 'systemd' | 'xdg-autostart' | 'launch-agent' | 'scheduled-task' | 'run-key';

export interface AutostartEntry {
  readonly kind: AutostartKind;
  /** `system`: installed by an admin, for every user. */
  readonly scope: 'user' | 'system';
  /** False if it isn't started at log-in. It can still be started on demand, except a scheduled task. */
  readonly enabled: boolean;
  /** How to switch it on again, for display; set if the user or an admin switched it off. */
  readonly switchOn?: string;
  /** The file, scheduled task, or registry value that holds the entry, for display. */
  readonly place: string;
  /** Path of the program that the entry starts; empty if it can't be read. */
  readonly program: string;
}

export interface Autostart {
  /** All entries, the effective one first. May ask the service manager, which takes 2 s at most. */
  entries(): Promise<readonly AutostartEntry[]>;
  /**
   * Writes the user's own entry and tells the system about it. Changes nothing if that's done already.
   * @throws AppError ERR_AUTOSTART
   */
  install(program: string): Promise<Installation>;
  /**
   * Removes the user's own entries and returns their places. The service manager also stops an agent that it started.
   * @throws AppError ERR_AUTOSTART
   */
  uninstall(): Promise<readonly string[]>;
  /**
   * Asks the service manager to start this entry. Returns false if there's no service manager, or if it refuses. Never
   * throws.
   */
  start(entry: AutostartEntry): Promise<boolean>;
}

export interface Installation {
  readonly changed: boolean;
  readonly place: string;
  /** Something to tell the user, for example why this isn't the usual kind of entry. */
  readonly note?: string;
}

export interface CommandResult {
  /** `undefined` if the command couldn't be run or didn't end in time. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program without a shell; a bare name is looked up in PATH's absolute folders. Never rejects. */
export type RunCommand = (file: string, args: readonly string[], timeoutMs: number) => Promise<CommandResult>;

export const runCommand: RunCommand = async (name, args, timeoutMs) => {
  // A name that isn't found stays relative, and isn't run.
  const { exitCode, stdout, stderr } = await runProgram(findProgram(name) ?? name, args, timeoutMs);
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString().trim() };
};

/** Whether both paths lead to the same file, links included. */
export function isSameProgram(left: string, right: string): boolean {
  return realPath(left) === realPath(right);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
