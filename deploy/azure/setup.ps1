<#
.SYNOPSIS
Prepares Azure and Entra for foundry-credential-helper: docs/how-to/azure-setup.md. setup.sh is the same for bash and zsh.

.DESCRIPTION
Creates what's missing of: the resource group, the Foundry resource (kind AIServices), the Claude deployments, the app
registration with its permission, its service principal, and the role that lets people use the models. It creates no
secret. Names are checked before anything is created. You can run it again at any time: it adds only what's missing. The
output is the settings for foundry-credential-helper; everything else goes to stderr. For Windows PowerShell 5.1 and
PowerShell 7; needs the Azure CLI, signed in. Exit code 0: done, 1: not.

.PARAMETER ResourceGroup
Resource group of the Foundry resource.

.PARAMETER Location
Region, for example eastus2 or swedencentral.

.PARAMETER Resource
Name of the Foundry resource: the first part of its host name.

.PARAMETER Model
Claude models to deploy under their own names; the first one is the default.

.PARAMETER SignInMethod
browser (default); device-code, for people who sign in over SSH, without a browser on the computer, or on another device;
or broker, for computers that are enrolled with your organization (docs/how-to/broker.md). With more than one, the app
registration is prepared for each; the first one goes into the settings. browser always works; device-code and broker also
allow public client flows, and broker adds its two redirect URIs.

.PARAMETER OrganizationName
Your organization, as the sign-in page shows it. Azure needs it, its Industry, and its CountryCode for each new Claude
deployment, and with them you accept the Marketplace terms of Claude for your organization.

.PARAMETER Industry
Your organization's industry: technology, finance, healthcare, education, retail, manufacturing, government, media, or
other. See OrganizationName.

.PARAMETER CountryCode
Your organization's country, in two capital letters. See OrganizationName.

.PARAMETER Capacity
Capacity of a new deployment; 10 by default.

.PARAMETER AppName
Display name of the app registration; "Foundry credential helper" by default.

.PARAMETER AssignGroup
Groups that may use the models, by name or object ID.

.PARAMETER AssignUser
Users who may use the models, by user principal name or object ID.

.PARAMETER AdminConsent
Grants the permission for all users of the tenant.

.PARAMETER KeepApiKeys
Leaves API keys of a new Foundry resource on (for "credential": "api-key").

.PARAMETER Subscription
Subscription, by name or ID; by default the one that the Azure CLI uses. On Windows, use the ID of a subscription whose
name contains one of the characters " & | < > ^ % ! ( ).

