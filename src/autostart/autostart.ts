// What makes the system start the agent at log-in, behind one interface for the three systems.
import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';

export type AutostartKind = 'systemd' | 'xdg-autostart' | 'launch-agent' | 'run-key';

export interface AutostartEntry {
  readonly kind: AutostartKind;
  /** `system`: for every user, an admin's. */
  readonly scope: 'user' | 'system';
  /** False for a systemd unit that no log-in starts; it can be started all the same. */
  readonly enabled: boolean;
  /** The file, or the registry value, where a person finds it. */
  readonly place: string;
  /** What it starts; empty where that cannot be read. */
  readonly program: string;
}

export interface Autostart {
  /** Every entry there is, the one that counts first. Starts no process. */
  entries(): Promise<readonly AutostartEntry[]>;
  /**
   * Writes the user's own entry and has the system take note of it. Changes nothing where that is the case already.
   * @throws AppError ERR_AUTOSTART
   */
  install(program: string): Promise<Installation>;
  /** Removes the user's own entries and returns their places. The agent is not touched. @throws AppError ERR_AUTOSTART */
  uninstall(): Promise<readonly string[]>;
  /** Has the service manager start the agent by this entry; false where there is none, or it does not. Never throws. */
  start(entry: AutostartEntry): Promise<boolean>;
}

export interface Installation {
  readonly changed: boolean;
  readonly place: string;
  /** What the user should know, for example why it is not the usual kind. */
  readonly note?: string;
}

export interface CommandResult {
  /** `undefined`: it could not be run, or did not end in time. */
  readonly exitCode: number | undefined;
  readonly stderr: string;
}

/** Runs a program without a shell; never rejects. */
export type RunCommand = (file: string, args: readonly string[], timeoutMs: number) => Promise<CommandResult>;

export const runCommand: RunCommand = (file, args, timeoutMs) =>
  new Promise((resolve) => {
    execFile(file, [...args], { timeout: timeoutMs, windowsHide: true }, (error, _stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      resolve({ exitCode, stderr: stderr.trim() });
    });
  });

/** Whether both paths lead to one file. */
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
