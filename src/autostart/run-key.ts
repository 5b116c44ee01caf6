// Values of Windows' Run key, which older installations have and an admin may have made:
// https://learn.microsoft.com/windows/win32/setupapi/run-and-runonce-registry-keys
import { win32 } from 'node:path';
import { AppError } from '../core/errors.ts';
import type { Hive, Registry, WritableRegistry } from '../platform/registry.ts';
import type { AutostartEntry } from './autostart.ts';

const RUN = 'Software\\Microsoft\\Windows\\CurrentVersion\\Run';
/** Where Task Manager and Settings note what the user has turned off: a value of the same name. */
const APPROVED = 'Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\StartupApproved\\Run';
const OURS = /^foundry-credential-helperw?\.exe$/i;

/** The values that start this program, the user's own first. */
export function runEntries(registry: Registry): readonly AutostartEntry[] {
  return [...entriesIn(registry, 'HKEY_CURRENT_USER'), ...entriesIn(registry, 'HKEY_LOCAL_MACHINE')];
}

/** Removes the user's own values that start this program and returns their places. @throws AppError ERR_AUTOSTART */
export function removeRunValues(registry: WritableRegistry): readonly string[] {
  const hive = 'HKEY_CURRENT_USER';
  return valuesIn(registry, hive).map(({ name }) => {
    const place = placeOf(hive, name);
    try {
      registry.deleteValue(hive, RUN, name);
    } catch (cause) {
      throw new AppError('ERR_AUTOSTART', { detail: `${place} can't be removed`, cause });
    }
    return place;
  });
}

function entriesIn(registry: Registry, hive: Hive): AutostartEntry[] {
  const scope = hive === 'HKEY_LOCAL_MACHINE' ? 'system' : 'user';
  return valuesIn(registry, hive).map(({ name, program }) => {
    return { kind: 'run-key', scope, enabled: isApproved(registry, hive, name), place: placeOf(hive, name), program };
  });
}

function valuesIn(registry: Registry, hive: Hive): { readonly name: string; readonly program: string }[] {
  return (registry.readKey(hive, RUN) ?? []).flatMap(({ name, data }) => {
    const program = typeof data === 'string' ? programOf(data) : '';
    return OURS.test(win32.basename(program)) ? [{ name, program }] : [];
  });
}

/** The value's first byte is odd if the entry is off (3, 7, …), followed by when. No value: it's on. */
function isApproved(registry: Registry, hive: Hive, name: string): boolean {
  const value = registry
    .readKey(hive, APPROVED)
    ?.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  return ((value?.bytes?.[0] ?? 0) & 1) === 0;
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
