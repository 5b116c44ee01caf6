import { tmpdir } from 'node:os';

/**
 * Where tests make their folders: the system's own folder for temporary files. On macOS that one is behind a link, and so
 * long that a socket inside a user's home inside it has no room: `sun_path` has 104 bytes. `/private/tmp` is neither.
 */
export function temporaryFolder(platform: NodeJS.Platform = process.platform): string {
  return platform === 'darwin' ? '/private/tmp' : tmpdir();
}
