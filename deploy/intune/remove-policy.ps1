# Removes the managed settings of a rollout: of foundry-credential-helper, Claude Desktop, and Claude Code.
# Run as SYSTEM or as an administrator. Settings that a rollout doesn't write stay. Exit code 0: done.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$own = 'SOFTWARE\Policies\FoundryCredentialHelper'
$desktop = 'SOFTWARE\Policies\Claude'
$code = 'SOFTWARE\Policies\ClaudeCode'
$settings = 'Settings'
$names = @(
    'inferenceAnthropicApiKey'
    'inferenceBedrockBearerToken'
    'inferenceBedrockProfile'
    'inferenceBedrockSsoAccountId'
    'inferenceBedrockSsoRegion'
    'inferenceBedrockSsoRoleName'
    'inferenceBedrockSsoStartUrl'
    'inferenceCredentialHelper'
    'inferenceCredentialHelperArgs'
    'inferenceCredentialHelperTimeoutSec'
    'inferenceCredentialHelperTtlSec'
    'inferenceCredentialHelperWindows'
    'inferenceCredentialKind'
    'inferenceFoundryApiKey'
    'inferenceFoundryAuthFlow'
    'inferenceFoundryBaseUrl'
    'inferenceFoundryClientId'
    'inferenceFoundryResource'
    'inferenceFoundryTenantId'
    'inferenceGatewayApiKey'
    'inferenceGatewayAuthScheme'
    'inferenceGatewayBaseUrl'
    'inferenceGatewayOidc'
    'inferenceGatewayOidcAuthFlow'
    'inferenceIdpAuthFlow'
    'inferenceIdpOidc'
    'inferenceModels'
    'inferenceProvider'
    'inferenceVertexCredentialsFile'
    'inferenceVertexOAuthClientId'
    'inferenceVertexOAuthClientSecret'
    'inferenceVertexWorkforceOidc'
    'modelDiscoveryEnabled'
)
$root = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
$root.DeleteSubKeyTree($own, $false)
$key = $root.OpenSubKey($desktop, $true)
if ($null -ne $key) { foreach ($name in $names) { $key.DeleteValue($name, $false) } }
$key = $root.OpenSubKey($code, $true)
if (($null -ne $key) -and ("$($key.GetValue($settings))" -like '*claude-code token*')) { $key.DeleteValue($settings) }
exit 0
