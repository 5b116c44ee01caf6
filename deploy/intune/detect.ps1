<#
.SYNOPSIS
Intune remediation, detection script: exit 0 when nothing needs an admin, 1 when something does; stdout says what.

.DESCRIPTION
Set "Run this script using the logged-on credentials" to Yes and "Run script in 64-bit PowerShell" to Yes: the agent,
its pipe and the protected sign-in are the user's. docs/mdm-scripts.md explains the states.
#>
[CmdletBinding()]
param(
  [string] $Binary = (Join-Path $env:ProgramFiles 'foundry-credential-helper\foundry-credential-helper.exe')
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# --- begin: the same in deploy/intune/detect.ps1 and deploy/intune/remediate.ps1 ---

# One state and whether it passes. Never throws: an MDM shows a thrown error as a fault of its own.
function Get-SignInState {
  param([string] $Binary)
  if ([Security.Principal.WindowsIdentity]::GetCurrent().IsSystem) {
    return @{ State = 'run-as-system'; Pass = $false }
  }
  if (-not (Test-Path -LiteralPath $Binary -PathType Leaf)) {
    return @{ State = 'not-installed'; Pass = $false }
  }
  # A native program's stderr must not become a terminating error in Windows PowerShell 5.1.
  $ErrorActionPreference = 'Continue'
  try {
    $text = (& $Binary status --json 2>$null | Out-String)
    $exitCode = $LASTEXITCODE
  } catch {
    # AppLocker or App Control refuses it, or the file is damaged.
    return @{ State = 'blocked'; Pass = $false }
  }
  $status = $null
  try { $status = ConvertFrom-Json -InputObject $text } catch { $status = $null }
  if ($exitCode -eq 0) { return @{ State = 'signed-in'; Pass = $true } }
  if ($null -eq $status) { return @{ State = "problem exit-$exitCode"; Pass = $false } }
  if (($exitCode -eq 4) -or ($exitCode -eq 5)) { return @{ State = [string] $status.signIn; Pass = $true } }
  # The agent starts by itself when Claude Desktop asks for a token.
  if (($exitCode -eq 6) -and (-not $status.running)) { return @{ State = 'agent-not-running'; Pass = $true } }
  $code = "exit-$exitCode"
  if ($status.PSObject.Properties.Name -contains 'problem') { $code = [string] $status.problem.code }
  return @{ State = "problem $code"; Pass = $false }
}

# --- end ---

$result = Get-SignInState -Binary $Binary
Write-Output "foundry-credential-helper: $($result.State)"
if ($result.Pass) { exit 0 }
exit 1
