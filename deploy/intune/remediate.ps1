<#
.SYNOPSIS
Intune remediation, remediation script: starts the user's agent afresh; exit 0 when that helped, 1 when an admin is needed.

.DESCRIPTION
Nothing is deleted and nobody is signed out: the sign-in stays in the keystore. Settings as for detect.ps1: logged-on
credentials, 64-bit PowerShell. What a restart cannot mend (a setting, the network, the program itself) stays as it is,
and stdout names it.
#>
[CmdletBinding()]
param(
  [string] $Binary = (Join-Path $env:ProgramFiles 'foundry-credential-helper\foundry-credential-helper.exe')
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# --- begin: the same in deploy/intune/detect.ps1 and deploy/intune/remediate.ps1 ---

# What a program ends with if Windows could not load it: access denied, invalid image, a library that is missing, lacks a
# function, or did not start, an invalid signature, and App Control's refusal.
# https://learn.microsoft.com/openspecs/windows_protocols/ms-erref/596a1078-e883-4972-9bbc-49e60bebca55
$NotLoaded = @('C0000022', 'C000007B', 'C0000135', 'C0000139', 'C0000142', 'C0000428', 'C0E90002')

# With App Control, PowerShell calls no method of .NET (Constrained Language mode).
function Test-System {
  try {
    return [Security.Principal.WindowsIdentity]::GetCurrent().IsSystem
  } catch {
    return $env:USERPROFILE -like '*\config\systemprofile'
  }
}

# A property's text; '' if the value has no such property, whatever it is.
function Get-Text {
  param($Value, [string] $Name)
  return [string] ($Value | Select-Object -ExpandProperty $Name -ErrorAction SilentlyContinue)
}

# What the program printed and its exit code, which is $null if it did not start: AppLocker or App Control refuses it, or
# the file is damaged or no program.
function Invoke-Program {
  param($Call)
  # A program that does not start leaves the exit code of the one before.
  $global:LASTEXITCODE = $null
  try {
    $text = (& $Call | Out-String)
    $exitCode = $global:LASTEXITCODE
  } catch {
    return @{ Text = ''; ExitCode = $null }
  }
  if (($null -ne $exitCode) -and ($NotLoaded -contains ('{0:X8}' -f $exitCode))) { $exitCode = $null }
  return @{ Text = $text; ExitCode = $exitCode }
}

# One state and whether it passes. Never throws: an MDM shows a thrown error as a fault of its own.
function Get-SignInState {
  param([string] $Binary)
  if (Test-System) { return @{ State = 'run-as-system'; Pass = $false } }
  try {
    $isThere = Test-Path -LiteralPath $Binary -PathType Leaf -ErrorAction Stop
  } catch {
    return @{ State = 'blocked'; Pass = $false }
  }
  if (-not $isThere) { return @{ State = 'not-installed'; Pass = $false } }
  # A native program's stderr must not become a terminating error in Windows PowerShell 5.1.
  $ErrorActionPreference = 'Continue'
  $run = Invoke-Program { & $Binary status --json 2>$null }
  $exitCode = $run.ExitCode
  if ($null -eq $exitCode) { return @{ State = 'blocked'; Pass = $false } }
  $status = $null
  try { $status = ConvertFrom-Json -InputObject $run.Text } catch { $status = $null }
  $isReadable = ($null -ne $status) -or ($run.Text.Trim() -eq '')
  if (($exitCode -eq 0) -and $isReadable) { return @{ State = 'signed-in'; Pass = $true } }
  $signIn = Get-Text -Value $status -Name 'signIn'
  if ((@(4, 5) -contains $exitCode) -and ($signIn -match '^[a-z-]+$')) { return @{ State = $signIn; Pass = $true } }
  # The agent starts by itself when Claude Desktop asks for a token.
  if (($exitCode -eq 6) -and ((Get-Text -Value $status -Name 'running') -eq 'False')) {
    return @{ State = 'agent-not-running'; Pass = $true }
  }
  $problem = $status | Select-Object -ExpandProperty 'problem' -ErrorAction SilentlyContinue
  $code = Get-Text -Value $problem -Name 'code'
  if ($code -notmatch '^[A-Z_]+$') { $code = "exit-$exitCode" }
  return @{ State = "problem $code"; Pass = $false }
}

# --- end ---

$before = Get-SignInState -Binary $Binary
$isMendable = @('run-as-system', 'not-installed', 'blocked') -notcontains $before.State
if ((-not $before.Pass) -and $isMendable) {
  $ErrorActionPreference = 'Continue'
  $null = Invoke-Program { & $Binary agent stop 2>$null }
  $null = Invoke-Program { & $Binary agent start 2>$null }
}
$after = Get-SignInState -Binary $Binary
Write-Output "foundry-credential-helper: $($before.State), then $($after.State)"
if ($after.Pass) { exit 0 }
exit 1
