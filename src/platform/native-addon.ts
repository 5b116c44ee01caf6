// Native addons: from the npm package when run from source, otherwise from the file that was installed with the
// program. The standalone program has only its own asset. The system can't load an addon from inside another file, so
// the asset is unpacked to a folder that only this user may write to.
import { createHash } from 'node:crypto';
import { closeSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AsyncEntry, findCredentialsAsync } from '@napi-rs/keyring';
import type { DpapiBindings } from '@primno/dpapi';
import { AppError } from '../core/errors.ts';
import { openInstalledAddon } from './installed-addon.ts';
import { isPackaged, readAsset } from './packaged.ts';
import { productPaths } from './paths.ts';
import { ensurePrivateFolder, openPrivateFile, writePrivateFile } from './private-file.ts';
import type { RegistryBindings } from './registry.ts';

/** What this program uses from each addon; its asset is called `<name>.node`. */
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
    const { openKey, enumValueNames, enumKeyNames, queryValueRaw, closeKey, createKey, setValueRaw, deleteValue } =
      package_;
    return {
      openKey: (hive, path, options, access) => openKey(hive, path, access, options),
      enumValueNames,
      enumKeyNames,
      queryValue: queryValueRaw,
      closeKey,
      createKey: (hive, path, options, access) => createKey(hive, path, access, options),
      setValue: setValueRaw,
      deleteValue,
    };
  },
};

/** @throws AppError ERR_KEYSTORE_UNAVAILABLE or ERR_AGENT_UNTRUSTED if the addon can't be unpacked or loaded */
export async function loadNativeAddon<Name extends keyof NativeAddons>(name: Name): Promise<NativeAddons[Name]> {
  if (!isPackaged()) return loadFromPackage(name);
  const bytes = readAsset(`${name}.node`);
  if (bytes === undefined) throw unavailable(`this program lacks ${name}.node`);
  const { cache, runtime, state } = productPaths();
  // A cache folder may be full, read-only, or mounted noexec. Any private folder will do.
  return loadAddonBytes(name, bytes, [...new Set([cache, runtime, state])], process.execPath) as NativeAddons[Name];
}

/**
 * Why an addon that was installed with this program isn't used, so that one is unpacked into the user's profile
 * instead; one line for each. Empty when run from source, and for a standalone program. Never throws.
 */
export function installedAddonFaults(): readonly string[] {
  return (Object.keys(packages) as (keyof NativeAddons)[]).flatMap((name) => {
    const bytes = readAsset(`${name}.node`);
    const installed = bytes && openInstalledAddon(name, bytes);
    if (installed?.kind === 'open') closeSync(installed.descriptor);
    return installed?.kind === 'refused' ? [installed.fault] : [];
  });
}

async function loadFromPackage<Name extends keyof NativeAddons>(name: Name): Promise<NativeAddons[Name]> {
  try {
    return await packages[name]();
  } catch (cause) {
    throw unavailable(`the native addon "${name}" can't be loaded`, cause);
  }
}

/**
 * Loads the addon that was installed with the program. If there is none, or it isn't these bytes, unpacks the bytes to
 * the first of `folders` that they can be loaded from.
 * @param program where the program is. Undefined: only unpack
 * @throws AppError ERR_KEYSTORE_UNAVAILABLE that names every place and what's wrong with it; ERR_AGENT_UNTRUSTED if no
 * folder is this user's alone
 */
export function loadAddonBytes(name: string, bytes: Buffer, folders: readonly string[], program?: string): unknown {
  const installed = program === undefined ? undefined : openInstalledAddon(name, bytes, program);
  const notes = installed?.kind === 'refused' ? [installed.fault] : [];
  if (installed?.kind === 'open') {
    try {
      return load(installed);
    } catch (thrown) {
      notes.push(reasonOf(thrown));
    }
  }
  const failures: unknown[] = [];
  for (const folder of folders) {
    try {
      return load(unpack(folder, name, bytes));
    } catch (thrown) {
      failures.push(thrown);
    }
  }
  const reasons = [...notes, ...failures.map(reasonOf)];
  // Another user's folders aren't a missing keystore.
  const isUntrusted = failures.every((thrown) => thrown instanceof AppError && thrown.code === 'ERR_AGENT_UNTRUSTED');
  const detail = `${name}.node can't be loaded: ${reasons.join('; ')}`;
  const cause = new AggregateError(failures);
  throw isUntrusted ? new AppError('ERR_AGENT_UNTRUSTED', { detail, cause }) : unavailable(detail, cause);
}

interface Unpacked {
  readonly path: string;
  readonly descriptor: number;
}

/**
 * An open file with exactly these bytes. An existing file is compared with them, never trusted.
 * @throws AppError ERR_AGENT_UNTRUSTED, ERR_STATE_UNWRITABLE
 */
function unpack(folder: string, name: string, bytes: Buffer): Unpacked {
  ensurePrivateFolder(folder);
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const path = join(folder, `${name}-${digest}.node`);
  let descriptor = openIfHolding(path, bytes);
  if (descriptor === undefined) {
    writePrivateFile(path, bytes);
    descriptor = openIfHolding(path, bytes);
  }
  if (descriptor === undefined) throw new Error(`${path} doesn't hold what was written to it`);
  return { path, descriptor };
}

/** A link, or a file that others may write to, counts as different and is replaced. */
function openIfHolding(path: string, bytes: Buffer): number | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openPrivateFile(path);
    if (descriptor !== undefined && readFileSync(descriptor).equals(bytes)) return descriptor;
  } catch {
    // It's replaced.
  }
  if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

/**
 * Loads the file that was compared, whatever is at its path by now. Linux opens it by its descriptor, which then stays
 * open: the loader takes a second library of the same name for the first one. Elsewhere the path must do; no one else
 * may change it, or a folder above it.
 */
function load({ path, descriptor }: Unpacked): unknown {
  const byDescriptor = `/proc/self/fd/${descriptor}`;
  const isByDescriptor = process.platform === 'linux' && existsSync(byDescriptor);
  const module = { exports: {} };
  let isLoaded = false;
  try {
    process.dlopen(module, isByDescriptor ? byDescriptor : path);
    isLoaded = true;
    return module.exports;
  } finally {
    if (!isByDescriptor || !isLoaded) closeSync(descriptor);
  }
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof AppError && thrown.detail !== undefined) return thrown.detail;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function unavailable(detail: string, cause?: unknown): AppError {
  return new AppError('ERR_KEYSTORE_UNAVAILABLE', { detail, cause });
}
