// The only platform switch in this folder.
import { win32 } from 'node:path';
import { AppError } from '../core/errors.ts';
import { loadNativeAddon } from '../platform/native-addon.ts';
import { createRegistry } from '../platform/registry.ts';
import { type Autostart, isSameProgram, runCommand } from './autostart.ts';

/** This system's autostart. @throws AppError ERR_AUTOSTART unless it is macOS, Windows, or Linux */
export async function systemAutostart(env: NodeJS.ProcessEnv = process.env): Promise<Autostart> {
  switch (process.platform) {
    case 'darwin': {
      const { MacAutostart } = await import('./mac-autostart.ts');
      return new MacAutostart({ env, uid: process.getuid?.() ?? 0, run: runCommand });
    }
    case 'win32': {
      const { WindowsAutostart } = await import('./windows-autostart.ts');
      return new WindowsAutostart(createRegistry(await loadNativeAddon('registry')));
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
  if (process.platform !== 'win32') return isSameProgram(program, process.execPath);
  // Windows paths are case-insensitive.
  const plain = (path: string): string =>
    win32
      .normalize(path)
      .toLowerCase()
      .replace(/w\.exe$/, '.exe');
  return plain(program) === plain(process.execPath);
}

/**
 * Asks the service manager to start the agent if the effective entry starts this very program. If it returns false, the
 * caller can start the agent itself. Never throws; takes 4 s at most.
 */
export async function startByServiceManager(): Promise<boolean> {
  // The Run key starts nothing before the next log-on, so its addon isn't worth loading.
  if (process.platform === 'win32') return false;
  try {
    const autostart = await systemAutostart();
    const [entry] = await autostart.entries();
    return entry !== undefined && startsThisProgram(entry.program) && (await autostart.start(entry));
  } catch {
    return false;
  }
}
