const NAME = 'GLIBC_TUNABLES';
const VALUE = 'glibc.malloc.perturb=165:glibc.malloc.tcache_count=0';

/**
 * The environment variable that makes glibc overwrite memory as soon as it's freed (M_PERTURB in mallopt(3), without
 * the cache that would leave small blocks unchanged). Tokens pass through buffers of Node, OpenSSL, and D-Bus that
 * nothing else clears. glibc reads it once, at the start of a process; other C libraries and systems ignore it.
 */
export const OVERWRITE_FREED_MEMORY = `${NAME}=${VALUE}`;

/** The same for `spawn`. */
export const overwriteFreedMemory: Readonly<Record<string, string>> = { [NAME]: VALUE };
