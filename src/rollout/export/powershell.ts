// Scripts for Intune's remediations and other tools that run Windows PowerShell 5.1 as SYSTEM. They open the registry's
// 64-bit view, because Intune's default host is 32-bit. They hold only ASCII: without a byte order mark, 5.1 reads a
// script in the computer's code page, and Intune rejects the mark if it enforces signatures.
// If App Control doesn't trust them, PowerShell runs them in Constrained Language mode, which calls no methods of .NET: then
// they fail, and the detection says so.
// https://learn.microsoft.com/mem/intune/fundamentals/remediations
import { type RegistryPolicy, removedNames } from './registry-policy.ts';
import type { TextSettings } from './rollout-settings.ts';

/** Exit code 0: as exported. Exit code 1: not so; one line of output says what differs, without values. */
export function writeDetection(policy: RegistryPolicy): string {
  return script([
    `# Checks the managed settings of ${policy.program}. Run as SYSTEM.`,
    '# Exit code 0: as exported. Exit code 1: one line says what differs, without values.',
    ...PREAMBLE,
    ...wantedTable(policy.values),
    'try {',
    ...indented([
      `$key = ${HIVE}.OpenSubKey(${quote(policy.key)})`,
      '$names = @()',
      'if ($null -ne $key) { $names = @($key.GetValueNames()) }',
      '$drift = @()',
      'foreach ($name in $wanted.Keys) {',
      ...indented([
        'if ($names -notcontains $name) { $drift += "$name is missing"; continue }',
        "$value = $key.GetValue($name, $null, 'DoNotExpandEnvironmentNames')",
        "$isText = $key.GetValueKind($name) -eq 'String'",
        // The operators of PowerShell ignore characters without width.
        'if (-not $isText -or -not [string]::Equals($value, $wanted[$name], \'Ordinal\')) { $drift += "$name differs" }',
      ]),
      '}',
      ...detectRemovals(policy),
    ]),
    '} catch {',
    '    $drift = @("can\'t be read ($($_.CategoryInfo.Reason), $($ExecutionContext.SessionState.LanguageMode))")',
    '}',
    "if ($drift.Count -eq 0) { Write-Output 'as exported'; exit 0 }",
    "Write-Output ($drift -join ', ')",
    'exit 1',
  ]);
}

/** Writes the values and removes what the policy removes. Safe to run again. */
export function writeRemediation(policy: RegistryPolicy): string {
  return script([
    `# Writes the managed settings of ${policy.program}, and removes what they replace. Run as SYSTEM. Exit code 0: done.`,
    ...PREAMBLE,
    ...wantedTable(policy.values),
    `$key = ${HIVE}.CreateSubKey(${quote(policy.key)})`,
    "foreach ($name in $wanted.Keys) { $key.SetValue($name, $wanted[$name], 'String') }",
    ...removals(policy),
    '$key.Dispose()',
    'exit 0',
  ]);
}

function detectRemovals(policy: RegistryPolicy): readonly string[] {
  if (policy.removes === 'everything-else') {
    return [
      '$others = @($names | Where-Object { -not $wanted.Contains($_) }).Count',
      'if ($null -ne $key) { $others += $key.SubKeyCount }',
      'if ($others -gt 0) { $drift += "$others other values or keys shouldn\'t be there" }',
    ];
  }
  const loop = 'foreach ($name in $removed) { if ($names -contains $name) { $drift += "$name shouldn\'t be there" } }';
  return withRemovedNames(policy, loop);
}

function removals(policy: RegistryPolicy): readonly string[] {
  if (policy.removes === 'everything-else') {
    return [
      'foreach ($name in $key.GetValueNames()) { if (-not $wanted.Contains($name)) { $key.DeleteValue($name) } }',
      'foreach ($name in $key.GetSubKeyNames()) { $key.DeleteSubKeyTree($name) }',
    ];
  }
  return withRemovedNames(policy, 'foreach ($name in $removed) { $key.DeleteValue($name, $false) }');
}

const HIVE = "[Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')";

const PREAMBLE = ['Set-StrictMode -Version 2.0', "$ErrorActionPreference = 'Stop'"];

function withRemovedNames(policy: RegistryPolicy, loop: string): readonly string[] {
  const names = removedNames(policy).map(quote);
  return names.length === 0 ? [] : ['$removed = @(', ...indented(names), ')', loop];
}

/** A table of PowerShell finds names in any case, as the registry does. */
const wantedTable = (values: TextSettings): readonly string[] => [
  '$wanted = [ordered]@{',
  ...indented(Object.entries(values).map(([name, value]) => `${quote(name)} = ${expression(value)}`)),
  '}',
];

/** An expression whose value is the text: characters outside ASCII by their number. */
function expression(text: string): string {
  const parts = text.match(/[ -~]+|[^ -~]/g) ?? [];
  if (parts.length === 0 || (parts.length === 1 && /^[ -~]/.test(text))) return quote(text);
  const terms = parts.map((part) =>
    /^[ -~]/.test(part) ? quote(part) : `[char]0x${part.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  // Characters alone would be added as numbers.
  return `(${(/^[ -~]/.test(text) ? terms : ["''", ...terms]).join(' + ')})`;
}

/** ASCII text as it is: nothing in single quotes has a meaning, apart from the quote. */
const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `    ${line}`);

const script = (lines: readonly string[]): string => [...lines, ''].join('\r\n');
