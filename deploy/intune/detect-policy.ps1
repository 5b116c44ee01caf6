# Detects the managed settings of a rollout: of foundry-credential-helper, Claude Desktop, and Claude Code.
# Run as SYSTEM. Exit code 0: none are left. Exit code 1: one line names those that are, without values.
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
try {
    $root = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    $left = @()
    $key = $root.OpenSubKey($own)
    if ($null -ne $key) { $left += $own }
    $key = $root.OpenSubKey($desktop)
    if ($null -ne $key) { $left += @($key.GetValueNames() | Where-Object { $names -contains $_ }) }
    $key = $root.OpenSubKey($code)
    if (($null -ne $key) -and ("$($key.GetValue($settings))" -like '*claude-code token*')) { $left += "$code\$settings" }
} catch {
    $left = @("can't be read ($($_.CategoryInfo.Reason), $($ExecutionContext.SessionState.LanguageMode))")
}
if ($left.Count -eq 0) { Write-Output 'none left'; exit 0 }
Write-Output ($left -join ', ')
exit 1
