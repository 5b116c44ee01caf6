// Finds and loads Microsoft's authentication runtime, which only some builds include.
import { dirname } from 'node:path';
import { readAsset } from '../../../platform/packaged.ts';
import { loadVerifiedAddon } from '../../../platform/verified-addon.ts';
import { BrokerFailure } from '../broker.ts';
import type { MsalRuntime } from './msal-runtime.ts';
import { failureOf } from './runtime-call.ts';

/** The asset that a build with the runtime has: a `RuntimeManifest`. */
export const RUNTIME_MANIFEST = 'windows-broker.json';
export const RUNTIME_ADDON = 'msal-node-runtime.node';

/** The runtime's two files, next to the program: `codeHash` by file name. */
export type RuntimeManifest = Readonly<Record<string, string>>;

let loaded: MsalRuntime | undefined;

/** @throws BrokerFailure `Missing`, with what is missing */
export function loadRuntime(): MsalRuntime {
  if (loaded !== undefined) return loaded;
  const manifest = readAsset(RUNTIME_MANIFEST)?.toString('utf8');
  if (manifest === undefined) throw missing("this build doesn't include the Windows broker");
  loaded = loadRuntimeFrom(dirname(process.execPath), JSON.parse(manifest) as RuntimeManifest);
  return loaded;
}

/**
 * Loads the two files from this folder and nowhere else, and only if both are the ones of the manifest.
 * @throws BrokerFailure `Missing`
 */
export function loadRuntimeFrom(folder: string, manifest: RuntimeManifest): MsalRuntime {
  const result = loadVerifiedAddon(folder, manifest, RUNTIME_ADDON);
  if (result.kind === 'refused') throw missing(result.fault, result.cause);
  const runtime = result.exports as MsalRuntime;
  const { StartupError: startupError } = runtime;
  if (startupError === undefined || startupError === null) return runtime;
  const { fault, context, tag, subStatus } = failureOf(startupError);
  const detail = `Microsoft's authentication runtime can't start (${fault}, tag ${tag})`;
  throw new BrokerFailure('Missing', { context, tag, subStatus, detail });
}

function missing(detail: string, cause?: unknown): BrokerFailure {
  return new BrokerFailure('Missing', { detail, cause });
}
