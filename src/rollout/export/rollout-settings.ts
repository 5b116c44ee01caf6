// What each program is to be told, from one set of answers.
import { posix, win32 } from 'node:path';
import type { Values } from '../../config/configuration.ts';
import { configurationKeys, isPathKey } from '../../config/keys.ts';
import { AppError } from '../../core/errors.ts';
import type { System } from '../../core/system.ts';

export const PROVIDERS = ['foundry', 'gateway'] as const;

export interface RolloutOptions {
  readonly provider: (typeof PROVIDERS)[number];
  /** Address that Claude Desktop's gateway provider calls; default: the resource's. */
  readonly gatewayUrl?: string;
  /** Where the binary will stand. */
  readonly helperPaths: Readonly<Record<System, string>>;
}

/** Where this program's own installers put it. */
export const DEFAULT_HELPER_PATHS: Readonly<Record<System, string>> = {
  macos: '/usr/local/bin/foundry-credential-helper',
  windows: 'C:\\Program Files\\foundry-credential-helper\\foundry-credential-helper.exe',
  linux: '/usr/bin/foundry-credential-helper',
};

/** Long enough to spare calls, far below a token's life: a mid-turn renewal then stays rare. */
const TTL_SECONDS = 900;
/** The most that Claude Desktop grants; the user signs in meanwhile. */
const TIMEOUT_SECONDS = 600;

export type NativeValue = string | number | boolean | readonly unknown[] | Readonly<Record<string, unknown>>;
export type Settings = Readonly<Record<string, NativeValue>>;

/** Claude Desktop's keys. @throws AppError ERR_USAGE where the provider cannot reach the answers' cloud */
export function desktopSettings(values: Values, options: RolloutOptions, platform: System): Settings {
  const resource = String(values.foundryResource);
  return {
    ...endpointSettings(resource, values, options),
    inferenceModels: values.models as readonly string[],
    inferenceCredentialKind: 'helper-script',
    inferenceCredentialHelper: options.helperPaths[platform],
    inferenceCredentialHelperTtlSec: TTL_SECONDS,
    inferenceCredentialHelperTimeoutSec: TIMEOUT_SECONDS,
  };
}

function endpointSettings(resource: string, { cloud }: Values, { provider, gatewayUrl }: RolloutOptions): Settings {
  const isPublic = cloud === undefined || cloud === 'public';
  if (provider === 'foundry') {
    if (gatewayUrl !== undefined) throw new AppError('ERR_USAGE', { detail: '--gateway-url needs --provider gateway' });
    // Claude Desktop makes the host name from the resource's name, for the public cloud only.
    if (!isPublic) {
      throw new AppError('ERR_USAGE', { detail: `the cloud "${String(cloud)}" needs --provider gateway` });
    }
    return { inferenceProvider: 'foundry', inferenceFoundryResource: resource };
  }
  if (gatewayUrl === undefined && !isPublic) {
    throw new AppError('ERR_USAGE', { detail: `the cloud "${String(cloud)}" needs --gateway-url` });
  }
  return {
    inferenceProvider: 'gateway',
    inferenceGatewayBaseUrl: gatewayUrl ?? `https://${resource.toLowerCase()}.services.ai.azure.com/anthropic`,
    inferenceGatewayAuthScheme: 'bearer',
    // Foundry has no list of models to discover.
    modelDiscoveryEnabled: false,
  };
}

/** Our own policy: all answers, but for a path that belongs to another platform. */
export function ownSettings(values: Values, platform: System): Settings {
  const isAbsolute = platform === 'windows' ? win32.isAbsolute : posix.isAbsolute;
  const settings: Record<string, NativeValue> = {};
  for (const key of configurationKeys) {
    const value = values[key];
    if (value === undefined) continue;
    if (isPathKey(key) && (!isAbsolute(String(value)) || (platform === 'windows' && String(value).startsWith('/')))) {
      continue;
    }
    settings[key] = value as NativeValue;
  }
  return settings;
}

/** As plists and registries hold them for both programs: everything as text, structures as JSON. */
export function asText(settings: Settings): Readonly<Record<string, string>> {
  const text = (value: NativeValue): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, text(value)]));
}
