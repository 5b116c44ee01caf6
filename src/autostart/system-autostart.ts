// The only platform switch in this folder.
import { AppError } from '../core/errors.ts';
import { type Autostart, isSameProgram, runCommand } from './autostart.ts';
import { isSameWindowsProgram } from './windows-program.ts';

/** This system's autostart. @throws AppError ERR_AUTOSTART unless it is macOS, Windows, or Linux */
export async function systemAutostart(env: NodeJS.ProcessEnv = process.env): Promise<Autostart> {
  switch (process.platform) {
    case 'darwin': {
      const { MacAutostart } = await import('./mac-autostart.ts');
      return new MacAutostart({ env, uid: process.getuid?.() ?? 0, run: runCommand });
    }
    case 'win32': {
      const { windowsAutostart } = await import('./windows-system.ts');
      return windowsAutostart(env);
    }
    case 'linux': {
      const { LinuxAutostart } = await import('./linux-autostart.ts');
      return new LinuxAutostart({ env, run: runCommand });
    }
    default:
      throw new AppError('ERR_AUTOSTART', { detail: `none is known for ${process.platform}` });
  }
}

/** Whether `program` is this program or, on Windows, its launcher. */
export function startsThisProgram(program: string): boolean {
  const isSame = process.platform === 'win32' ? isSameWindowsProgram : isSameProgram;
  return isSame(program, process.execPath);
}

/**
 * Asks the service manager to start the agent if the effective entry starts this very program. If it returns false, the
 * caller can start the agent itself. Never throws; takes 4 s at most, on Windows 8 s.
 */
export async function startByServiceManager(): Promise<boolean> {
  try {
    if (process.platform === 'win32') return await (await import('./windows-system.ts')).startByTask();
    const autostart = await systemAutostart();
    const [entry] = await autostart.entries();
    return entry !== undefined && startsThisProgram(entry.program) && (await autostart.start(entry));
  } catch {
    return false;
  }
}
