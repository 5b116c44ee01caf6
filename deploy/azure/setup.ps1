<#
.SYNOPSIS
Prepares Azure and Entra for foundry-credential-helper: docs/how-to/azure-setup.md. setup.sh is the same for bash and zsh.

.DESCRIPTION
Creates what is missing of: the resource group, the Foundry resource (kind AIServices), the Claude deployments, the app
registration with its permission, its service principal, and the role that lets people use the models. It creates no
secret. Run it again at any time: what is there stays, what is missing is added. The output is the config.json of
foundry-credential-helper; everything else goes to stderr. For Windows PowerShell 5.1 and PowerShell 7; needs the Azure
CLI, signed in. Exit code 0: done, 1: not.

.PARAMETER ResourceGroup
Resource group of the Foundry resource.

.PARAMETER Location
Region, for example eastus2 or swedencentral.

.PARAMETER Resource
Name of the Foundry resource, the first part of its host name.

.PARAMETER Model
Claude models to deploy under their own names; the first one is the default.

.PARAMETER OrganizationName
Your organization. Azure asks for it, its Industry, and its CountryCode for every Claude deployment, and with them you
accept the Marketplace terms of Claude for your organization. Only needed while a deployment is missing.

.PARAMETER Industry
Your organization's industry, in one of Azure's words, for example technology. See OrganizationName.

.PARAMETER CountryCode
Your organization's country, in two capital letters. See OrganizationName.

.PARAMETER Capacity
Capacity of a new deployment; 10 by default.

.PARAMETER AppName
Display name of the app registration; "Foundry credential helper" by default.

.PARAMETER AssignGroup
Groups that may use the models, by name or object id.

.PARAMETER AssignUser
Users that may use the models, by user principal name or object id.

.PARAMETER AdminConsent
Grants the permission for all users of the tenant.

.PARAMETER KeepApiKeys
Leaves API keys of a new Foundry resource on (for "credential": "api-key").

.PARAMETER Subscription
Subscription, by name or id; the Azure CLI's by default. On Windows, use the id of a subscription whose name contains
one of the characters " & | < > ^ % ! ( ).

