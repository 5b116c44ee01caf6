// PowerShell 7 as scripts/powershell/install.ts installs it under build/.
import { existsSync } from 'node:fs';
import { findDotnet, installation } from '../../../scripts/powershell/installation.ts';

export interface PowerShell {
  readonly program: string;
  /** For a command line as a person types it. It reads no profile and asks nothing. */
  arguments(command: string): readonly string[];
}

/** No reports to Microsoft, no look for newer versions, and no colors in messages. */
export const powerShellEnvironment = {
  POWERSHELL_TELEMETRY_OPTOUT: '1',
  POWERSHELL_UPDATECHECK: 'Off',
  NO_COLOR: '1',
  DOTNET_ROLL_FORWARD: 'Major',
  // Measures the code while it runs, to compile it better: not worth it for so short a time.
  DOTNET_TieredPGO: '0',
  // .NET needs a library of languages otherwise, which is its own package on Debian.
  DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1',
} as const;

/** Undefined if it isn't installed: without `dotnet`, or in a test that was started without `npm test`. */
export const powerShell: PowerShell | undefined = find();

function find(): PowerShell | undefined {
  const dotnet = findDotnet();
  if (process.platform !== 'linux' || dotnet === undefined || !existsSync(installation.unixLibrary)) return undefined;
  const options = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command'];
  return { program: dotnet, arguments: (command) => [installation.unixLibrary, ...options, command] };
}

/** A text as PowerShell reads it back, whatever is in it. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
