/**
 * The redirect URI that an app registration needs for a system's broker, exactly as it must be registered:
 * https://learn.microsoft.com/dotnet/azure/sdk/authentication/local-development-broker.
 */
export function brokerRedirectUri(platform: 'win32' | 'linux', clientId: string): string {
  return platform === 'win32'
    ? `ms-appx-web://Microsoft.AAD.BrokerPlugin/${clientId}`
    : 'https://login.microsoftonline.com/common/oauth2/nativeclient';
}
