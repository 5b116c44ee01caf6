// The installer's life on a computer, under Wine. Where Wine differs from Windows:
// docs/maintainers/packaging-windows.md.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { productVersion } from '../../../installers/build/bundle.ts';
import { fileId } from '../../../installers/windows/installer-files.ts';
import { makeInstaller } from '../../../installers/windows/msi.ts';
import { insertion } from '../../../installers/windows/msi-row.ts';
import { runTool } from '../../../installers/windows/run-tool.ts';
import { signFile } from '../../../installers/windows/sign.ts';
import { MACHINE_TASK, taskXml } from '../../../src/autostart/task-xml.ts';
import { configurationKeys } from '../../../src/config/keys.ts';
import { isLong } from '../../support/harness/long.ts';
import { installTaskScheduler, type TaskScheduler } from '../../support/harness/schtasks.ts';
import { createWinePrefix, type WinePrefix, windowsPath } from '../../support/harness/wine.ts';
import {
  ADDONS,
  agents,
  binaries,
  DOCUMENTS,
  install,
  installedFiles,
  installedVersion,
  makeVersion,
  msiexec,
  NOTHING,
  OWN_KEY,
  POLICY_KEY,
  PROGRAM,
  registryValues,
  remains,
  runInstalled,
  searchPath,
  task,
  uninstall,
  WINDOWLESS,
  waitForAgent,
} from './installer-support.ts';
import { makeSigner } from './signer-support.ts';

const TENANT = 'contoso.onmicrosoft.com';
const CLIENT = '11111111-2222-3333-4444-555555555555';
const PROPERTIES = [
  `TENANTID=${TENANT}`,
  `CLIENTID=${CLIENT}`,
  'MODELS="claude-a, claude-b"',
  // Windows Installer would read "#1" as a number.
  'ORGANIZATIONNAME="#1 Widgets & Sons #"',
];
const POLICY = {
  tenantId: TENANT,
  clientId: CLIENT,
  models: 'claude-a, claude-b',
  organizationName: '#1 Widgets & Sons #',
};
const OLD = '0.0.9';
const NEW = productVersion();

const INSTALLED = 'C:\\Program Files\\foundry-credential-helper\\';
const FILES = [...DOCUMENTS, ...ADDONS, PROGRAM, WINDOWLESS].sort();
/** Of anyone who is logged on. The installer itself runs with other variables, as the system does. */
const PROFILE = 'C:\\users\\Zoë';
const SESSION = {
  USERPROFILE: PROFILE,
  APPDATA: `${PROFILE}\\AppData\\Roaming`,
  LOCALAPPDATA: `${PROFILE}\\AppData\\Local`,
  TEMP: `${PROFILE}\\AppData\\Local\\Temp`,
};
const taskFor = (program: string): string =>
  taskXml({ program, principal: { kind: 'interactive' } }).replaceAll('\n', '\r\n');

const folder = mkdtempSync(join(tmpdir(), 'msi-test-'));
const newInstaller = join(folder, 'new.msi');
let oldInstaller = '';
let prefix: WinePrefix;
let scheduler: TaskScheduler;
let searchPathBefore: readonly string[];

beforeAll(async () => {
  oldInstaller = makeVersion(folder, OLD);
  makeInstaller({ arch: 'x64', version: NEW, binaries, output: newInstaller });
  prefix = await createWinePrefix();
  scheduler = await installTaskScheduler(prefix);
  mkdirSync(join(prefix.driveC, 'users/Zoë/AppData/Local/Temp'), { recursive: true });
  scheduler.setSession(SESSION);
  searchPathBefore = await searchPath(prefix);
});

afterAll(async () => {
  await prefix.stop();
  rmSync(folder, { recursive: true });
});

