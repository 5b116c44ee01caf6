const PRIVATE = 0o077;

let startedWith: number | undefined;

/** From now on, others can't read what this process creates. */
export function keepNewFilesPrivate(): void {
  startedWith ??= process.umask(PRIVATE);
}

/** Runs `start`, which starts another program, so that the program's new files have the permissions that they usually have. */
export function withUsualUmask<T>(start: () => T): T {
  if (startedWith === undefined) return start();
  process.umask(startedWith);
  try {
    return start();
  } finally {
    process.umask(PRIVATE);
  }
}