.PARAMETER WhatIf
Only prints what would be done.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
  [Parameter(Mandatory)] [ValidatePattern('^[A-Za-z0-9_.()-]{1,90}\z')] [string] $ResourceGroup,
  [Parameter(Mandatory)] [ValidatePattern('^(?-i:[a-z0-9]+)\z')] [string] $Location,
  [Parameter(Mandatory)] [ValidatePattern('^[A-Za-z0-9][A-Za-z0-9-]{0,62}[A-Za-z0-9]\z')] [string] $Resource,
  [Parameter(Mandatory)] [ValidatePattern('^[A-Za-z0-9._-]+\z')] [string[]] $Model,
  [ValidateSet('browser', 'device-code', 'broker', IgnoreCase = $false)] [string[]] $SignInMethod = @('browser'),
  # No longer than the setting "organizationName" may be.
  [ValidatePattern('^[^\p{Cc}]{1,100}\z')] [string] $OrganizationName,
  # The words that Azure accepts, in lowercase only: https://github.com/Azure-Samples/claude
  [ValidateSet('technology', 'finance', 'healthcare', 'education', 'retail', 'manufacturing', 'government', 'media', 'other', IgnoreCase = $false)]
  [string] $Industry,
  [ValidatePattern('^(?-i:[A-Z]{2})\z')] [string] $CountryCode,
  [ValidateRange(1, 999999)] [int] $Capacity = 10,
  [ValidatePattern('^[^\p{Cc}]{1,120}\z')] [string] $AppName = 'Foundry credential helper',
  [string[]] $AssignGroup = @(),
  [string[]] $AssignUser = @(),
  [switch] $AdminConsent,
  [switch] $KeepApiKeys,
  # On Windows the CLI is a batch file, where these characters have a meaning.
  [ValidatePattern('^[^"&|<>^%!()]+\z')] [string] $Subscription
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
# Windows PowerShell would draw a progress bar for each request, and may start with TLS 1.0.
$ProgressPreference = 'SilentlyContinue'
[Net.ServicePointManager]::SecurityProtocol =
  [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

# Azure Cognitive Services, the audience of tokens for Foundry. The same in every tenant.
$CognitiveServices = '7d312290-28c8-473c-a0ed-8e53749b6d6d'
# The built-in role "Cognitive Services User".
$Role = 'a97b65f3-24c7-4388-baec-2e87135dc908'
# Entra ignores the port of a loopback redirect URI, but not its path, and "localhost" isn't the same host.
$RedirectUri = 'http://127.0.0.1/callback'
# What the system's brokers ask for: https://learn.microsoft.com/dotnet/azure/sdk/authentication/local-development-broker.
# Windows' ends with the client ID. Linux's is the same in every cloud, because nothing opens it:
# https://learn.microsoft.com/entra/msal/dotnet/how-to/default-reply-uri
$WindowsBrokerUri = 'ms-appx-web://Microsoft.AAD.BrokerPlugin'
$LinuxBrokerUri = 'https://login.microsoftonline.com/common/oauth2/nativeclient'
# The stable API rejects modelProviderData, which deployments of Claude need.
$FoundryApi = '2025-10-01-preview'
$PollSeconds = 5
$Polls = 120

# What Graph says about an application that isn't visible everywhere yet.
$NotVisible = 'does not reference a valid application|Request_ResourceNotFound' # prose-ok: Graph's words
$HasBroker = $SignInMethod -ccontains 'broker'
# Microsoft's pages on brokers ask for public client flows, as a device code does.
$NeedsFlows = $HasBroker -or ($SignInMethod -ccontains 'device-code')

$script:Changes = 0
$script:Tokens = @{}

function Write-Line {
  param([string] $Text)
  [Console]::Error.WriteLine($Text)
}

# --- Azure's REST interfaces ---
# The CLI returns the token and PowerShell sends the request, because the CLI's batch file would garble JSON and addresses
# that contain "&". The token is kept in memory only.

function Invoke-Az {
  param([string[]] $Arguments)
  # A native program's stderr must not become a terminating error in Windows PowerShell 5.1.
  $ErrorActionPreference = 'Continue'
  $output = & az @Arguments --only-show-errors --output json 2>&1
  $exitCode = $LASTEXITCODE
  $text = ($output | Where-Object { $_ -is [string] }) -join "`n"
  if ($exitCode -ne 0) { throw (($output | ForEach-Object { "$_" }) -join "`n") }
  ConvertFrom-Json -InputObject $text
}

function Get-Token {
  param([string] $Url)
  $audience = ([Uri] $Url).GetLeftPart([UriPartial]::Authority) + '/'
  $known = $script:Tokens[$audience]
  # Entra's tokens are valid for at least an hour, and the CLI renews them.
  if (($null -eq $known) -or ($known.Since -lt (Get-Date).AddMinutes(-5))) {
    $answer = Invoke-Az @('account', 'get-access-token', '--resource', $audience, '--subscription', $script:SubscriptionId)
    $known = @{ Value = $answer.accessToken; Since = Get-Date }
    $script:Tokens[$audience] = $known
  }
  $known.Value
}

function Invoke-Azure {
  param([string] $Method, [string] $Url, $Body)
  $request = @{
    Method = $Method
    Uri = $Url
    Headers = @{ Authorization = "Bearer $(Get-Token $Url)" }
    UseBasicParsing = $true
  }
  if ($null -ne $Body) {
    $request.ContentType = 'application/json; charset=utf-8'
    # Windows PowerShell would send a string as Latin-1.
    $request.Body = [Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -InputObject $Body -Depth 10 -Compress))
  }
  try {
    Invoke-RestMethod @request
  } catch {
    $status = Get-Property $_.Exception 'Response.StatusCode'
    $details = Get-Property $_ 'ErrorDetails.Message'
    $failure = New-Object Exception("$Method $Url`n$($_.Exception.Message)`n$details".Trim())
    $failure.Data['Status'] = if ($null -eq $status) { 0 } else { [int] $status }
    throw $failure
  }
}