describe('the installer', () => {
  it('puts the program, its task, its folder on the PATH, and the given policy onto the computer', async () => {
    expect(await install(prefix, oldInstaller, ...PROPERTIES)).toMatchObject({ exitCode: 0 });
    expect(installedFiles(prefix)).toEqual(FILES);
    expect(installedVersion(prefix, PROGRAM)).toBe(`${OLD}.0`);
    expect(task(prefix)).toBe(taskFor(`${INSTALLED}${WINDOWLESS}`));
    expect(searchPathBefore.length).toBeGreaterThan(1);
    expect(await searchPath(prefix)).toEqual([...searchPathBefore, INSTALLED]);
    expect(await registryValues(prefix, POLICY_KEY)).toEqual(POLICY);
    expect(await registryValues(prefix, OWN_KEY)).toEqual({
      Version: OLD,
      InstallDir: INSTALLED,
    });
    const { stdout } = await runInstalled(prefix, 'config', 'show', '--json');
    expect(stdout).toContain(TENANT);
    expect(stdout).toContain('HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\Policies\\\\FoundryCredentialHelper');
  });

  it('has started the windowless agent for the user who is logged on, in their own session', async () => {
    const { command } = await waitForAgent(prefix);
    expect(command).toContain(`Program Files\\foundry-credential-helper\\${WINDOWLESS}`);
    await expect.poll(agentAnswers).toBe(true);
  });

  it('unpacks no library into the profile', async () => {
    // The agent has opened its keystore by now, and this reads policy from the registry.
    await runAsUser('keystore-probe');
    await runAsUser('config', 'show');
    const files = readdirSync(join(prefix.driveC, 'users'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.includes('foundry-credential-helper'))).not.toEqual([]);
    expect(files.filter((file) => file.endsWith('.node'))).toEqual([]);
  });

  it("makes the program's name a command after the next log-on", async () => {
    await prefix.restart();
    const run = await prefix.run('cmd.exe', ['/c', 'foundry-credential-helper version'], { verbatim: true });
    await schtasks('/run', '/tn', MACHINE_TASK);
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(NEW) });
  });

  it('replaces an older version whose agent runs, keeps the policy that it was given, and starts the new one', async () => {
    const { pid } = await waitForAgent(prefix);
    expect(await install(prefix, newInstaller)).toMatchObject({ exitCode: 0 });
    expect(agents(prefix).map((agent) => agent.pid)).not.toContain(pid);
    expect(installedFiles(prefix)).toEqual(FILES);
    for (const name of [PROGRAM, WINDOWLESS]) expect(installedVersion(prefix, name)).toBe(`${NEW}.0`);
    expect(await registryValues(prefix, POLICY_KEY)).toEqual(POLICY);
    expect(await registryValues(prefix, OWN_KEY)).toMatchObject({ Version: NEW });
    expect(task(prefix)).toBe(taskFor(`${INSTALLED}${WINDOWLESS}`));
    expect(await searchPath(prefix)).toEqual([...searchPathBefore, INSTALLED]);
    await expect.poll(agentAnswers).toBe(true);
  });

  it("restores a lost task in a second run, and doesn't turn on one that an admin has turned off", async () => {
    await schtasks('/delete', '/tn', MACHINE_TASK, '/f');
    expect(task(prefix)).toBeUndefined();
    expect(await install(prefix, newInstaller)).toMatchObject({ exitCode: 0 });
    expect(task(prefix)).toBe(taskFor(`${INSTALLED}${WINDOWLESS}`));
    await schtasks('/change', '/tn', MACHINE_TASK, '/disable');
    expect(await install(prefix, newInstaller)).toMatchObject({ exitCode: 0 });
    expect(task(prefix)).toMatch(/<Settings>.*<Enabled>false<\/Enabled>/s);
    await schtasks('/change', '/tn', MACHINE_TASK, '/enable');
  });

  it("doesn't stop agents in a second run, since every user may start one", async () => {
    await runAsUser('agent', 'start');
    const { pid } = await waitForAgent(prefix);
    expect(await install(prefix, newInstaller)).toMatchObject({ exitCode: 0 });
    expect(agents(prefix).map((agent) => agent.pid)).toEqual([pid]);
  });

  it('refuses to go back to an older version', async () => {
    // ERROR_INSTALL_FAILURE
    expect(await install(prefix, oldInstaller)).toMatchObject({ exitCode: 1603 });
    expect(installedVersion(prefix, PROGRAM)).toBe(`${NEW}.0`);
    expect(await registryValues(prefix, OWN_KEY)).toMatchObject({ Version: NEW });
  });

  it("is removed while an agent runs, leaves nothing, and doesn't end programs of that name elsewhere", async () => {
    await runAsUser('agent', 'start');
    await waitForAgent(prefix);
    const elsewhere = await startElsewhere();
    expect(await uninstall(prefix, newInstaller)).toMatchObject({ exitCode: 0 });
    expect(agents(prefix).map(({ pid }) => pid)).toEqual([elsewhere]);
    await prefix.run('taskkill.exe', ['/F', '/IM', PROGRAM]);
    await expect.poll(() => remains(prefix)).toEqual(NOTHING);
  });

  it('goes back to an older version once the newer one is removed, without the policy that this one was given', async () => {
    expect(await install(prefix, oldInstaller)).toMatchObject({ exitCode: 0 });
    expect(installedVersion(prefix, PROGRAM)).toBe(`${OLD}.0`);
    expect(await registryValues(prefix, OWN_KEY)).toMatchObject({ Version: OLD });
    expect(await registryValues(prefix, POLICY_KEY)).toBeUndefined();
    await waitForAgent(prefix);
    expect(await uninstall(prefix, oldInstaller)).toMatchObject({ exitCode: 0 });
    expect(await remains(prefix)).toEqual(NOTHING);
  });
});

