// A real terminal that a test types into and reads: tmux. Linux only.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { World } from './world.ts';

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export class Terminal {
  readonly #socket: string;
  readonly #env: Readonly<Record<string, string>>;

  /** A shell in its own window, gone when the test ends. */
  constructor(world: World, { columns = 90, rows = 40, env = {} }: TerminalOptions = {}) {
    this.#socket = join(world.sandbox.root, 'tmux');
    this.#env = { LANG: 'C.UTF-8', ...world.env, TERM: 'xterm-256color', ...env };
    onTestFinished(() => void spawnSync('tmux', ['-S', this.#socket, 'kill-server'], { env: this.#env }));
    this.#tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), 'env PS1="$ " sh');
    const { TERM } = env;
    if (TERM !== undefined) this.type(`TERM=${TERM}; clear`);
  }

  /** Types a line. */
  type(line: string): void {
    this.#tmux('send-keys', '-l', line);
    this.press('Enter');
  }

  /** A key as tmux names it: `C-c`, `Enter`. */
  press(key: string): void {
    this.#tmux('send-keys', key);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The text on the screen. */
  screen(): string {
    return this.#tmux('capture-pane', '-p').trimEnd();
  }

  /** The same with its colors, as escape sequences. */
  colored(): string {
    return this.#tmux('capture-pane', '-p', '-e').trimEnd();
  }

  /** Whether the cursor shows. */
  cursorShows(): boolean {
    return this.#tmux('display-message', '-p', '#{cursor_flag}').trim() === '1';
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, '-u', ...args], { encoding: 'utf8', env: this.#env });
  }
}
