// installers/intune in PowerShell 7 for Windows, asking the compiled program, as Intune's agent runs them.
import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../scripts/project-folder.ts';
import { findSecretsInText } from '../harness/find-secrets.ts';
import { hasWindowsPowerShell, runScript, type ScriptRun } from '../harness/windows-powershell.ts';
import type { World } from '../harness/world.ts';
import { binaries, type Computer, createComputer, createWindowsWorld, signIn, type WindowsUser } from './support.ts';

/** Where the installer puts the program. */
const INSTALLED = 'C:\\Program Files\\foundry-credential-helper';
const PROGRAM = `${INSTALLED}\\foundry-credential-helper.exe`;
/** Where Intune's agent puts scripts. */
const CACHE = 'C:\\Windows\\IMECache\\HealthScripts';

let computer: Computer;
let world: World;
let config: object;
let users = 0;

beforeAll(async () => {
  if (!hasWindowsPowerShell) return;
  computer = await createComputer({ forDotNet: true });
  ({ world, config } = await createWindowsWorld());
  for (const folder of [INSTALLED, CACHE]) mkdirSync(computer.onLinux(folder), { recursive: true });
  linkSync(join(binaries, 'foundry-credential-helper.exe'), computer.onLinux(PROGRAM));
  for (const script of ['detect.ps1', 'remediate.ps1']) {
    copyFileSync(join(projectFolder, 'installers/intune', script), computer.onLinux(`${CACHE}\\${script}`));
  }
});
afterAll(async () => {
  await computer?.stop();
  await world?.dispose();
});

function addUser(settings: object = config): Promise<WindowsUser> {
  users += 1;
  return computer.addUser(`user ${users}`, settings);
}

type Script = 'detect' | 'remediate';

async function ask(script: Script, { env }: WindowsUser, binary?: string): Promise<ScriptRun> {
  const args = binary === undefined ? [] : ['-Binary', binary];
  const run = await runScript(computer.prefix, `${CACHE}\\${script}.ps1`, args, { env });
  expect(findSecretsInText(JSON.stringify(run), world.entra.secrets(), 'output')).toEqual([]);
  return run;
}

const answer = (state: string, exitCode: 0 | 1): ScriptRun => ({
  exitCode,
  stdout: `foundry-credential-helper: ${state}\n`,
  stderr: '',
});

/** A program in place of ours: what it's asked goes to a file next to it. */
function standIn(name: string, ...lines: readonly string[]): { readonly path: string; calls(): readonly string[] } {
  const path = `${INSTALLED}\\${name}.cmd`;
  const record = computer.onLinux(`${INSTALLED}\\${name}.log`);
  writeFileSync(computer.onLinux(path), ['@echo off', `>>"%~dpn0.log" echo %*`, ...lines, ''].join('\r\n'));
  return {
    path,
    calls: () =>
      existsSync(record)
        ? readFileSync(record, 'utf8')
            .trim()
            .split(/\s*\r?\n/)
        : [],
  };
}

describe.skipIf(!hasWindowsPowerShell)('the scripts for Intune', () => {
  it('no agent, nobody signed in, and somebody signed in: all pass', async () => {
    const user = await addUser();
    expect(await ask('detect', user)).toEqual(answer('agent-not-running', 0));
    await user.command('agent', 'start');
    expect(await ask('detect', user)).toEqual(answer('signed-out', 0));
    await signIn(world, user);
    expect(await ask('detect', user)).toEqual(answer('signed-in', 0));
    expect(await ask('remediate', user)).toEqual(answer('signed-in, then signed-in', 0));
    await user.command('agent', 'stop');
  });

  it('an invalid setting: fails, named, and a restart does not help', async () => {
    const user = await addUser({ ...config, tenantId: 'common' });
    await user.command('agent', 'start');
    expect(await ask('detect', user)).toEqual(answer('problem ERR_CONFIG_INVALID', 1));
    const both = 'problem ERR_CONFIG_INVALID, then problem ERR_CONFIG_INVALID';
    expect(await ask('remediate', user)).toEqual(answer(both, 1));
    await user.command('agent', 'stop');
  });

  it('not installed: fails', async () => {
    const user = await addUser();
    const missing = 'C:\\Program Files\\elsewhere\\foundry-credential-helper.exe';
    expect(await ask('detect', user, missing)).toEqual(answer('not-installed', 1));
    expect(await ask('remediate', user, missing)).toEqual(answer('not-installed, then not-installed', 1));
  });

  it('a program that Windows does not start: fails, and is not asked again', async () => {
    const user = await addUser();
    const damaged = `${INSTALLED}\\damaged.exe`;
    writeFileSync(computer.onLinux(damaged), 'MZ, and nothing else');
    expect(await ask('detect', user, damaged)).toEqual(answer('blocked', 1));
    expect(await ask('remediate', user, damaged)).toEqual(answer('blocked, then blocked', 1));
  });

  it('a program that says nothing that could be read: fails with its exit code', async () => {
    const user = await addUser();
    const broken = standIn('broken', 'echo ^<not JSON^>', 'echo trouble >&2', 'exit /b 42');
    expect(await ask('detect', user, broken.path)).toEqual(answer('problem exit-42', 1));
  });

  it('an agent that works: remediation does not restart it', async () => {
    const user = await addUser();
    const working = standIn('working', 'exit /b 0');
    expect(await ask('remediate', user, working.path)).toEqual(answer('signed-in, then signed-in', 0));
    expect(working.calls()).toEqual(['status --json', 'status --json']);
  });

  it('an agent that a restart helps: remediation restarts it', async () => {
    const user = await addUser();
    const stuck = standIn(
      'stuck',
      'if "%1 %2"=="agent start" echo started>"%~dpn0.flag"',
      'if not "%1"=="status" exit /b 0',
      'if exist "%~dpn0.flag" exit /b 0',
      'echo {"problem":{"code":"ERR_AGENT_UNRESPONSIVE"}}',
      'exit /b 1',
    );
    expect(await ask('detect', user, stuck.path)).toEqual(answer('problem ERR_AGENT_UNRESPONSIVE', 1));
    expect(await ask('remediate', user, stuck.path)).toEqual(
      answer('problem ERR_AGENT_UNRESPONSIVE, then signed-in', 0),
    );
    expect(stuck.calls()).toEqual(['status --json', 'status --json', 'agent stop', 'agent start', 'status --json']);
  });
});