describe("an installer that can't do everything", () => {
  afterEach(async () => {
    scheduler.refuse();
    await uninstall(prefix, newInstaller);
    expect(await remains(prefix)).toEqual(NOTHING);
  });

  it('leaves no task and no folder on the PATH if a later step fails', async () => {
    const failing = join(folder, 'failing.msi');
    copyFileSync(newInstaller, failing);
    // An installed program (18), deferred (1024), and its exit code counts.
    const fails = { Action: 'Fails', Type: 18 | 1024, Source: fileId(PROGRAM), Target: 'no-such-command' };
    const rows = [
      { table: 'CustomAction', columns: fails },
      { table: 'InstallExecuteSequence', columns: { Action: 'Fails', Sequence: 6450 } },
    ];
    runTool('msibuild', [failing, '-q', ...rows.map(insertion)]);
    // Windows exits with 1603, Wine with 1627.
    expect(await install(prefix, failing)).not.toMatchObject({ exitCode: 0 });
    const asked = scheduler.calls().flatMap((call) => / (\/(?:create|delete|run)) /.exec(call)?.[1] ?? []);
    expect(asked.slice(-2)).toEqual(['/create', '/delete']);
    expect(await remains(prefix)).toMatchObject({ task: undefined, searchPath: [], agents: 0 });
  });

  it.each(['create', 'run'])("still installs if policy doesn't let it %s tasks", async (verb) => {
    scheduler.refuse(verb);
    expect(await install(prefix, newInstaller)).toMatchObject({ exitCode: 0 });
    expect(installedFiles(prefix)).toEqual(FILES);
    expect(task(prefix) === undefined).toBe(verb === 'create');
    expect(agents(prefix)).toEqual([]);
    expect(await runInstalled(prefix, 'version')).toMatchObject({ exitCode: 0 });
  });

  it('continues with its own library in place of a damaged one, and doctor says so', async () => {
    // Only this user's: a test has run the standalone program for another one.
    const unpacked = () =>
      readdirSync(join(prefix.driveC, 'users/Zoë'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.node'))
        .map((file) => file.replace(/.*[\\/]/, '').replace(/-[0-9a-f]{16}/, ''));
    scheduler.refuse('run');
    await install(prefix, newInstaller);
    const expected = await runAsUser('keystore-probe');
    expect(expected).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('"written":true') });
    expect(unpacked()).toEqual([]);
    const damaged = join(prefix.driveC, 'Program Files/foundry-credential-helper/dpapi.node');
    truncateSync(damaged, 100_000);
    expect(await runAsUser('keystore-probe')).toMatchObject({ exitCode: 0, stdout: expected.stdout });
    expect(unpacked()).toEqual(['dpapi.node']);
    const { stdout } = await runAsUser('doctor', '--json');
    const { checks } = JSON.parse(stdout) as { checks: { id: string }[] };
    expect(checks.find(({ id }) => id === 'program-place')).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining(`${INSTALLED}dpapi.node isn't the file that belongs to this program`),
    });
    rmSync(join(prefix.driveC, 'users/Zoë'), { recursive: true });
  });

  it('makes the task for the folder that an admin chose', async () => {
    const elsewhere = 'C:\\Tools & more\\helper\\';
    expect(await install(prefix, oldInstaller, `INSTALLDIR="${elsewhere}"`)).toMatchObject({ exitCode: 0 });
    expect(task(prefix)).toBe(taskFor(`${elsewhere}${WINDOWLESS}`));
    expect(await searchPath(prefix)).toEqual([...searchPathBefore, elsewhere]);
    expect((await waitForAgent(prefix)).command).toContain(`Tools & more\\helper\\${WINDOWLESS}`);
    // An upgrade stays there.
    expect(await install(prefix, newInstaller)).toMatchObject({ exitCode: 0 });
    expect(task(prefix)).toBe(taskFor(`${elsewhere}${WINDOWLESS}`));
  });
});

