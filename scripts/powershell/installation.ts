// Where the tests' PowerShell is: the .NET tool "PowerShell" holds PowerShell 7 for all systems.
// https://learn.microsoft.com/powershell/scripting/install/alternate-install-methods
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { projectFolder } from '../project-folder.ts';

/** The newest that runs on .NET 10, the oldest .NET that it runs on. */
export const POWERSHELL_VERSION = '7.6.10';
/** The .NET for Windows on which PowerShell for Windows runs under Wine. */
export const WINDOWS_DOTNET_VERSION = '10.0.15';
/** The major version of .NET's SDK that installs and runs this PowerShell, or a later one. */
export const OLDEST_SDK = 10;

const folder = join(projectFolder, 'build', 'powershell');
const toolFolder = join(folder, POWERSHELL_VERSION);
const VERSIONED = `powershell/${POWERSHELL_VERSION}`;
const tool = join(toolFolder, '.store', VERSIONED, VERSIONED, 'tools', 'net10.0', 'any');
const windowsFolder = join(folder, `windows-${WINDOWS_DOTNET_VERSION}`);

export const installation = {
  toolFolder,
  /** PowerShell for Linux and macOS; `dotnet` runs it. */
  unixLibrary: join(tool, 'unix', 'pwsh.dll'),
  /** PowerShell for Windows. */
  windowsProgram: join(tool, 'win', 'pwsh.exe'),
  /** .NET for Windows, as `DOTNET_ROOT` wants it. */
  windowsDotnet: join(windowsFolder, 'dotnet'),
  /** What `DOTNET_STARTUP_HOOKS` has to name under Wine. */
  windowsStartupHook: join(windowsFolder, 'dotnet', 'WineStartupHook.dll'),
  windowsFolder,
} as const;

/** The `dotnet` that is first on PATH. */
export function findDotnet(): string | undefined {
  const name = process.platform === 'win32' ? 'dotnet.exe' : 'dotnet';
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((path) => join(path, name))
    .find((path) => existsSync(path));
}
