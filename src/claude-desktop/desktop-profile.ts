// Claude Desktop's keys from this program's settings: what `config export` rolls out, and `claude-desktop configure` writes.
import { baseUrlOf } from '../config/base-url.ts';
import type { Values } from '../config/configuration.ts';
import type { ConfigurationKey } from '../config/keys.ts';
import { compactModel } from '../config/models.ts';
import { AppError } from '../core/errors.ts';
import type { DesktopKeyName } from './keys.ts';

type ProfileValue = string | number | boolean | readonly unknown[];
/** Native values by key. */
export type Profile = Readonly<Partial<Record<DesktopKeyName, ProfileValue>>>;

export interface DesktopProfileOptions {
  /** Absolute path of this program as Claude Desktop will find it. */
  readonly helperPath: string;
}

/** Every key that a profile may hold, whatever the settings are. */
export const PROFILE_KEYS: readonly DesktopKeyName[] = [
  'inferenceProvider',
  'inferenceGatewayBaseUrl',
  'inferenceGatewayAuthScheme',
  'inferenceFoundryResource',
  'inferenceFoundryBaseUrl',
  'modelDiscoveryEnabled',
  'inferenceModels',
  'inferenceCredentialKind',
  'inferenceCredentialHelper',
  'inferenceCredentialHelperTtlSec',
  'inferenceCredentialHelperTimeoutSec',
];

/** Long enough to save calls, and far below a token's life, so that Claude Desktop rarely renews in the middle of a turn. */
const TTL_SECONDS = 900;
/** The most that Claude Desktop allows. The user signs in during this time. */
const TIMEOUT_SECONDS = 600;

/**
 * Claude Desktop's keys with native values. The credential decides the provider, because Claude Desktop sends a helper's
 * value as a bearer token with `gateway` only, and as an API key with `foundry`.
 * @throws AppError ERR_CONFIG_MISSING if the settings don't say which address to call
 */
export function desktopProfile(values: Values, { helperPath }: DesktopProfileOptions): Profile {
  return {
    ...(values.credential === 'api-key' ? foundryProvider(values) : gatewayProvider(values)),
    inferenceModels: (values.models ?? []).map(compactModel),
    inferenceCredentialKind: 'helper-script',
    inferenceCredentialHelper: helperPath,
    inferenceCredentialHelperTtlSec: TTL_SECONDS,
    inferenceCredentialHelperTimeoutSec: TIMEOUT_SECONDS,
  };
}

function gatewayProvider(values: Values): Profile {
  return {
    inferenceProvider: 'gateway',
    inferenceGatewayBaseUrl: addressOf(values),
    inferenceGatewayAuthScheme: 'bearer',
    // Foundry has no list of models to discover.
    modelDiscoveryEnabled: false,
  };
}

function foundryProvider(values: Values): Profile {
  const address = addressOf(values);
  const { foundryResource, baseUrl } = values;
  if (foundryResource === undefined) throw missing('foundryResource');
  return {
    inferenceProvider: 'foundry',
    inferenceFoundryResource: foundryResource.toLowerCase(),
    ...(baseUrl === undefined ? {} : { inferenceFoundryBaseUrl: address }),
  };
}

function addressOf(values: Values): string {
  const address = baseUrlOf(values);
  if (address !== undefined) return address;
  const { cloud = 'public' } = values;
  throw cloud === 'public' ? missing('foundryResource') : missing('baseUrl', ` with "cloud" ${cloud}`);
}

const missing = (key: ConfigurationKey, circumstance = ''): AppError =>
  new AppError('ERR_CONFIG_MISSING', { detail: `Claude Desktop's settings need "${key}"${circumstance}` });
