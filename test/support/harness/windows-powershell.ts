// PowerShell 7 for Windows under Wine, for the scripts that read or write what only Windows has.
import { existsSync } from 'node:fs';
import { installation } from '../../../scripts/powershell/installation.ts';
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
  // .NET otherwise maps its code twice, to write it in one place and run it in another. Wine doesn't keep the two the same.
  DOTNET_EnableWriteXorExecute: '0',
};
const OPTIONS = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass'];

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
 * Runs a command line as a person types it. Wine's search for files doesn't find programs for PowerShell: name them by
 * their paths.
 */
export async function runCommand(
  prefix: WinePrefix,
  command: string,
  options: WineRunOptions = {},
): Promise<ScriptRun> {
  return outcome(await runPowerShell(prefix, ['-Command', `${command}; exit $LASTEXITCODE`], options));
}

/** A script by its Windows path, and the parameters that it's called with, as PowerShell reads them. */
export interface ScriptCall {
  readonly script: string;
  readonly parameters?: string;
}

/** Calls scripts one after the other in one process, which takes a second to start. An uncaught error is exit code -1. */
export async function runScripts(
  prefix: WinePrefix,
  calls: readonly ScriptCall[],
  options: WineRunOptions = {},
): Promise<readonly ScriptRun[]> {
  const runs = calls.map(
    ({
      script,
      parameters = '',
    }) => `try { $lines = @(& ${quote(script)} ${parameters}); $code = $LASTEXITCODE; $errors = '' }
      catch { $lines = @(); $code = -1; $errors = "$_" }
      @{ exitCode = $code; stdout = -join ($lines | ForEach-Object { "$_" + [char] 10 }); stderr = $errors }`,
  );
  const command = `ConvertTo-Json -InputObject @(${runs.map((run) => `$(${run})`).join(', ')}); $LASTEXITCODE = 0`;
  const { exitCode, stdout, stderr } = await runCommand(prefix, command, options);
  if (exitCode !== 0 || stderr !== '') throw new Error(`PowerShell exited with ${exitCode}: ${stdout}${stderr}`);
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
