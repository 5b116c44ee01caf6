<#
.SYNOPSIS
What only Windows can say about an installer that "npm run package" made elsewhere.

.DESCRIPTION
Installs the .msi, twice, looks at what Windows makes of it (files, policy, access rights, named pipe, protected storage,
start at log-on, the scripts for Intune), and removes it again. For a computer that nobody uses: it ends with the program
uninstalled, whether it was installed before or not. Run it as an administrator, in Windows PowerShell 5.1:

  powershell.exe -NoProfile -ExecutionPolicy Bypass -File installers\windows\verify-on-windows.ps1 -Msi dist\NAME.msi

Exit code 0 if every check passes, else 1.
#>
[CmdletBinding()]
param(
  [Parameter(Mandatory = $true)]
  [string] $Msi,
  [string] $Repository = (Split-Path -Parent (Split-Path -Parent $PSScriptRoot))
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

$TenantId = '11111111-2222-3333-4444-555555555555'
$Folder = Join-Path $env:ProgramFiles 'foundry-credential-helper'
$Program = Join-Path $Folder 'foundry-credential-helper.exe'
$AgentName = 'foundry-credential-helper'
$Registration = 'HKLM:\SOFTWARE\FoundryCredentialHelper'
$Policy = 'HKLM:\SOFTWARE\Policies\FoundryCredentialHelper'
$WaitSeconds = 30
$script:Failures = 0

# Runs the block and says how it went; goes on either way. The block throws if something is wrong.
function Test-Step {
  param([string] $Name, [scriptblock] $Block)
  try {
    & $Block
    Write-Output "ok      $Name"
  } catch {
    Write-Output "FAILED  $Name"
    Write-Output "        $($_.Exception.Message)"
    $script:Failures++
  }
}

function Assert-That {
  param([bool] $Condition, [string] $Message)
  if (-not $Condition) { throw $Message }
}

# Runs the installer without a window. 3010: done, and Windows wants a restart.
function Invoke-Installer {
  param([string] $Action, [string[]] $Properties = @())
  $arguments = @($Action, "`"$Msi`"", '/qn', '/norestart') + $Properties
  $process = Start-Process -FilePath 'msiexec.exe' -ArgumentList $arguments -Wait -PassThru
  Assert-That (@(0, 3010) -contains $process.ExitCode) "msiexec $Action exited with $($process.ExitCode)"
}

# Runs the program, and returns what it printed on stdout.
function Invoke-Program {
  param([string[]] $Arguments, [int[]] $ExitCodes = @(0))
  $text = (& $Program $Arguments | Out-String)
  Assert-That ($ExitCodes -contains $LASTEXITCODE) "$($Arguments -join ' ') exited with ${LASTEXITCODE}: $text"
  return $text
}

function Get-Agent {
  return @(Get-Process -Name $AgentName -ErrorAction SilentlyContinue)
}

# Runs the block until it returns true, for a while.
function Wait-For {
  param([string] $What, [scriptblock] $Block)
  for ($second = 0; $second -lt $WaitSeconds; $second++) {
    if (& $Block) { return }
    Start-Sleep -Seconds 1
  }
  throw "$What did not happen within $WaitSeconds seconds"
}

# Runs one of the project's scripts in Windows PowerShell of its own, and returns its last line.
function Invoke-Script {
  param([string] $Path, [int] $ExitCode)
  $file = Join-Path $Repository $Path
  $text = (& powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File $file | Out-String).Trim()
  Assert-That ($LASTEXITCODE -eq $ExitCode) "$Path exited with $LASTEXITCODE and printed: $text"
  return $text
}

if (-not (Test-Path -LiteralPath $Msi -PathType Leaf)) { throw "there is no $Msi" }
$Msi = (Resolve-Path -LiteralPath $Msi).ProviderPath
$principal = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
  throw 'run this as an administrator: the installer is for the whole computer'
}
Write-Output "PowerShell $($PSVersionTable.PSVersion), Windows $([Environment]::OSVersion.Version)"

Write-Output '== The scripts'
$paths = @(Get-ChildItem -Path $Repository -Filter '*.ps1' -Recurse -File | Where-Object {
    $_.FullName -notmatch '\\(node_modules|build|dist)\\'
  })
Test-Step "PowerShell reads all $($paths.Count) of them" {
  Assert-That ($paths.Count -gt 3) 'there are too few'
  foreach ($path in $paths) {
    $problems = $null
    $null = [Management.Automation.Language.Parser]::ParseFile($path.FullName, [ref] $null, [ref] $problems)
    Assert-That (@($problems).Count -eq 0) "$($path.Name): $($problems -join '; ')"
  }
}

Write-Output '== It installs'
Test-Step 'the installer' {
  Invoke-Installer '/i' @("TENANTID=$TenantId", "CLIENTID=$TenantId", 'FOUNDRYRESOURCE=contoso-foundry')
}
if (-not (Test-Path -LiteralPath $Program)) { throw 'nothing more can be checked' }
Test-Step 'the program starts' {
  $version = Invoke-Program @('version', '--json') | ConvertFrom-Json
  Assert-That ($version.platform -eq 'win32') "it was built for $($version.platform)"
  $installed = (Get-ItemProperty -Path $Registration).Version
  Assert-That ($version.release -eq $installed) "the registry says $installed, the program $($version.release)"
}
Test-Step 'the settings given to the installer are policy' {
  $shown = Invoke-Program @('config', 'show', '--json') | ConvertFrom-Json
  $setting = @($shown.settings | Where-Object { $_.key -eq 'tenantId' })[0]
  Assert-That ($setting.value -eq $TenantId) "tenantId is $($setting.value)"
  Assert-That ($setting.origin.location -match 'Policies') "it comes from $($setting.origin.location)"
}
Test-Step 'only administrators may change the program' {
  $writers = @((Get-Acl -Path $Folder).Access | Where-Object {
      ($_.AccessControlType -eq 'Allow') -and ($_.FileSystemRights -match 'FullControl|Modify|Write')
    } | ForEach-Object { $_.IdentityReference.Translate([Security.Principal.SecurityIdentifier]).Value })
  # SYSTEM, Administrators, the owner of what is made later, TrustedInstaller.
  $others = @($writers | Where-Object { $_ -notmatch '^S-1-(5-18|5-32-544|3-0|5-80-.*)$' })
  Assert-That ($others.Count -eq 0) "$($others -join ', ') may"
}

Write-Output '== The agent runs'
Test-Step 'it starts' { $null = Invoke-Program @('agent', 'start') }
Test-Step 'it is the program without a console' {
  Wait-For 'the start of the agent' { @(Get-Agent).Count -eq 1 }
}
Test-Step 'it answers over its named pipe' {
  $status = Invoke-Program @('agent', 'status', '--json') | ConvertFrom-Json
  Assert-That ($status.agent.pid -eq @(Get-Agent)[0].Id) "process $($status.agent.pid) answered"
  $pipes = @([IO.Directory]::GetFiles('\\.\pipe\') | Where-Object { $_ -match '\\foundry-credential-helper-' })
  Assert-That ($pipes.Count -eq 1) "there are $($pipes.Count) pipes"
}
Test-Step 'nobody else may read its files' {
  $status = Invoke-Program @('status', '--json') @(0, 3, 4, 5) | ConvertFrom-Json
  $me = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
  $readers = @((Get-Acl -Path $status.files.state).Access | Where-Object { $_.AccessControlType -eq 'Allow' } |
      ForEach-Object { $_.IdentityReference.Translate([Security.Principal.SecurityIdentifier]).Value })
  $others = @($readers | Where-Object { ($_ -ne $me) -and (@('S-1-5-18', 'S-1-5-32-544') -notcontains $_) })
  Assert-That ($others.Count -eq 0) "$($others -join ', ') may read $($status.files.state)"
}
Test-Step 'it starts at log-on' {
  $autostart = (Invoke-Program @('agent', 'status', '--json') | ConvertFrom-Json).autostart
  Assert-That ($autostart.installed -and $autostart.thisProgram) "autostart is $($autostart | ConvertTo-Json -Compress)"
  Assert-That ($autostart.scope -eq 'system') "its scope is $($autostart.scope)"
}
Test-Step 'doctor finds the keystore and the agent in order' {
  $checks = (Invoke-Program @('doctor', '--json') @(0, 1) | ConvertFrom-Json).checks
  foreach ($id in @('keystore', 'agent')) {
    $check = @($checks | Where-Object { $_.id -eq $id })[0]
    Assert-That ($check.state -eq 'ok') "$id is $($check.state): $($check.detail)"
  }
}

Write-Output '== The scripts for Intune'
Test-Step 'detect.ps1 reports a user who is not signed in' {
  $text = Invoke-Script 'deploy\intune\detect.ps1' 0
  Assert-That ($text -match 'signed-out') "it printed: $text"
}
Test-Step 'remediate.ps1 leaves that alone' { $null = Invoke-Script 'deploy\intune\remediate.ps1' 0 }
Test-Step 'the completion script completes a command' {
  $completion = Invoke-Program @('completion', 'powershell')
  . ([scriptblock]::Create($completion))
  $line = 'foundry-credential-helper sta'
  $found = @([Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches)
  Assert-That (@($found | ForEach-Object { $_.CompletionText }) -contains 'status') "it offers $($found -join ', ')"
}

Write-Output '== It updates'
$before = @(Get-Agent | ForEach-Object { $_.Id })
Test-Step 'the installer once more stops the agent' {
  Invoke-Installer '/i'
  Assert-That (@(Get-Agent | Where-Object { $before -contains $_.Id }).Count -eq 0) 'the old agent still runs'
}
Test-Step 'a repair' { Invoke-Installer '/fa' }
Test-Step 'the settings are still there' {
  $kept = (Get-ItemProperty -Path $Policy).tenantId
  Assert-That ($kept -eq $TenantId) "tenantId is $kept"
}

Write-Output '== It uninstalls'
Test-Step 'the user''s own files' { $null = Invoke-Program @('agent', 'uninstall', '--purge') }
Test-Step 'the installer' { Invoke-Installer '/x' }
Test-Step 'nothing is left' {
  foreach ($path in @($Folder, $Registration, $Policy)) {
    Assert-That (-not (Test-Path -Path $path)) "$path is still there"
  }
  Assert-That (@(Get-Agent).Count -eq 0) 'an agent still runs'
}

if ($script:Failures -gt 0) {
  Write-Output "verify-on-windows.ps1: $script:Failures checks failed"
  exit 1
}
Write-Output 'All checks passed.'
exit 0