# The resource, or nothing if it doesn't exist.
function Find-Azure {
  param([string] $Url)
  try {
    Invoke-Azure -Method Get -Url $Url
  } catch {
    if ($_.Exception.Data['Status'] -ne 404) { throw }
  }
}

# The entries of a collection in Microsoft Graph that match the filter.
function Find-Entry {
  param([string] $Collection, [string] $Filter)
  $answer = Invoke-Azure -Method Get -Url "$script:Graph/${Collection}?`$filter=$([Uri]::EscapeDataString($Filter))"
  Get-Property $answer 'value'
}

# A property that may be absent, by its path. Strict mode would throw.
function Get-Property {
  param($Object, [string] $Path)
  foreach ($name in $Path.Split('.')) {
    if ($null -eq $Object) { return }
    $property = $Object.PSObject.Properties[$name]
    if ($null -eq $property) { return }
    $Object = $property.Value
  }
  $Object
}

# What to do about the error codes of Azure and Microsoft Graph.
function Get-Meaning {
  param([string] $Text)
  switch -Regex ($Text) {
    'AuthorizationFailed|Authorization_RequestDenied|Forbidden' {
      return "you don't have the permission. You need Owner of the resource group, or Contributor and Role Based Access Control Administrator; in Entra: Application Administrator (also for -AdminConsent). Then run setup.ps1 again."
    }
    'InsufficientQuota|QuotaExceeded|quota limit' {
      return 'no quota is left for this model in this region. Lower -Capacity, choose another -Location, or request quota.'
    }
    'FlagMustBeSetForRestore' {
      return 'a resource with this name was deleted recently. Purge it: az cognitiveservices account purge.'
    }
    default { return 'stopped. Fix this, then run setup.ps1 again; it continues where it stopped.' }
  }
}

# Makes a change, or with -WhatIf says what it would change.
function Invoke-Change {
  param([string] $What, [string] $Method, [string] $Url, $Body)
  $script:Changes += 1
  if ($WhatIfPreference) {
    Write-Line "would $What"
    return
  }
  Write-Line $What
  Invoke-Azure -Method $Method -Url $Url -Body $Body | Out-Null
}

# The same, with retries: a new application isn't visible everywhere immediately.
function Invoke-ChangeSoon {
  param([string] $What, [string] $Method, [string] $Url, $Body)
  for ($try = 1; ; $try += 1) {
    try {
      Invoke-Change $What $Method $Url $Body
      return
    } catch {
      if (($try -gt 5) -or ("$_" -notmatch $NotVisible)) { throw }
      Write-Line "not visible yet (attempt $try), waiting"
      Start-Sleep -Seconds $PollSeconds
    }
  }
}

# Waits until Azure has created the resource.
function Wait-Azure {
  param([string] $Url)
  if ($WhatIfPreference) { return }
  for ($poll = 0; $poll -lt $Polls; $poll += 1) {
    $state = Get-Property (Invoke-Azure -Method Get -Url $Url) 'properties.provisioningState'
    if ($state -eq 'Succeeded') { return }
    if (@('Failed', 'Canceled') -contains $state) { throw "Azure reports $state for $Url" }
    Start-Sleep -Seconds $PollSeconds
  }
  throw "Azure hasn't finished $Url in time"
}

# OData doubles a quote.
function ConvertTo-OData {
  param([string] $Text)
  $Text.Replace("'", "''")
}

