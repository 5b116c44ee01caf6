import { win32 } from 'node:path';

/** Whether both are paths of the same program, or one is the other's launcher. Windows' paths are case-insensitive. */
export function isSameWindowsProgram(left: string, right: string): boolean {
  const plain = (path: string): string =>
    win32
      .normalize(path)
      .toLowerCase()
      .replace(/w\.exe$/, '.exe');
  return plain(left) === plain(right);
}
