// deploy/intune in PowerShell 7 for Windows, asking the compiled program, as Intune's agent runs them.
import { chmodSync, copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileLauncher } from '../../../installers/windows/launcher.ts';
import { projectFolder } from '../../../scripts/project-folder.ts';
import { findSecretsInText } from '../../support/harness/find-secrets.ts';
import { isLong } from '../../support/harness/long.ts';
import { quote } from '../../support/harness/powershell.ts';
import {
  hasWindowsPowerShell,
  runCommand,
  runScript,
  runScripts,
  type ScriptRun,
} from '../../support/harness/windows-powershell.ts';
import type { World } from '../../support/harness/world.ts';
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
    copyFileSync(join(projectFolder, 'deploy/intune', script), computer.onLinux(`${CACHE}\\${script}`));
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

const script = (name: 'detect' | 'remediate'): string => `${CACHE}\\${name}.ps1`;

const answer = (state: string, exitCode: 0 | 1) => ({
  exitCode,
  stdout: `foundry-credential-helper: ${state}\n`,
  stderr: '',
});

/** With the exit code, if the program ended with one. */
const blocked = (before: string) => ({
  ...answer('', 1),
  stdout: expect.stringMatching(`^foundry-credential-helper: ${before}blocked(: exit -?\\d+)?\n$`),
});

/** The word has a reason after it. */
const withReason = (text: string, exitCode: 0 | 1) => ({
  exitCode,
  stdout: expect.stringMatching(new RegExp(`^foundry-credential-helper: ${text}: .+\\n$`)),
  stderr: '',
});

function expectNoSecrets(runs: unknown): void {
  expect(findSecretsInText(JSON.stringify(runs), world.entra.secrets(), 'output')).toEqual([]);
}

/** What the detection script answers when it runs as Intune runs it. */
async function detect({ env }: WindowsUser): Promise<ScriptRun> {
  const run = await runScript(computer.prefix, script('detect'), [], { env });
  expectNoSecrets(run);
  return run;
}

/** What both scripts answer, one after the other. */
async function detectAndRemediate({ env }: WindowsUser, binary = PROGRAM): Promise<readonly ScriptRun[]> {
  const parameters = `-Binary ${quote(binary)}`;
  const calls = [script('detect'), script('remediate')].map((path) => ({ script: path, parameters }));
  const runs = await runScripts(computer.prefix, calls, { env });
  expectNoSecrets(runs);
  return runs;
}

