// Whether someone else could put another program in a program's place: through its file, a folder above it, or a link
// on the way.
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Administrators' groups: root or wheel, and macOS's admin. */
const ADMIN_GROUPS: ReadonlySet<number> = new Set(process.platform === 'darwin' ? [0, 80] : [0]);
const MAX_LINKS = 40;

export interface Weakness {
  readonly path: string;
  /** Such as "belongs to user 501". */
  readonly reason: string;
}

/**
 * The first place, from the root folder on, where someone other than the trusted users could replace the program.
 * Undefined also if there's no such program. Access control lists count if they show in the mode. Not for Windows.
 * @param trusted user numbers; a user's own group of the same number is trusted with the user
 */
export function whereReplaceable(program: string, trusted: ReadonlySet<number>): Weakness | undefined {
  for (const { path, stats } of placesOf(program)) {
    const reason = weaknessOf(stats, trusted);
    if (reason !== undefined) return { path, reason };
  }
  return undefined;
}

interface Place {
  readonly path: string;
  readonly stats: Stats;
}

/** Every folder, link, and file that a look-up of the path goes through. */
function* placesOf(path: string): Generator<Place> {
  const rest = resolve(path).split('/').filter(Boolean);
  let links = 0;
  let at = '/';
  yield { path: at, stats: lstatSync(at) };
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = resolve(at, name);
    const stats = lstatOrNothing(next);
    if (stats === undefined) return;
    yield { path: next, stats };
    if (!stats.isSymbolicLink()) at = next;
    else if (links++ < MAX_LINKS) {
      rest.unshift(...resolve(dirname(next), readlinkSync(next)).split('/').filter(Boolean));
      at = '/';
    } else return;
  }
}

function lstatOrNothing(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function weaknessOf(stats: Stats, trusted: ReadonlySet<number>): string | undefined {
  const { uid, gid, mode } = stats;
  if (!trusted.has(uid)) return `belongs to user ${uid}`;
  // A link doesn't have its own mode. In a folder with the sticky bit, only owners replace what is in it.
  if (stats.isSymbolicLink() || (stats.isDirectory() && (mode & 0o1000) !== 0)) return undefined;
  if ((mode & 0o002) !== 0) return 'is writable by everyone';
  const isOthersGroup = (mode & 0o020) !== 0 && !ADMIN_GROUPS.has(gid) && !trusted.has(gid);
  return isOthersGroup ? `is writable by group ${gid}` : undefined;
}
