// Claude Desktop's keys that concern a credential helper for Foundry, under their exact names.
// https://claude.com/docs/third-party/claude-desktop/configuration

export type DesktopKeyType = 'text' | 'integer' | 'boolean' | 'structure';

export const desktopKeys: Readonly<Record<string, DesktopKeyType>> = {
  inferenceProvider: 'text',
  inferenceCredentialKind: 'text',
  inferenceCredentialHelper: 'text',
  inferenceCredentialHelperWindows: 'text',
  inferenceCredentialHelperArgs: 'structure',
  inferenceCredentialHelperTtlSec: 'integer',
  inferenceCredentialHelperTimeoutSec: 'integer',
  inferenceCredentialHelperSilentRefreshEnabled: 'boolean',
  inferenceCustomHeaders: 'structure',
  inferenceSessionLifetimeSec: 'integer',
  inferenceModels: 'structure',
  modelDiscoveryEnabled: 'boolean',
  inferenceFoundryResource: 'text',
  inferenceFoundryBaseUrl: 'text',
  inferenceFoundryApiKey: 'text',
  inferenceFoundryTenantId: 'text',
  inferenceFoundryClientId: 'text',
  inferenceFoundryAuthFlow: 'text',
  inferenceGatewayBaseUrl: 'text',
  inferenceGatewayApiKey: 'text',
  inferenceGatewayAuthScheme: 'text',
  inferenceGatewayOidc: 'structure',
  inferenceGatewayOidcAuthFlow: 'text',
  inferenceIdpOidc: 'structure',
  inferenceIdpAuthFlow: 'text',
  disableDeploymentModeChooser: 'boolean',
  disableAutoUpdates: 'boolean',
  autoUpdaterEnforcementHours: 'integer',
  updateViaUpdatesHost: 'boolean',
};

/** Each is a way to authenticate of its own. */
export const OTHER_CREDENTIALS = [
  'inferenceFoundryApiKey',
  'inferenceFoundryTenantId',
  'inferenceFoundryClientId',
  'inferenceGatewayApiKey',
  'inferenceGatewayOidc',
  'inferenceIdpOidc',
] as const;
