// What takes a rollout out of Windows' registry again: a registry file, and a pair of scripts for Intune's remediations.
// Of Claude Desktop's and Claude Code's settings, they remove only what a rollout writes: the rest belongs to the admin.
import { MDM_REGISTRY_KEY, MDM_REGISTRY_VALUE } from '../../src/claude-code/places.ts';
import { places } from '../../src/config/places.ts';
import { REGISTRY_HEADER } from '../../src/formats/registry-file.ts';
import { REPLACED_DESKTOP_KEYS } from '../../src/rollout/export/registry-policy.ts';

const DESKTOP = places['claude-desktop'].registryKey;
const OWN = places.own.registryKey;

/** Only ASCII, which Registry Editor and reg.exe read in every code page. Leaves Claude Code alone: see `remove-policy.ps1`. */
export function removalFile(): string {
  const hive = 'HKEY_LOCAL_MACHINE\\';
  const names = REPLACED_DESKTOP_KEYS.map((name) => `"${name}"=-`);
  return [REGISTRY_HEADER, '', `[${hive}${DESKTOP}]`, ...names, '', `[-${hive}${OWN}]`, '', ''].join('\r\n');
}

/** Exit code 1 if anything is left, with one line that names it; exit code 0 if not. */
export function removalDetection(): string {
  return script([
    '# Detects the managed settings of a rollout: of foundry-credential-helper, Claude Desktop, and Claude Code.',
    '# Run as SYSTEM. Exit code 0: none are left. Exit code 1: one line names those that are, without values.',
    ...preamble(),
    'try {',
    `    $root = ${ROOT}`,
    '    $left = @()',
    '    $key = $root.OpenSubKey($own)',
    '    if ($null -ne $key) { $left += $own }',
    '    $key = $root.OpenSubKey($desktop)',
    '    if ($null -ne $key) { $left += @($key.GetValueNames() | Where-Object { $names -contains $_ }) }',
    '    $key = $root.OpenSubKey($code)',
    `    if (($null -ne $key) -and (${OURS})) { $left += "$code\\$settings" }`,
    '} catch {',
    '    $left = @("can\'t be read ($($_.CategoryInfo.Reason), $($ExecutionContext.SessionState.LanguageMode))")',
    '}',
    "if ($left.Count -eq 0) { Write-Output 'none left'; exit 0 }",
    "Write-Output ($left -join ', ')",
    'exit 1',
  ]);
}

/** Safe to run again. Exit code 0: done. */
export function removalScript(): string {
  return script([
    '# Removes the managed settings of a rollout: of foundry-credential-helper, Claude Desktop, and Claude Code.',
    "# Run as SYSTEM or as an administrator. Settings that a rollout doesn't write stay. Exit code 0: done.",
    ...preamble(),
    `$root = ${ROOT}`,
    '$root.DeleteSubKeyTree($own, $false)',
    '$key = $root.OpenSubKey($desktop, $true)',
    'if ($null -ne $key) { foreach ($name in $names) { $key.DeleteValue($name, $false) } }',
    '$key = $root.OpenSubKey($code, $true)',
    `if (($null -ne $key) -and (${OURS})) { $key.DeleteValue($settings) }`,
    'exit 0',
  ]);
}

const ROOT = "[Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')";

/** Whether Claude Code's settings run this program, wherever it's installed. */
const OURS = '"$($key.GetValue($settings))" -like \'*claude-code token*\'';

const preamble = (): readonly string[] => [
  'Set-StrictMode -Version 2.0',
  "$ErrorActionPreference = 'Stop'",
  `$own = '${OWN}'`,
  `$desktop = '${DESKTOP}'`,
  `$code = '${MDM_REGISTRY_KEY}'`,
  `$settings = '${MDM_REGISTRY_VALUE}'`,
  '$names = @(',
  ...REPLACED_DESKTOP_KEYS.map((name) => `    '${name}'`),
  ')',
];

const script = (lines: readonly string[]): string => [...lines, ''].join('\n');