# Always the same name for the same assignment, as in setup.sh, so a second run can't create a second one.
function Get-NameUuid {
  param([string] $Text)
  $sha256 = [Security.Cryptography.SHA256]::Create()
  $bytes = $sha256.ComputeHash([Text.Encoding]::UTF8.GetBytes($Text))
  $hash = -join ($bytes | ForEach-Object { $_.ToString('x2') })
  '{0}-{1}-5{2}-8{3}-{4}' -f $hash.Substring(0, 8), $hash.Substring(8, 4), $hash.Substring(13, 3), $hash.Substring(17, 3), $hash.Substring(20, 12)
}

# --- the steps ---

function Find-Account {
  if ($null -eq (Get-Command az -ErrorAction SilentlyContinue)) { throw 'the Azure CLI is missing: https://aka.ms/azure-cli' }
  $show = @('account', 'show')
  if ($Subscription) { $show += @('--subscription', $Subscription) }
  try {
    $found = Invoke-Az $show
  } catch {
    Write-Line "$_"
    throw 'no subscription: run "az login", or check -Subscription'
  }
  $script:SubscriptionId = $found.id
  $script:TenantId = $found.tenantId
  $endpoints = (Invoke-Az @('cloud', 'show')).endpoints
  $script:Arm = $endpoints.resourceManager.TrimEnd('/')
  $script:Graph = $endpoints.microsoftGraphResourceId.TrimEnd('/') + '/v1.0'
  $script:GroupId = "/subscriptions/$SubscriptionId/resourceGroups/$ResourceGroup"
  $script:AccountId = "$GroupId/providers/Microsoft.CognitiveServices/accounts/$Resource"
  $script:AccountUrl = "$Arm${AccountId}?api-version=$FoundryApi"
  Write-Line "subscription $SubscriptionId, tenant $TenantId"
}

# Sets HasGroup, HasAccount, and Deployed. Throws if the resource exists but can't serve Claude.
function Find-Resource {
  $script:Deployed = @()
  $script:HasAccount = $false
  $script:HasGroup = $null -ne (Find-Azure "$Arm${GroupId}?api-version=2021-04-01")
  if (-not $HasGroup) { return }
  $found = Find-Azure $AccountUrl
  if ($null -eq $found) { return }
  $kind = Get-Property $found 'kind'
  if ($kind -ne 'AIServices') { throw "$Resource already exists with kind $kind; Claude needs kind AIServices" }
  if (-not (Get-Property $found 'properties.customSubDomainName')) {
    throw "$Resource has no custom subdomain, so it doesn't accept Entra tokens; set one in the portal"
  }
  $script:HasAccount = $true
  $answer = Invoke-Azure -Method Get -Url "$Arm$AccountId/deployments?api-version=$FoundryApi"
  $script:Deployed = @(Get-Property $answer 'value' | ForEach-Object { $_.name })
}

# A deployment that could only fail isn't started.
function Assert-ProviderData {
  if ($OrganizationName -and $Industry -and $CountryCode) { return }
  foreach ($name in $Model) {
    if ($Deployed -notcontains $name) {
      throw "to deploy $name, Azure needs -OrganizationName, -Industry, and -CountryCode (docs/how-to/azure-setup.md)"
    }
  }
}

# Sets GroupIds and UserIds, in the order of AssignGroup and AssignUser.
function Find-People {
  $script:GroupIds = @(foreach ($name in $AssignGroup) { Find-Principal group displayName $name })
  $script:UserIds = @(foreach ($name in $AssignUser) { Find-Principal user userPrincipalName $name })
}

