<#
.SYNOPSIS
What only Windows can say about an installer that "npm run package" made elsewhere.

.DESCRIPTION
Installs the .msi, twice, looks at what Windows makes of it (files, policy, access rights, the scheduled task and its start
without a log-off, PATH, named pipe, protected storage, libraries, the scripts for Intune), and removes it again. For a computer that nobody uses: it ends with the program
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
$Launcher = Join-Path $Folder 'foundry-credential-helperw.exe'
$AgentName = 'foundry-credential-helper'
$TaskName = 'Foundry Credential Helper'
$Libraries = @('dpapi.node', 'registry.node')
$ProfileFolders = @((Join-Path $env:USERPROFILE '.foundry-credential-helper'), (Join-Path $env:LOCALAPPDATA 'foundry-credential-helper'))
$Registration = 'HKLM:\SOFTWARE\FoundryCredentialHelper'
$Policy = 'HKLM:\SOFTWARE\Policies\FoundryCredentialHelper'
$WaitSeconds = 30
$script:Failures = 0

# Runs the block and says how it went. Continues in any case. The block throws if something is wrong.
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

# The scheduled task for all users, as Task Scheduler's own interface has it, or $null.
function Get-AgentTask {
  $service = New-Object -ComObject 'Schedule.Service'
  $service.Connect()
  try { return $service.GetFolder('\').GetTask($TaskName) } catch { return $null }
}

# The folders of the computer's PATH.
function Get-SearchPath {
  return @([Environment]::GetEnvironmentVariable('Path', 'Machine') -split ';')
}

# The sessions with a desktop. GitHub's computers may have none.
function Get-DesktopSession {
  return @(Get-Process -Name 'explorer' -ErrorAction SilentlyContinue | ForEach-Object { $_.SessionId } |
      Where-Object { $_ -gt 0 } | Sort-Object -Unique)
}

# Runs the block until it returns true, for a while.
function Wait-For {
  param([string] $What, [scriptblock] $Block)
  for ($second = 0; $second -lt $WaitSeconds; $second++) {
    if (& $Block) { return }
    Start-Sleep -Seconds 1
  }
  throw "$What didn't happen within $WaitSeconds seconds"
}

# Runs one of the project's scripts in a separate Windows PowerShell, and returns its last line.
function Invoke-Script {
  param([string] $Path, [int] $ExitCode)
  $file = Join-Path $Repository $Path
  $text = (& powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File $file | Out-String).Trim()
  Assert-That ($LASTEXITCODE -eq $ExitCode) "$Path exited with $LASTEXITCODE and printed: $text"
  return $text
}

if (-not (Test-Path -LiteralPath $Msi -PathType Leaf)) { throw "there's no $Msi" }
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

$pathBefore = @(Get-SearchPath)
$sessions = @(Get-DesktopSession)

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

Test-Step 'its libraries are next to it' {
  foreach ($name in $Libraries) { Assert-That (Test-Path -LiteralPath (Join-Path $Folder $name)) "there's no $name" }
}
Test-Step 'its folder is at the end of PATH, once' {
  $added = @(Get-SearchPath | Where-Object { $_ -and ($_.TrimEnd('\') -eq $Folder) })
  Assert-That ($added.Count -eq 1) "it is there $($added.Count) times"
  $others = @(Get-SearchPath | Where-Object { $_ -and ($_.TrimEnd('\') -ne $Folder) })
  Assert-That (($others -join ';') -eq (@($pathBefore | Where-Object { $_ }) -join ';')) "the others are $($others -join ';')"
}
Test-Step 'a new command prompt knows the command' {
  $env:Path = (Get-SearchPath) -join ';'
  $text = (& cmd.exe /d /c 'foundry-credential-helper version' | Out-String)
  Assert-That ($LASTEXITCODE -eq 0) "it exited with ${LASTEXITCODE}: $text"
}

Write-Output '== The scheduled task'
Test-Step 'it is for everyone who logs on, hidden, without elevation and without a time limit' {
  $task = Get-AgentTask
  Assert-That ($null -ne $task) 'there is none'
  $definition = ([xml] $task.Xml).Task
  Assert-That ($definition.Principals.Principal.GroupId -eq 'S-1-5-4') "it is for $($task.Xml)"
  Assert-That ($definition.Principals.Principal.RunLevel -eq 'LeastPrivilege') 'it is elevated'
  Assert-That ($null -ne $definition.Triggers.LogonTrigger) "it doesn't run at log-on"
  Assert-That ($definition.Settings.Hidden -eq 'true') "it isn't hidden"
  Assert-That ($definition.Settings.ExecutionTimeLimit -eq 'PT0S') "it ends after $($definition.Settings.ExecutionTimeLimit)"
  Assert-That ($definition.Actions.Exec.Command -eq $Launcher) "it starts $($definition.Actions.Exec.Command)"
  Assert-That $task.Enabled 'it is off'
}
Test-Step 'every user may see and run it, and only administrators may change it' {
  # 4: the access control list. IU: everyone who is logged on.
  $rights = (Get-AgentTask).GetSecurityDescriptor(4)
  Assert-That ($rights -match '\(A;[^;]*;[^;]+;;;IU\)') "its access rights are $rights"
  $full = @([regex]::Matches($rights, '\(A;[^;]*;(FA|GA|0x1f01ff);;;([^)]+)\)') | ForEach-Object { $_.Groups[2].Value })
  $others = @($full | Where-Object { @('SY', 'BA') -notcontains $_ })
  Assert-That ($others.Count -eq 0) "$($others -join ', ') may change it"
}
if ($sessions.Count -eq 0) {
  Write-Output 'skipped the start without a log-off: no one has a desktop on this computer'
} else {
  Test-Step 'the agent runs in every session, without a log-off' {
    Wait-For 'the start of the agents' {
      $running = @(Get-Agent | ForEach-Object { $_.SessionId })
      @($sessions | Where-Object { $running -notcontains $_ }).Count -eq 0
    }
  }
  Test-Step 'a user starts it by the task' {
    $null = Invoke-Program @('agent', 'stop')
    & schtasks.exe /run /tn $TaskName | Out-Null
    Assert-That ($LASTEXITCODE -eq 0) "schtasks exited with $LASTEXITCODE"
    Wait-For 'the start of the agent' { @(Get-Agent).Count -ge 1 }
  }
}

Write-Output '== The agent runs'
Test-Step 'it starts' { $null = Invoke-Program @('agent', 'start') }
Test-Step 'it is the program without a console' {
  Wait-For 'the start of the agent' { @(Get-Agent).Count -ge 1 }
}
Test-Step 'it answers over its named pipe' {
  $status = Invoke-Program @('agent', 'status', '--json') | ConvertFrom-Json
  Assert-That (@(Get-Agent | ForEach-Object { $_.Id }) -contains $status.agent.pid) "process $($status.agent.pid) answered"
  $pipes = @([IO.Directory]::GetFiles('\\.\pipe\') | Where-Object { $_ -match '\\foundry-credential-helper-' })
  Assert-That ($pipes.Count -ge 1) "there are $($pipes.Count) pipes"
}
Test-Step 'no one else may read its files' {
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

Test-Step 'it unpacks no library into the profile' {
  $unpacked = @(Get-ChildItem -Path $ProfileFolders -Filter '*.node' -Recurse -ErrorAction SilentlyContinue)
  Assert-That ($unpacked.Count -eq 0) "there is $(@($unpacked | ForEach-Object { $_.FullName }) -join ', ')"
}

Write-Output '== The scripts for Intune'
Test-Step "detect.ps1 reports a user who isn't signed in" {
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
Test-Step 'the installer once more leaves the agents alone' {
  Invoke-Installer '/i'
  $after = @(Get-Agent | ForEach-Object { $_.Id })
  Assert-That (@($before | Where-Object { $after -notcontains $_ }).Count -eq 0) 'an agent was ended'
}
Test-Step 'a repair brings a lost task back' {
  & schtasks.exe /delete /tn $TaskName /f | Out-Null
  Invoke-Installer '/fa'
  Assert-That ($null -ne (Get-AgentTask)) 'there is none'
}
Test-Step 'a repair leaves a task off that was turned off' {
  (Get-AgentTask).Enabled = $false
  Invoke-Installer '/fa'
  Assert-That (-not (Get-AgentTask).Enabled) 'it is on'
  (Get-AgentTask).Enabled = $true
}
Test-Step 'PATH is as it was' {
  $added = @(Get-SearchPath | Where-Object { $_ -and ($_.TrimEnd('\') -eq $Folder) })
  Assert-That ($added.Count -eq 1) "the folder is there $($added.Count) times"
}
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
  Assert-That ($null -eq (Get-AgentTask)) 'the task is still there'
}
Test-Step 'PATH is as before' {
  $left = @(Get-SearchPath | Where-Object { $_ }) -join ';'
  Assert-That ($left -eq (@($pathBefore | Where-Object { $_ }) -join ';')) "it is $left"
}

if ($script:Failures -gt 0) {
  Write-Output "verify-on-windows.ps1: $script:Failures checks failed"
  exit 1
}
Write-Output 'All checks passed.'
exit 0
