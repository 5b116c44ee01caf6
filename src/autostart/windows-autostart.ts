// Windows: a value of the Run key, https://learn.microsoft.com/windows/win32/setupapi/run-and-runonce-registry-keys.
import { win32 } from 'node:path';
import { AppError } from '../core/errors.ts';
import type { Hive, WritableRegistry } from '../platform/registry.ts';
import type { Autostart, AutostartEntry, Installation } from './autostart.ts';

const RUN = 'Software\\Microsoft\\Windows\\CurrentVersion\\Run';
const NAME = 'Foundry Credential Helper';
const OURS = /^foundry-credential-helperw?\.exe$/i;

export class WindowsAutostart implements Autostart {
  readonly #registry: WritableRegistry;

  constructor(registry: WritableRegistry) {
    this.#registry = registry;
  }

  entries(): Promise<readonly AutostartEntry[]> {
    return Promise.resolve([
      ...this.#values('HKEY_CURRENT_USER').map(({ entry }) => entry),
      ...this.#values('HKEY_LOCAL_MACHINE').map(({ entry }) => entry),
    ]);
  }

  async install(program: string): Promise<Installation> {
    const place = placeOf('HKEY_CURRENT_USER', NAME);
    const command = `"${program}" agent run`;
    const found = this.#values('HKEY_CURRENT_USER');
    const [only] = found;
    if (found.length === 1 && only?.name === NAME && only.command === command) {
      return { changed: false, place };
    }
    return this.#change(place, () => {
      for (const { name } of found) this.#registry.deleteValue('HKEY_CURRENT_USER', RUN, name);
      this.#registry.writeText('HKEY_CURRENT_USER', RUN, NAME, command);
      return { changed: true, place };
    });
  }

  async uninstall(): Promise<readonly string[]> {
    const found = this.#values('HKEY_CURRENT_USER');
    return this.#change(RUN, () => {
      for (const { name } of found) this.#registry.deleteValue('HKEY_CURRENT_USER', RUN, name);
      return found.map(({ entry }) => entry.place);
    });
  }

  /** Nothing can start a Run key entry before the next log-on. */
  start(): Promise<boolean> {
    return Promise.resolve(false);
  }

  #values(hive: Hive): { name: string; command: string; entry: AutostartEntry }[] {
    const scope = hive === 'HKEY_LOCAL_MACHINE' ? 'system' : 'user';
    return (this.#registry.readKey(hive, RUN) ?? []).flatMap(({ name, data }) => {
      if (typeof data !== 'string') return [];
      const program = programOf(data);
      if (!OURS.test(win32.basename(program))) return [];
      return [
        { name, command: data, entry: { kind: 'run-key', scope, enabled: true, place: placeOf(hive, name), program } },
      ];
    });
  }

  #change<T>(place: string, change: () => T): T {
    try {
      return change();
    } catch (cause) {
      throw new AppError('ERR_AUTOSTART', { detail: `${place} cannot be written`, cause });
    }
  }
}

function placeOf(hive: Hive, name: string): string {
  return `${hive}\\${RUN}\\${name}`;
}

function programOf(command: string): string {
  return (
    /^\s*(?:"([^"]*)"|(\S+))/
      .exec(command)
      ?.slice(1)
      .find((path) => path !== undefined) ?? ''
  );
}
