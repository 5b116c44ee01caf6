// The only file that knows the packager, a Node single executable application:
// https://nodejs.org/api/single-executable-applications.html

type Sea = Pick<typeof import('node:sea'), 'isSea' | 'getRawAsset'>;

/** This runtime's `node:sea`; undefined if Node was built without it. */
function sea(): Sea | undefined {
  return process.getBuiltinModule('node:sea');
}

/** Whether this process is the compiled binary. */
export function isPackaged(): boolean {
  return sea()?.isSea() === true;
}

/** An asset's bytes; undefined when run from source, or if the binary has no such asset. */
export function readAsset(name: string): Buffer | undefined {
  if (!isPackaged()) return undefined;
  try {
    const bytes = sea()?.getRawAsset(name);
    return bytes === undefined ? undefined : Buffer.from(bytes as ArrayBuffer);
  } catch {
    return undefined;
  }
}