/** A program in place of this one: what it's asked goes to a file next to it. */
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
  it('no agent, no one signed in, and someone signed in: all pass', async () => {
    const user = await addUser();
    expect(await detect(user)).toEqual(answer('agent-not-running', 0));
    await user.command('agent', 'start');
    expect(await detect(user)).toEqual(answer('signed-out', 0));
    await signIn(world, user);
    expect(await detectAndRemediate(user)).toEqual([answer('signed-in', 0), answer('signed-in, then signed-in', 0)]);
    await user.command('agent', 'stop');
  });

  it.runIf(isLong)("an invalid setting: fails, named, and a restart doesn't help", async () => {
    const user = await addUser({ ...config, tenantId: 'common' });
    await user.command('agent', 'start');
    expect(await detect(user)).toEqual(withReason('misconfigured: ERR_CONFIG_INVALID', 1));
    const remediation = await runScript(computer.prefix, script('remediate'), [], { env: user.env });
    expect(remediation).toEqual(withReason('misconfigured, then misconfigured: ERR_CONFIG_INVALID', 1));
    await user.command('agent', 'stop');
  });

  it('not installed: fails', async () => {
    const missing = 'C:\\Program Files\\elsewhere\\foundry-credential-helper.exe';
    expect(await detectAndRemediate(await addUser(), missing)).toEqual([
      answer('not-installed', 1),
      answer('not-installed, then not-installed', 1),
    ]);
  });

  it("a program that Windows doesn't start or load: fails, and isn't asked again", async () => {
    const put = (name: string, content: string | Buffer): string => {
      writeFileSync(computer.onLinux(`${INSTALLED}\\${name}`), content);
      return `${INSTALLED}\\${name}`;
    };
    const [arm64, unreadable] = [compileLauncher('arm64'), put('unreadable.exe', 'MZ')];
    chmodSync(computer.onLinux(unreadable), 0o000);
    const programs = [
      put('damaged.exe', 'MZ, and nothing else'),
      put('empty.exe', ''),
      put('text.exe', 'not a program'),
      put('cut.exe', readFileSync(computer.onLinux(PROGRAM)).subarray(0, 1000)),
      put('arm64.exe', arm64),
      unreadable,
      // What a program ends with when Windows can't load it, such as STATUS_ACCESS_DENIED and STATUS_DLL_NOT_FOUND.
      ...[-1073741790, -1073741515, -1058471934].map((code) => standIn(`not-loaded${code}`, `exit ${code}`).path),
    ];
    const user = await addUser();
    const calls = programs.flatMap((path) =>
      (['detect', 'remediate'] as const).map((name) => ({
        script: script(name),
        parameters: `-Binary ${quote(path)}`,
      })),
    );
    const runs = await runScripts(computer.prefix, calls, { env: user.env });
    expect(Object.fromEntries(programs.map((path, index) => [path, runs.slice(2 * index, 2 * index + 2)]))).toEqual(
      Object.fromEntries(programs.map((path) => [path, [blocked(''), blocked('blocked, then ')]])),
    );
  });

  it("asked as Windows' own account: fails, named", async () => {
    const user = await addUser();
    const env = { ...user.env, USERPROFILE: 'C:\\Windows\\System32\\config\\systemprofile' };
    expect(await detect({ ...user, env })).toEqual(answer('run-as-system', 1));
  });

  it("a program that doesn't print a single word: fails with its exit code", async () => {
    const cases = ['No such option.', '{}', 'two words', 'signed-in'].flatMap((text, index) =>
      [0, 1, 2, 42].map((code) => ({ text, code, name: `prints-${index}-${code}` })),
    );
    const user = await addUser();
    const calls = cases.map(({ text, code, name }) => {
      const { path } = standIn(name, `echo ${text}`, `exit /b ${code}`);
      return { script: script('detect'), parameters: `-Binary ${quote(path)}` };
    });
    const runs = await runScripts(computer.prefix, calls, { env: user.env });
    for (const [index, { text, code }] of cases.entries()) {
      const isState = text === 'signed-in' && (code === 0 || code === 1);
      const expected = isState ? answer(text, code) : answer(`blocked: exit ${code}`, 1);
      expect([text, code, runs[index]]).toEqual([text, code, expected]);
    }
  });

  it('shows the reason after the word', async () => {
    const { path } = standIn('reason', 'echo ERR_X: because of it>&2', 'echo offline', 'exit /b 1');
    const [detection, remediation] = await detectAndRemediate(await addUser(), path);
    expect(detection).toEqual(answer('offline: ERR_X: because of it', 1));
    expect(remediation).toEqual(answer('offline, then offline: ERR_X: because of it', 1));
  });

  it('App Control, with which PowerShell calls no methods of .NET: the same answers', async () => {
    const user = await addUser();
    const damaged = standIn('not-loaded', 'exit -1073741790').path;
    const constrained = (path: string) =>
      `$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; & ${quote(script('detect'))} -Binary ${quote(path)}`;
    const [installed, refused] = await Promise.all(
      [PROGRAM, damaged].map((path) => runCommand(computer.prefix, constrained(path), { env: user.env })),
    );
    expect(installed).toEqual(answer('agent-not-running', 0));
    expect(refused).toEqual(answer('blocked: exit -1073741790', 1));
  });

  it.runIf(isLong)("an agent that works: remediation doesn't restart it", async () => {
    const working = standIn('working', 'echo signed-in', 'exit /b 0');
    const [, remediation] = await detectAndRemediate(await addUser(), working.path);
    expect(remediation).toEqual(answer('signed-in, then signed-in', 0));
    expect(working.calls()).toEqual(Array(3).fill('status --mdm'));
  });

  it('an agent that a restart helps: remediation restarts it', async () => {
    const stuck = standIn(
      'stuck',
      'if "%1 %2"=="agent start" echo started>"%~dpn0.flag"',
      'if not "%1"=="status" exit /b 0',
      'if exist "%~dpn0.flag" (echo signed-in& exit /b 0)',
      'echo agent-hung',
      'exit /b 1',
    );
    expect(await detectAndRemediate(await addUser(), stuck.path)).toEqual([
      answer('agent-hung', 1),
      answer('agent-hung, then signed-in', 0),
    ]);
    expect(stuck.calls()).toEqual(['status --mdm', 'status --mdm', 'agent stop', 'agent start', 'status --mdm']);
  });
});
