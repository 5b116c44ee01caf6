import type { DesktopKeyName } from '../../claude-desktop/keys.ts';
import type { TextSettings } from './rollout-settings.ts';

/** A registry key after a rollout, below HKEY_LOCAL_MACHINE in the 64-bit view; every value is REG_SZ. */
export interface RegistryPolicy {
  /** For people. */
  readonly program: string;
  readonly key: string;
  readonly values: TextSettings;
  /** What the rollout removes if `values` doesn't set it: these names, or everything else in the key. */
  readonly removes: readonly string[] | 'everything-else';
}

/**
 * Keys of Claude Desktop that a rollout removes if it doesn't set them: those that an export writes for other answers,
 * other sources of a credential, and what would run another program or pass arguments to this one. All other keys are
 * the admin's.
 */
export const REPLACED_DESKTOP_KEYS: readonly DesktopKeyName[] = [
  'inferenceAnthropicApiKey',
  'inferenceBedrockBearerToken',
  'inferenceBedrockProfile',
  'inferenceBedrockSsoAccountId',
  'inferenceBedrockSsoRegion',
  'inferenceBedrockSsoRoleName',
  'inferenceBedrockSsoStartUrl',
  'inferenceCredentialHelper',
  'inferenceCredentialHelperArgs',
  'inferenceCredentialHelperTimeoutSec',
  'inferenceCredentialHelperTtlSec',
  'inferenceCredentialHelperWindows',
  'inferenceCredentialKind',
  'inferenceFoundryApiKey',
  'inferenceFoundryAuthFlow',
  'inferenceFoundryBaseUrl',
  'inferenceFoundryClientId',
  'inferenceFoundryResource',
  'inferenceFoundryTenantId',
  'inferenceGatewayApiKey',
  'inferenceGatewayAuthScheme',
  'inferenceGatewayBaseUrl',
  'inferenceGatewayOidc',
  'inferenceGatewayOidcAuthFlow',
  'inferenceIdpAuthFlow',
  'inferenceIdpOidc',
  'inferenceModels',
  'inferenceProvider',
  'inferenceVertexCredentialsFile',
  'inferenceVertexOAuthClientId',
  'inferenceVertexOAuthClientSecret',
  'inferenceVertexWorkforceOidc',
  'modelDiscoveryEnabled',
];

/** The names that the policy removes; none for `everything-else`. */
export function removedNames({ values, removes }: RegistryPolicy): readonly string[] {
  return removes === 'everything-else' ? [] : removes.filter((name) => !Object.hasOwn(values, name));
}
