// Native addons: from the npm package when run from source, otherwise from an asset of the binary. The system can't
// load an addon from inside another file, so the asset is unpacked to a folder that only this user may write to.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { AsyncEntry, findCredentialsAsync } from '@napi-rs/keyring';
import type { DpapiBindings } from '@primno/dpapi';
import { AppError } from '../core/errors.ts';
import { isPackaged, readAsset } from './packaged.ts';
import { productPaths } from './paths.ts';
import { ensurePrivateFolder, readPrivateFile, writePrivateFile } from './private-file.ts';
import type { RegistryBindings } from './registry.ts';

/** What we use from each addon; its asset is called `<name>.node`. */
export interface NativeAddons {
  readonly keyring: {
    readonly AsyncEntry: typeof AsyncEntry;
    readonly findCredentialsAsync: typeof findCredentialsAsync;
  };
  readonly dpapi: DpapiBindings;
  readonly registry: RegistryBindings;
}

/** The npm packages' own loaders. In a packaged program, they would look for files that don't exist. */
const packages: { readonly [Name in keyof NativeAddons]: () => Promise<NativeAddons[Name]> } = {
  keyring: () => import('@napi-rs/keyring'),
  dpapi: async () => (await import('@primno/dpapi')).Dpapi,
  registry: async () => {
    const { default: package_ } = await import('native-reg');
    const { openKey, enumValueNames, queryValueRaw, closeKey, createKey, setValueRaw, deleteValue } = package_;
    return {
      openKey: (hive, path, options, access) => openKey(hive, path, access, options),
      enumValueNames,
      queryValue: queryValueRaw,
      closeKey,
      createKey: (hive, path, options, access) => createKey(hive, path, access, options),
      setValue: setValueRaw,
      deleteValue,
    };
  },
};

/** @throws AppError ERR_KEYSTORE_UNAVAILABLE if the addon can't be unpacked or loaded */
export async function loadNativeAddon<Name extends keyof NativeAddons>(name: Name): Promise<NativeAddons[Name]> {
  if (!isPackaged()) return loadFromPackage(name);
  const bytes = readAsset(`${name}.node`);
  if (bytes === undefined) throw unavailable(`this program lacks ${name}.node`);
  const { cache, runtime, state } = productPaths();
  // A cache folder may be full, read-only, or mounted noexec. Any private folder will do.
  return loadAddonBytes(name, bytes, [...new Set([cache, runtime, state])]) as NativeAddons[Name];
}

async function loadFromPackage<Name extends keyof NativeAddons>(name: Name): Promise<NativeAddons[Name]> {
  try {
    return await packages[name]();
  } catch (cause) {
    throw unavailable(`the native addon "${name}" cannot be loaded`, cause);
  }
}

/**
 * Unpacks the addon to the first of `folders` from which it can be loaded, and loads it.
 * @throws AppError ERR_KEYSTORE_UNAVAILABLE that names every folder and what's wrong with it
 */
export function loadAddonBytes(name: string, bytes: Buffer, folders: readonly string[]): unknown {
  const failures: unknown[] = [];
  for (const folder of folders) {
    try {
      const module = { exports: {} };
      process.dlopen(module, unpack(folder, name, bytes));
      return module.exports;
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  const reasons = failures.map((thrown) => (thrown instanceof Error ? thrown.message : String(thrown)));
  throw unavailable(`${name}.node cannot be loaded: ${reasons.join('; ')}`, new AggregateError(failures));
}

/**
 * Returns the path of a file with exactly these bytes. An existing file is compared with them, never trusted. Only this
 * user may write to the folder and the file, so nobody else can change them between the check and the load.
 */
function unpack(folder: string, name: string, bytes: Buffer): string {
  ensurePrivateFolder(folder);
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const path = join(folder, `${name}-${digest}.node`);
  if (!holds(path, bytes)) writePrivateFile(path, bytes);
  return path;
}

/** A link, or a file that others may write to, counts as different and is replaced. */
function holds(path: string, bytes: Buffer): boolean {
  try {
    return readPrivateFile(path)?.equals(bytes) === true;
  } catch {
    return false;
  }
}

function unavailable(detail: string, cause?: unknown): AppError {
  return new AppError('ERR_KEYSTORE_UNAVAILABLE', { detail, cause });
}