# The object ID of a group or user, by name or object ID.
function Find-Principal {
  param([string] $Kind, [string] $Property, [string] $Name)
  if ($Name -match '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z') { $Property = 'id' }
  $found = @(Find-Entry "${Kind}s" "$Property eq '$(ConvertTo-OData $Name)'")
  if ($found.Count -eq 0) { throw "no $Kind named `"$Name`" in this tenant" }
  if ($found.Count -gt 1) { throw "$($found.Count) ${Kind}s are named `"$Name`" in this tenant; use the object ID" }
  $found[0].id
}

# Sets Applications to the app registrations that have the name: one, or none.
function Find-Application {
  $script:Applications = @(Find-Entry 'applications' "displayName eq '$(ConvertTo-OData $AppName)'")
  if ($Applications.Count -gt 1) {
    throw "$($Applications.Count) app registrations are named `"$AppName`"; choose another -AppName"
  }
}

function New-Group {
  if ($HasGroup) {
    Write-Line "resource group ${ResourceGroup}: already exists"
    return
  }
  Invoke-Change "create resource group $ResourceGroup in $Location" Put "$Arm${GroupId}?api-version=2021-04-01" @{ location = $Location }
}

function New-Account {
  if ($HasAccount) {
    Write-Line "Foundry resource ${Resource}: already exists"
    return
  }
  $keys = if ($KeepApiKeys) { 'on' } else { 'off' }
  Invoke-Change "create Foundry resource $Resource (kind AIServices, S0, $Location, API keys $keys)" Put $AccountUrl @{
    kind = 'AIServices'
    location = $Location
    sku = @{ name = 'S0' }
    identity = @{ type = 'SystemAssigned' }
    properties = @{
      customSubDomainName = $Resource
      allowProjectManagement = $true
      disableLocalAuth = -not $KeepApiKeys
    }
  }
  Wait-Azure $AccountUrl
}

# One after another: Azure refuses two at the same time.
function New-Deployments {
  foreach ($name in $Model) {
    if ($Deployed -contains $name) {
      Write-Line "deployment ${name}: already exists"
      continue
    }
    $version = ''
    $shown = ''
    if (-not $WhatIfPreference) {
      # A model can be listed more than once. Azure marks the version that it recommends.
      $offered = Get-Property (Invoke-Azure -Method Get -Url "$Arm$AccountId/models?api-version=$FoundryApi") 'value'
      $version = @(
        $offered | Where-Object {
          ($_.format -eq 'Anthropic') -and ($_.name -eq $name) -and (Get-Property $_ 'isDefaultVersion')
        } | ForEach-Object { $_.version }
      ) | Select-Object -First 1
      if (-not $version) { throw "Azure offers no Claude model `"$name`" in $Location" }
      $shown = " version $version"
    }
    $url = "$Arm$AccountId/deployments/${name}?api-version=$FoundryApi"
    Invoke-Change "deploy $name$shown (GlobalStandard, capacity $Capacity), accepting its terms for $OrganizationName" Put $url @{
      sku = @{ name = 'GlobalStandard'; capacity = $Capacity }
      properties = @{
        model = @{ format = 'Anthropic'; name = $name; version = $version }
        modelProviderData = @{
          organizationName = $OrganizationName
          industry = $Industry
          countryCode = $CountryCode
        }
      }
    }
    Wait-Azure $url
  }
}

# Azure Cognitive Services in this tenant, and its permission user_impersonation.
function Find-Permission {
  $filter = "appId eq '$CognitiveServices'"
  $script:ServiceId = ''
  $script:ScopeId = ''
  $found = Find-Entry 'servicePrincipals' $filter | Select-Object -First 1
  if ($null -eq $found) {
    Invoke-Change 'add Azure Cognitive Services to the tenant' Post "$Graph/servicePrincipals" @{ appId = $CognitiveServices }
    if ($WhatIfPreference) { return }
    $found = Find-Entry 'servicePrincipals' $filter | Select-Object -First 1
  }
  $script:ServiceId = Get-Property $found 'id'
  $script:ScopeId = Get-Property $found 'oauth2PermissionScopes' |
    Where-Object { $_.value -eq 'user_impersonation' } | ForEach-Object { $_.id } | Select-Object -First 1
  if (-not $ScopeId) { throw 'Azure Cognitive Services has no permission user_impersonation in this tenant' }
}

