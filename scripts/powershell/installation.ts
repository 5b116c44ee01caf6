// Where the tests' PowerShell is. The .NET tool "PowerShell" contains PowerShell 7 for all systems.
// https://learn.microsoft.com/powershell/scripting/install/alternate-install-methods
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { projectFolder } from '../project-folder.ts';

/** The newest version that runs on .NET 10, which is the oldest .NET that it supports. */
export const POWERSHELL_VERSION = '7.6.10';
/** The version of .NET for Windows on which PowerShell for Windows runs under Wine. */
export const WINDOWS_DOTNET_VERSION = '10.0.15';
/** The oldest major version of .NET's SDK that installs and runs this PowerShell. */
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
  /** The folder of .NET for Windows, for `DOTNET_ROOT`. */
  windowsDotnet: join(windowsFolder, 'dotnet'),
  /** For `DOTNET_STARTUP_HOOKS` under Wine. */
  windowsStartupHook: join(windowsFolder, 'dotnet', 'WineStartupHook.dll'),
  windowsFolder,
} as const;

/** The first `dotnet` on PATH. */
export function findDotnet(): string | undefined {
  const name = process.platform === 'win32' ? 'dotnet.exe' : 'dotnet';
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((path) => join(path, name))
    .find((path) => existsSync(path));
}
