// PowerShell 7 for Windows under Wine, for the scripts that read or write what only Windows has.
import { existsSync } from 'node:fs';
import { installation } from '../../scripts/powershell/installation.ts';
import { powerShellEnvironment, quote } from './powershell.ts';
import { type WinePrefix, type WineRun, type WineRunOptions, windowsPath } from './wine.ts';

/** Without `dotnet`, or in a test that was started without `npm test`, it isn't installed. */
export const hasWindowsPowerShell =
  existsSync(installation.windowsProgram) && existsSync(installation.windowsStartupHook);

const { DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: _, ...common } = powerShellEnvironment;
const environment = {
  ...common,
  DOTNET_ROOT: windowsPath(installation.windowsDotnet),
  DOTNET_STARTUP_HOOKS: windowsPath(installation.windowsStartupHook),
};
const OPTIONS = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass'];

/** A script that PowerShell ran as a device management does. */
export interface ScriptRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a script as Intune does, in a prefix that is made for .NET.
 * @param script a Windows path
 */
export async function runScript(
  prefix: WinePrefix,
  script: string,
  args: readonly string[] = [],
  options: WineRunOptions = {},
): Promise<ScriptRun> {
  return outcome(await runPowerShell(prefix, ['-File', script, ...args], options));
}

/**
 * Runs scripts that take no parameters one after the other in one process, which takes a second to start.
 * @param scripts Windows paths
 */
export async function runScripts(prefix: WinePrefix, scripts: readonly string[]): Promise<readonly ScriptRun[]> {
  const runs = scripts.map(
    (script) => `try { $lines = @(& ${quote(script)}); $code = $LASTEXITCODE; $errors = '' }
      catch { $lines = @(); $code = -1; $errors = "$_" }
      @{ exitCode = $code; stdout = -join ($lines | ForEach-Object { "$_" + [char] 10 }); stderr = $errors }`,
  );
  const command = `ConvertTo-Json -InputObject @(${runs.map((run) => `$(${run})`).join(', ')})`;
  const { exitCode, stdout, stderr } = await runPowerShell(prefix, ['-Command', command], {});
  if (exitCode !== 0) throw new Error(`PowerShell exited with ${exitCode}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as ScriptRun[];
}

/** Runs PowerShell with these last arguments. */
function runPowerShell(prefix: WinePrefix, args: readonly string[], { env, ...options }: WineRunOptions) {
  const program = windowsPath(installation.windowsProgram);
  return prefix.run(program, [...OPTIONS, ...args], {
    timeoutMs: 120_000,
    ...options,
    env: { ...environment, ...env },
  });
}

function outcome({ exitCode, stdout, stderr }: WineRun): ScriptRun {
  return { exitCode, stdout: stdout.replaceAll('\r\n', '\n'), stderr: stderr.replaceAll('\r\n', '\n') };
}