function New-Application {
  $script:ClientId = ''
  if ($Applications.Count -eq 1) {
    $script:ClientId = $Applications[0].appId
    Complete-Application $Applications[0]
    return
  }
  $body = @{
    displayName = $AppName
    signInAudience = 'AzureADMyOrg'
    publicClient = @{ redirectUris = @($RedirectUri) }
    requiredResourceAccess = @(
      @{ resourceAppId = $CognitiveServices; resourceAccess = @(@{ id = $ScopeId; type = 'Scope' }) }
    )
  }
  $flows = ''
  if ($NeedsFlows) {
    $flows = ', public client flows'
    $body += @{ isFallbackPublicClient = $true }
  }
  Invoke-Change "create app registration `"$AppName`" (redirect URI $RedirectUri$flows)" Post "$Graph/applications" $body
  if ($WhatIfPreference) {
    Write-BrokerPlan
    return
  }
  for ($poll = 0; $poll -lt 12; $poll += 1) {
    Find-Application
    if ($Applications.Count -gt 0) { break }
    Start-Sleep -Seconds $PollSeconds
  }
  if ($Applications.Count -eq 0) {
    throw "the new app registration `"$AppName`" isn't visible yet; run setup.ps1 again in a minute"
  }
  $script:ClientId = $Applications[0].appId
  # A broker's redirect URI has the client ID, which only an existing registration has.
  if ($HasBroker) { Complete-Application $Applications[0] }
}

# What -WhatIf says about a registration that doesn't exist.
function Write-BrokerPlan {
  if (-not $HasBroker) { return }
  Invoke-Change "add to app registration `"$AppName`": redirect URI $WindowsBrokerUri/CLIENT-ID, redirect URI $LinuxBrokerUri" Patch "$Graph/applications"
}

# Adds what an app registration lacks. Never removes anything.
function Complete-Application {
  param($Application)
  $body = @{}
  $parts = @()
  $hasFlows = (Get-Property $Application 'isFallbackPublicClient') -eq $true
  if ($NeedsFlows -and -not $hasFlows) {
    $body += @{ isFallbackPublicClient = $true }
    $parts += 'public client flows'
  } elseif ($hasFlows -and -not $NeedsFlows) {
    Write-Line "app registration `"$AppName`": public client flows stay on; sign-in in the browser doesn't need them"
  }
  $uris = @(Get-Property $Application 'publicClient.redirectUris')
  $wanted = @($RedirectUri)
  if ($HasBroker) { $wanted += @("$WindowsBrokerUri/$($Application.appId)", $LinuxBrokerUri) }
  $missingUris = @($wanted | Where-Object { $uris -cnotcontains $_ })
  if ($missingUris.Count -gt 0) {
    $body.publicClient = @{ redirectUris = @($uris + $missingUris) }
    $parts += @($missingUris | ForEach-Object { "redirect URI $_" })
  }
  $access = @(Get-Property $Application 'requiredResourceAccess')
  $own = @($access | Where-Object { $_.resourceAppId -eq $CognitiveServices } | ForEach-Object { $_.resourceAccess })
  if ($ScopeId -and (@($own | ForEach-Object { $_.id }) -notcontains $ScopeId)) {
    $others = @($access | Where-Object { $_.resourceAppId -ne $CognitiveServices })
    $own += @{ id = $ScopeId; type = 'Scope' }
    $body.requiredResourceAccess = @($others + @{ resourceAppId = $CognitiveServices; resourceAccess = $own })
    $parts += 'permission user_impersonation'
  }
  if ($body.Count -eq 0) {
    Write-Line "app registration `"$AppName`": already exists"
    return
  }
  $missing = $parts -join ', '
  Invoke-ChangeSoon "add to app registration `"$AppName`": $missing" Patch "$Graph/applications/$($Application.id)" $body
}

function New-Principal {
  $filter = "appId eq '$ClientId'"
  $script:PrincipalId = ''
  $found = $null
  if ($ClientId) { $found = Find-Entry 'servicePrincipals' $filter | Select-Object -First 1 }
  if ($null -ne $found) {
    $script:PrincipalId = $found.id
    Write-Line 'service principal: already exists'
    return
  }
  Invoke-ChangeSoon 'create its service principal' Post "$Graph/servicePrincipals" @{ appId = $ClientId }
  if ($WhatIfPreference) { return }
  $script:PrincipalId = Get-Property (Find-Entry 'servicePrincipals' $filter | Select-Object -First 1) 'id'
}