.PARAMETER WhatIf
Only prints what would be done.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
  [Parameter(Mandatory)] [ValidatePattern('^[A-Za-z0-9_.()-]{1,90}\z')] [string] $ResourceGroup,
  [Parameter(Mandatory)] [ValidatePattern('^(?-i:[a-z0-9]+)\z')] [string] $Location,
  [Parameter(Mandatory)] [ValidatePattern('^[A-Za-z0-9][A-Za-z0-9-]{0,62}[A-Za-z0-9]\z')] [string] $Resource,
  [Parameter(Mandatory)] [ValidatePattern('^[A-Za-z0-9._-]+\z')] [string[]] $Model,
  [ValidatePattern('^[^\p{Cc}]{1,200}\z')] [string] $OrganizationName,
  [ValidatePattern('^(?-i:[a-z_]+)\z')] [string] $Industry,
  [ValidatePattern('^(?-i:[A-Z]{2})\z')] [string] $CountryCode,
  [ValidateRange(1, 999999)] [int] $Capacity = 10,
  [ValidatePattern('^[^\p{Cc}]{1,120}\z')] [string] $AppName = 'Foundry credential helper',
  [string[]] $AssignGroup = @(),
  [string[]] $AssignUser = @(),
  [switch] $AdminConsent,
  [switch] $KeepApiKeys,
  # On Windows the CLI is a batch file, to which these characters mean something.
  [ValidatePattern('^[^"&|<>^%!()]+\z')] [string] $Subscription
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
# Windows PowerShell would draw a bar for each request, and may begin with TLS 1.0.
$ProgressPreference = 'SilentlyContinue'
[Net.ServicePointManager]::SecurityProtocol =
  [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

# Azure Cognitive Services, the resource that tokens for Foundry are for: the same in every tenant.
$CognitiveServices = '7d312290-28c8-473c-a0ed-8e53749b6d6d'
# The built-in role "Cognitive Services User".
$Role = 'a97b65f3-24c7-4388-baec-2e87135dc908'
# Entra ignores the port of a loopback redirect, but neither its path nor "localhost" in its place.
$RedirectUri = 'http://127.0.0.1/callback'
# The stable API refuses what Claude's deployments need (modelProviderData).
$FoundryApi = '2025-10-01-preview'
$PollSeconds = 5
$Polls = 120

$script:Changes = 0
$script:Tokens = @{}

function Write-Line {
  param([string] $Text)
  [Console]::Error.WriteLine($Text)
}

# --- Azure's REST interfaces ---
# The CLI gives the token, PowerShell sends the request: through the CLI's batch file no JSON and no address with "&" would
# come out as it went in. The token is in memory only.

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
  # Entra's tokens live an hour at least, and the CLI renews them by itself.
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
    # Windows PowerShell would send a text as Latin-1.
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

# What is there, or nothing.
function Find-Azure {
  param([string] $Url)
  try {
    Invoke-Azure -Method Get -Url $Url
  } catch {
    if ($_.Exception.Data['Status'] -ne 404) { throw }
  }
}

# The entries of a list of Microsoft Graph that fit the filter.
function Find-Entry {
  param([string] $Collection, [string] $Filter)
  $answer = Invoke-Azure -Method Get -Url "$script:Graph/${Collection}?`$filter=$([Uri]::EscapeDataString($Filter))"
  Get-Property $answer 'value'
}

# A property that may be absent, by its path; strict mode would throw.
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

# Azure's codes and Graph's, where there is something to do about them.
function Get-Meaning {
  param([string] $Text)
  switch -Regex ($Text) {
    'AuthorizationFailed|Authorization_RequestDenied|Forbidden' {
      return 'you lack a right. Needed: Owner of the resource group, or Contributor and Role Based Access Control Administrator; in Entra: Application Administrator (for -AdminConsent too). Then run this again.'
    }
    'InsufficientQuota|QuotaExceeded|quota limit' {
      return 'no quota is left for this model here: lower -Capacity, choose another -Location, or ask for quota.'
    }
    'FlagMustBeSetForRestore' {
      return 'a resource of this name was deleted a short time ago. Purge it: az cognitiveservices account purge.'
    }
    default { return 'stopped here; run it again when that is mended, it goes on where it stopped.' }
  }
}

# Changes something, or says what would be changed.
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

# The same; a new application is not seen everywhere at once.
function Invoke-ChangeSoon {
  param([string] $What, [string] $Method, [string] $Url, $Body)
  for ($try = 1; ; $try += 1) {
    try {
      Invoke-Change $What $Method $Url $Body
      return
    } catch {
      if (($try -gt 5) -or ("$_" -notlike '*does not reference a valid application*')) { throw }
      Write-Line "not yet (try $try), waiting"
      Start-Sleep -Seconds $PollSeconds
    }
  }
}

# Waits until what was put there has been made.
function Wait-Azure {
  param([string] $Url)
  if ($WhatIfPreference) { return }
  for ($poll = 0; $poll -lt $Polls; $poll += 1) {
    $state = Get-Property (Invoke-Azure -Method Get -Url $Url) 'properties.provisioningState'
    if ($state -eq 'Succeeded') { return }
    if (@('Failed', 'Canceled') -contains $state) { throw "Azure reports $state for $Url" }
    Start-Sleep -Seconds $PollSeconds
  }
  throw "Azure has not finished $Url in time"
}

# A quote is doubled in OData.
function ConvertTo-OData {
  param([string] $Text)
  $Text.Replace("'", "''")
}

# The same name for the same assignment, as in setup.sh, so that a second run cannot make a second one.
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

# What there is of the resource, and whether it can serve.
function Find-Resource {
  $script:Deployed = @()
  $script:HasAccount = $false
  $script:HasGroup = $null -ne (Find-Azure "$Arm${GroupId}?api-version=2021-04-01")
  if (-not $HasGroup) { return }
  $found = Find-Azure $AccountUrl
  if ($null -eq $found) { return }
  $kind = Get-Property $found 'kind'
  if ($kind -ne 'AIServices') { throw "$Resource is there already, of kind $kind; Claude needs kind AIServices" }
  if (-not (Get-Property $found 'properties.customSubDomainName')) {
    throw "$Resource has no custom subdomain, so it takes no Entra tokens; set one in the portal"
  }
  $script:HasAccount = $true
  $answer = Invoke-Azure -Method Get -Url "$Arm$AccountId/deployments?api-version=$FoundryApi"
  $script:Deployed = @(Get-Property $answer 'value' | ForEach-Object { $_.name })
}

# Nothing is begun that could not be finished.
function Assert-ProviderData {
  if ($OrganizationName -and $Industry -and $CountryCode) { return }
  foreach ($name in $Model) {
    if ($Deployed -notcontains $name) {
      throw "to deploy $name, Azure needs -OrganizationName, -Industry and -CountryCode (docs/how-to/azure-setup.md)"
    }
  }
}

function New-Group {
  if ($HasGroup) {
    Write-Line "resource group ${ResourceGroup}: there"
    return
  }
  Invoke-Change "create resource group $ResourceGroup in $Location" Put "$Arm${GroupId}?api-version=2021-04-01" @{ location = $Location }
}

function New-Account {
  if ($HasAccount) {
    Write-Line "Foundry resource ${Resource}: there"
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

# One after the other: Azure refuses two at once.
function New-Deployments {
  foreach ($name in $Model) {
    if ($Deployed -contains $name) {
      Write-Line "deployment ${name}: there"
      continue
    }
    $version = ''
    $shown = ''
    if (-not $WhatIfPreference) {
      # A model may be listed more than once; Azure marks the version that it recommends.
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
  $filter = "displayName eq '$(ConvertTo-OData $AppName)'"
  $script:ClientId = ''
  $found = @(Find-Entry 'applications' $filter)
  if ($found.Count -gt 1) { throw "$($found.Count) app registrations are named `"$AppName`"; choose another -AppName" }
  if ($found.Count -eq 1) {
    $script:ClientId = $found[0].appId
    Repair-Application $found[0]
    return
  }
  Invoke-Change "create app registration `"$AppName`" (public client, $RedirectUri)" Post "$Graph/applications" @{
    displayName = $AppName
    signInAudience = 'AzureADMyOrg'
    isFallbackPublicClient = $true
    publicClient = @{ redirectUris = @($RedirectUri) }
    requiredResourceAccess = @(
      @{ resourceAppId = $CognitiveServices; resourceAccess = @(@{ id = $ScopeId; type = 'Scope' }) }
    )
  }
  if ($WhatIfPreference) { return }
  for ($poll = 0; $poll -lt 12; $poll += 1) {
    $found = @(Find-Entry 'applications' $filter)
    if ($found.Count -gt 0) { break }
    Start-Sleep -Seconds $PollSeconds
  }
  if ($found.Count -eq 0) {
    throw "the new app registration `"$AppName`" does not show up; run this again in a minute"
  }
  $script:ClientId = $found[0].appId
}

# Adds what a registration lacks and leaves alone what else it has.
function Repair-Application {
  param($Application)
  $body = @{}
  if ((Get-Property $Application 'isFallbackPublicClient') -ne $true) { $body.isFallbackPublicClient = $true }
  $uris = @(Get-Property $Application 'publicClient.redirectUris')
  if ($uris -cnotcontains $RedirectUri) { $body.publicClient = @{ redirectUris = @($uris + $RedirectUri) } }
  $access = @(Get-Property $Application 'requiredResourceAccess')
  $own = @($access | Where-Object { $_.resourceAppId -eq $CognitiveServices } | ForEach-Object { $_.resourceAccess })
  if ($ScopeId -and (@($own | ForEach-Object { $_.id }) -notcontains $ScopeId)) {
    $others = @($access | Where-Object { $_.resourceAppId -ne $CognitiveServices })
    $own += @{ id = $ScopeId; type = 'Scope' }
    $body.requiredResourceAccess = @($others + @{ resourceAppId = $CognitiveServices; resourceAccess = $own })
  }
  if ($body.Count -eq 0) {
    Write-Line "app registration `"$AppName`": there"
    return
  }
  Invoke-Change "complete app registration `"$AppName`" (public client flows, $RedirectUri, user_impersonation)" Patch "$Graph/applications/$($Application.id)" $body
}

function New-Principal {
  $filter = "appId eq '$ClientId'"
  $script:PrincipalId = ''
  $found = $null
  if ($ClientId) { $found = Find-Entry 'servicePrincipals' $filter | Select-Object -First 1 }
  if ($null -ne $found) {
    $script:PrincipalId = $found.id
    Write-Line 'service principal: there'
    return
  }
  Invoke-ChangeSoon 'create its service principal' Post "$Graph/servicePrincipals" @{ appId = $ClientId }
  if ($WhatIfPreference) { return }
  $script:PrincipalId = Get-Property (Find-Entry 'servicePrincipals' $filter | Select-Object -First 1) 'id'
}

function Grant-Consent {
  if (-not $AdminConsent) {
    Write-Line 'admin consent: not asked for (-AdminConsent)'
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
    Write-Line 'admin consent: there'
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

# Lets a user or group use the models: `Group` or `User`, and a name or object id.
function Add-Assignment {
  param([string] $Type, [string] $Name)
  $folder = 'users'
  $property = 'userPrincipalName'
  if ($Type -eq 'Group') {
    $folder = 'groups'
    $property = 'displayName'
  }
  if ($Name -match '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z') { $property = 'id' }
  $found = @(Find-Entry $folder "$property eq '$(ConvertTo-OData $Name)'")
  if ($found.Count -ne 1) { throw "$($found.Count) entries of $folder are named `"$Name`" in this tenant" }
  Add-Role $Type $Name $found[0].id
}

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
    Write-Line "role Cognitive Services User for ${Name}: there"
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
    Write-Line "nothing was changed; to do: $Changes"
    return
  }
  if ($Changes -eq 0) { Write-Line 'everything was there: nothing was changed' }
  Write-Line 'done; config.json for foundry-credential-helper:'
  $configuration = [ordered] @{ tenantId = $TenantId; clientId = $ClientId; foundryResource = $Resource; models = @($Model) }
  Write-Output (ConvertTo-Json -InputObject $configuration)
}

try {
  Find-Account
  Find-Resource
  Assert-ProviderData
  Find-Permission
  New-Group
  New-Account
  New-Deployments
  New-Application
  New-Principal
  Grant-Consent
  foreach ($name in $AssignGroup) { Add-Assignment Group $name }
  foreach ($name in $AssignUser) { Add-Assignment User $name }
  Write-Configuration
} catch {
  Write-Line "setup.ps1: $_"
  if ($_.Exception.Data.Contains('Status')) { Write-Line "setup.ps1: $(Get-Meaning "$_")" }
  exit 1
}
exit 0
