// Installs PowerShell 7 under build/, for the tests that run the project's .ps1 files. Does nothing if it's installed.
//   node scripts/powershell/install.ts                for this system
//   node scripts/powershell/install.ts --for-windows  also the one for Windows, which the tests run under Wine
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BuildStamp } from '../../installers/build/build-stamp.ts';
import { findDotnet, installation, OLDEST_SDK, POWERSHELL_VERSION, WINDOWS_DOTNET_VERSION } from './installation.ts';

/** Otherwise its first run reports that it collects data, and makes a certificate for web servers. */
const QUIET = {
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_NOLOGO: '1',
  DOTNET_GENERATE_ASPNET_CERTIFICATE: 'false',
  DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE: 'true',
};
const PURPOSE = "to run the project's PowerShell scripts";

const dotnet = findDotnet();
if (dotnet === undefined || !hasSdk(dotnet)) {
  const what = `No SDK of .NET ${OLDEST_SDK} or later is on PATH ("dotnet")`;
  console.log(`${what}: the tests that run PowerShell scripts are skipped.`);
} else {
  installTool(dotnet);
  if (process.argv.includes('--for-windows')) await installForWindows(dotnet);
}

function hasSdk(command: string): boolean {
  if (existsSync(installation.unixLibrary)) return true;
  const majors = run(command, ['--list-sdks']).match(/^\d+/gm) ?? [];
  return majors.some((major) => Number(major) >= OLDEST_SDK);
}

function installTool(command: string): void {
  if (existsSync(installation.unixLibrary)) return;
  console.log(`Installing PowerShell ${POWERSHELL_VERSION} as a .NET tool (70 MB from NuGet), ${PURPOSE}.`);
  // Removes what an interrupted run left.
  rmSync(installation.toolFolder, { recursive: true, force: true });
  const options = ['--version', POWERSHELL_VERSION, '--tool-path', installation.toolFolder];
  run(command, ['tool', 'install', 'PowerShell', ...options]);
}

async function installForWindows(command: string): Promise<void> {
  const sources = join(import.meta.dirname, 'windows');
  const inputs = Object.fromEntries(
    ['WineStartupHook.csproj', 'WineStartupHook.cs'].map((name) => [name, join(sources, name)]),
  );
  const name = `powershell-windows-${WINDOWS_DOTNET_VERSION}`;
  const stamp = await BuildStamp.of(name, inputs, [installation.windowsStartupHook]);
  if (await stamp.isUpToDate()) return;
  console.log(`Installing .NET ${WINDOWS_DOTNET_VERSION} for Windows (100 MB from NuGet), ${PURPOSE} under Wine.`);
  rmSync(installation.windowsFolder, { recursive: true, force: true });
  mkdirSync(installation.windowsDotnet, { recursive: true });
  run(command, [
    ...['build', join(sources, 'WineStartupHook.csproj'), '--output', installation.windowsDotnet],
    ...['--configuration', 'Release', '--nologo', '--verbosity', 'quiet'],
    `-p:RuntimeVersion=${WINDOWS_DOTNET_VERSION}`,
    `-p:BaseIntermediateOutputPath=${join(installation.windowsFolder, 'obj')}/`,
  ]);
  await stamp.write();
}

/** Returns what the command prints. @throws Error with that text if it fails */
function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...QUIET },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error !== undefined) throw new Error(`dotnet couldn't be started: ${error.message}`);
  if (status !== 0) throw new Error(`"dotnet ${args.join(' ')}" failed:\n${stdout}${stderr}`);
  return stdout;
}
