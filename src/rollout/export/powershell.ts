import type { Place } from '../../config/places.ts';

/**
 * A script that writes one policy key, for Intune and other tools that run PowerShell as SYSTEM. It opens the 64-bit
 * view by itself, since Intune's default host is 32-bit. Windows PowerShell takes UTF-8 only with a byte order mark.
 */
export function writePowerShell(place: Place, settings: Readonly<Record<string, string>>): string {
  const lines = [
    `# Managed settings of ${place.program}. Run as SYSTEM. Exit code 0: written.`,
    "$ErrorActionPreference = 'Stop'",
    '$view = [Microsoft.Win32.RegistryView]::Registry64',
    '$hive = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]::LocalMachine, $view)',
    `$key = $hive.CreateSubKey(${quote(place.registryKey)})`,
    ...Object.entries(settings).map(
      ([name, value]) => `$key.SetValue(${quote(name)}, ${quote(value)}, [Microsoft.Win32.RegistryValueKind]::String)`,
    ),
    '$key.Dispose()',
    '$hive.Dispose()',
    'exit 0',
    '',
  ];
  return `\ufeff${lines.join('\r\n')}`;
}

/** PowerShell ends a text in single quotes at typographic single quotes too; each is doubled to stand for itself. */
const quote = (text: string): string => `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;