function Grant-Consent {
  if (-not $AdminConsent) {
    Write-Line 'admin consent: not requested (-AdminConsent)'
    return
  }
  $grants = "$Graph/oauth2PermissionGrants"
  $grant = $null
  if ($PrincipalId) {
    $grant = Find-Entry 'oauth2PermissionGrants' "clientId eq '$PrincipalId'" |
      Where-Object { ($_.resourceId -eq $ServiceId) -and ($_.consentType -eq 'AllPrincipals') } | Select-Object -First 1
  }
  $scopes = @("$(Get-Property $grant 'scope')".Split(' ') | Where-Object { $_ })
  if ($scopes -contains 'user_impersonation') {
    Write-Line 'admin consent: already granted'
  } elseif ($null -ne $grant) {
    Invoke-Change 'grant admin consent for user_impersonation' Patch "$grants/$($grant.id)" @{ scope = (@($scopes + 'user_impersonation') -join ' ') }
  } else {
    Invoke-Change 'grant admin consent for user_impersonation' Post $grants @{
      clientId = $PrincipalId
      consentType = 'AllPrincipals'
      resourceId = $ServiceId
      scope = 'user_impersonation'
    }
  }
}

function Add-Roles {
  for ($index = 0; $index -lt $AssignGroup.Count; $index += 1) { Add-Role Group $AssignGroup[$index] $GroupIds[$index] }
  for ($index = 0; $index -lt $AssignUser.Count; $index += 1) { Add-Role User $AssignUser[$index] $UserIds[$index] }
}

# Lets a user or group use the models: `Group` or `User`, name, object ID.
function Add-Role {
  param([string] $Type, [string] $Name, [string] $Principal)
  $assignments = "$Arm$AccountId/providers/Microsoft.Authorization/roleAssignments"
  $same = @()
  if ($HasAccount -or -not $WhatIfPreference) {
    $filter = [Uri]::EscapeDataString("atScope() and assignedTo('$Principal')")
    $answer = Invoke-Azure -Method Get -Url "${assignments}?api-version=2022-04-01&`$filter=$filter"
    $same = @(Get-Property $answer 'value' | Where-Object { $_.properties.roleDefinitionId -like "*$Role" })
  }
  if ($same.Count -gt 0) {
    Write-Line "role Cognitive Services User for ${Name}: already assigned"
    return
  }
  $url = "$assignments/$(Get-NameUuid "$AccountId/$Principal/$Role")?api-version=2022-04-01"
  Invoke-Change "assign the role Cognitive Services User on $Resource to $Name" Put $url @{
    properties = @{
      roleDefinitionId = "/subscriptions/$SubscriptionId/providers/Microsoft.Authorization/roleDefinitions/$Role"
      principalId = $Principal
      principalType = $Type
    }
  }
}

function Write-Configuration {
  if ($WhatIfPreference) {
    Write-Line "nothing was changed; changes to make: $Changes"
    return
  }
  if ($Changes -eq 0) { Write-Line 'everything already exists; nothing was changed' }
  $configuration = [ordered] @{
    tenantId = $TenantId
    clientId = $ClientId
    foundryResource = $Resource
    models = @($Model)
    signInMethod = $SignInMethod[0]
  }
  if ($OrganizationName) { $configuration.organizationName = $OrganizationName }
  Write-Output (ConvertTo-Json -InputObject $configuration)
  Write-Line 'Done. Save this output as answers.json for "foundry-credential-helper config export FOLDER --answers answers.json", or as config.json to use it on one computer.'
}

try {
  Find-Account
  Find-Resource
  Assert-ProviderData
  Find-People
  Find-Application
  Find-Permission
  New-Group
  New-Account
  New-Deployments
  New-Application
  New-Principal
  Grant-Consent
  Add-Roles
  Write-Configuration
} catch {
  Write-Line "setup.ps1: $_"
  if ($_.Exception.Data.Contains('Status')) { Write-Line "setup.ps1: $(Get-Meaning "$_")" }
  exit 1
}
exit 0
