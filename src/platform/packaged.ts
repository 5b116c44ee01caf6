// The only file that knows the packager, a Node single executable application:
// https://nodejs.org/api/single-executable-applications.html

/** Whether this process is the compiled binary. */
export function isPackaged(): boolean {
  // Undefined if Node was built without it.
  return process.getBuiltinModule('node:sea')?.isSea() === true;
}

/** An asset's bytes; undefined when run from source, or if the binary has no such asset. */
export function readAsset(name: string): Buffer | undefined {
  if (!isPackaged()) return undefined;
  try {
    return Buffer.from(process.getBuiltinModule('node:sea').getRawAsset(name) as ArrayBuffer);
  } catch {
    return undefined;
  }
}
