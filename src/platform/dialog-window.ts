// Windows: the window that a dialog of the system belongs to. This program has none, so the launcher next to it opens
// one (installers/windows/window.c), and the dialog comes to the front with it.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface DialogWindow {
  /** Its handle (HWND) in eight bytes; zero if there's no window, and then Windows chooses where the dialog appears. */
  readonly handle: Buffer;
  /** Closes it. A dialog that still belongs to it closes too. */
  close(): void;
}

/** Opening it takes milliseconds. */
const OPEN_MS = 5000;

/** Opens it in the middle of the screen with the active window. Never rejects. */
export function openDialogWindow(
  launcher: string = process.execPath.replace(/(?<!w)\.exe$/i, 'w.exe'),
): Promise<DialogWindow> {
  if (launcher === process.execPath || !existsSync(launcher)) return Promise.resolve(NO_WINDOW);
  return new Promise((resolve) => {
    // The window stays as long as this pipe does, and so no longer than this process.
    const child = spawn(launcher, ['--dialog-window'], { stdio: ['pipe', 'pipe', 'ignore'], shell: false });
    const settle = (window: DialogWindow) => {
      clearTimeout(timer);
      if (window === NO_WINDOW) child.kill();
      resolve(window);
    };
    const timer = setTimeout(() => settle(NO_WINDOW), OPEN_MS);
    child.once('error', () => settle(NO_WINDOW));
    child.once('exit', () => settle(NO_WINDOW));
    child.stdin.on('error', () => undefined);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString('latin1')}`.slice(0, 100);
      const [, handle] = /^(\d+)\n/.exec(said) ?? [];
      if (handle !== undefined) settle(windowOf(BigInt(handle), child));
    });
  });
}

const NO_WINDOW: DialogWindow = { handle: Buffer.alloc(8), close: () => undefined };

function windowOf(handle: bigint, child: ChildProcess): DialogWindow {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(handle);
  return { handle: bytes, close: () => child.stdin?.end() };
}
