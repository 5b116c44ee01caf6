<#
.SYNOPSIS
Intune remediation, remediation script: restarts the user's agent if that can help; exit 0 if it did, 1 if an admin must
act.

.DESCRIPTION
Nothing is deleted and nobody is signed out: the sign-in stays in the keystore. Settings as for detect.ps1: logged-on
credentials, 64-bit PowerShell. What a restart can't help (a setting, the network, the program itself) stays as it is,
and stdout says what and why.
#>
[CmdletBinding()]
param(
  [string] $Binary = (Join-Path $env:ProgramFiles 'foundry-credential-helper\foundry-credential-helper.exe')
)

Set-StrictMode -Version 2.0
# A native program's stderr must not become a terminating error in Windows PowerShell 5.1.
$ErrorActionPreference = 'Continue'

# --- begin: the same in deploy/intune/detect.ps1 and deploy/intune/remediate.ps1 ---

# A word, the text to show, which has the reason after the word, and whether it passes. Never throws: an MDM shows a
# thrown error as a fault of the script. docs/how-to/mdm-scripts.md explains the words.
function Get-SignInState {
  param([string] $Binary)
  # A program that doesn't start leaves the exit code of the one before.
  $global:LASTEXITCODE = $null
  $output = @()
  try {
    if (-not (Test-Path -LiteralPath $Binary -PathType Leaf -ErrorAction Stop)) {
      return @{ Word = 'not-installed'; Text = 'not-installed'; Pass = $false }
    }
    $output = @(& $Binary status --mdm 2>&1)
  } catch {
    $null = $_
  }
  $exitCode = $global:LASTEXITCODE
  $word = ($output | Where-Object { $_ -is [string] }) -join ' '
  $reason = ($output | Where-Object { $_ -isnot [string] } | ForEach-Object { "$_" }) -join ' '
  if ((@(0, 1) -notcontains $exitCode) -or ($word -cnotmatch '^[a-z-]+$')) {
    $word = 'blocked'
    $reason = if ($null -ne $exitCode) { "exit $exitCode" }
  }
  $text = if ($reason) { "${word}: $reason" } else { $word }
  return @{ Word = $word; Text = $text; Pass = (($word -ne 'blocked') -and ($exitCode -eq 0)) }
}

# --- end ---

$before = Get-SignInState -Binary $Binary
if (@('agent-hung', 'agent-fault', 'keystore-fault', 'fault') -contains $before.Word) {
  try {
    $null = & $Binary agent stop 2>$null
    $null = & $Binary agent start 2>$null
  } catch {
    $null = $_
  }
}
$after = Get-SignInState -Binary $Binary
Write-Output "foundry-credential-helper: $($before.Word), then $($after.Text)"
if ($after.Pass) { exit 0 }
exit 1