describe.runIf(isLong)('repeated runs of the installer', () => {
  afterEach(async () => {
    await uninstall(prefix, newInstaller);
    await uninstall(prefix, oldInstaller);
  });

  it('writes no policy if none is given', async () => {
    expect(await install(prefix, newInstaller)).toMatchObject({ exitCode: 0 });
    expect(await registryValues(prefix, POLICY_KEY)).toBeUndefined();
    expect(await uninstall(prefix, newInstaller)).toMatchObject({ exitCode: 0 });
    expect(await remains(prefix)).toEqual(NOTHING);
  });

  it('takes every setting, and removes them all', async () => {
    const values = Object.fromEntries(configurationKeys.map((key) => [key, `a ${key} of its own`]));
    const properties = Object.entries(values).map(([key, value]) => `${key.toUpperCase()}="${value}"`);
    await install(prefix, newInstaller, ...properties);
    expect(await registryValues(prefix, POLICY_KEY)).toEqual(values);
    await uninstall(prefix, newInstaller);
    expect(await remains(prefix)).toEqual(NOTHING);
  });

  it('takes changed and further settings with an upgrade, and keeps the others', async () => {
    await install(prefix, oldInstaller, ...PROPERTIES);
    await install(prefix, newInstaller, 'TENANTID=fabrikam.com', 'LOGLEVEL=debug');
    expect(await registryValues(prefix, POLICY_KEY)).toEqual({
      ...POLICY,
      tenantId: 'fabrikam.com',
      logLevel: 'debug',
    });
    await uninstall(prefix, newInstaller);
    expect(await remains(prefix)).toEqual(NOTHING);
  });

  it('leaves policy alone that someone else has set', async () => {
    const own = ['add', POLICY_KEY, '/v', 'logLevel', '/d', 'warn', '/f'];
    expect(await prefix.run('reg.exe', own)).toMatchObject({ exitCode: 0 });
    await install(prefix, newInstaller, ...PROPERTIES);
    await uninstall(prefix, newInstaller);
    expect(await remains(prefix)).toEqual({ ...NOTHING, policy: { logLevel: 'warn' } });
    await prefix.run('reg.exe', ['delete', POLICY_KEY, '/f']);
  });

  it("doesn't let anyone change policy with a repair or a second run, which any user may start", async () => {
    await install(prefix, newInstaller, ...PROPERTIES);
    for (const mode of ['/fa', '/i']) {
      await msiexec(prefix, mode, windowsPath(newInstaller), 'TENANTID=evil.example', 'PROXY=evil.example:80');
      expect(await registryValues(prefix, POLICY_KEY)).toEqual(POLICY);
    }
  });

  it('stops agents of the program with a console too', async () => {
    await install(prefix, newInstaller, ...PROPERTIES);
    const agent = runInstalled(prefix, 'agent', 'run');
    const isRunning = () => agents(prefix).some(({ command }) => command.includes(PROGRAM));
    await expect.poll(isRunning).toBe(true);
    expect(await uninstall(prefix, newInstaller)).toMatchObject({ exitCode: 0 });
    await agent;
    expect(await remains(prefix)).toEqual(NOTHING);
  });

  it('installs when it is signed, with signed programs', async () => {
    const { signer, isTrusted } = makeSigner(folder);
    const signedPrograms = join(folder, 'signed');
    cpSync(binaries, signedPrograms, { recursive: true });
    const signed = join(folder, 'signed.msi');
    for (const name of [PROGRAM, WINDOWLESS]) signFile(join(signedPrograms, name), signer);
    makeInstaller({ arch: 'x64', version: NEW, binaries: signedPrograms, output: signed });
    signFile(signed, signer);
    expect(isTrusted(signed)).toBe(true);
    expect(await install(prefix, signed, ...PROPERTIES)).toMatchObject({ exitCode: 0 });
    expect(isTrusted(join(prefix.driveC, 'Program Files/foundry-credential-helper', PROGRAM))).toBe(true);
    expect(await runInstalled(prefix, 'version')).toMatchObject({ exitCode: 0 });
    expect(await uninstall(prefix, signed)).toMatchObject({ exitCode: 0 });
    expect(await remains(prefix)).toEqual(NOTHING);
  });

  it('is the same byte by byte when it is made again', () => {
    const again = join(folder, 'again.msi');
    makeInstaller({ arch: 'x64', version: NEW, binaries, output: again });
    expect(readFileSync(again).equals(readFileSync(newInstaller))).toBe(true);
  });
});

/** The process of an agent that another folder's copy of the program runs. */
async function startElsewhere(): Promise<number> {
  const copy = join(prefix.driveC, 'elsewhere', PROGRAM);
  mkdirSync(dirname(copy));
  copyFileSync(join(binaries, PROGRAM), copy);
  const env = { LOCALAPPDATA: 'C:\\elsewhere' };
  const agent = prefix.run(`C:\\elsewhere\\${PROGRAM}`, ['agent', 'run'], { env, timeoutMs: 120_000 });
  // No one waits for it. A test ends it.
  agent.catch(() => undefined);
  const isElsewhere = ({ command }: { command: string }) => command.includes('elsewhere');
  await expect.poll(() => agents(prefix).some(isElsewhere)).toBe(true);
  return agents(prefix).find(isElsewhere)?.pid ?? 0;
}

const schtasks = (...args: string[]) => prefix.run('C:\\windows\\system32\\schtasks.exe', args);

/** The installed program, as the user who is logged on runs it. */
const runAsUser = (...args: string[]) => prefix.run(`${INSTALLED}${PROGRAM}`, args, { env: SESSION });

/** Only an agent whose profile is this user's. */
async function agentAnswers(): Promise<boolean> {
  const { stdout } = await runAsUser('agent', 'status', '--json');
  return (JSON.parse(stdout) as { running: boolean }).running;
}
