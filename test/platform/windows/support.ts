// The compiled Windows binary under Wine, run from Windows' own Node as Claude Desktop runs it from its Electron.
import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { processesWith, type SandboxProcess } from '../../support/harness/processes.ts';
import { installTaskScheduler, type TaskScheduler } from '../../support/harness/schtasks.ts';
import { WindowsParentEnded } from '../../support/harness/windows-parent.ts';
import {
  createWinePrefix,
  type WinePrefix,
  type WineRun,
  windowsNode,
  windowsPath,
} from '../../support/harness/wine.ts';
import { createWorld, type World, type WorldOptions } from '../../support/harness/world.ts';

export const binaries = join(projectFolder, 'dist/windows-x64');
if (!existsSync(join(binaries, 'foundry-credential-helper.exe'))) {
  throw new Error('dist/windows-x64 has no binary: run "node installers/build/build-windows.ts" first');
}

export const POLICY_KEY = 'SOFTWARE\\Policies\\FoundryCredentialHelper';

export interface WindowsUser {
  /** `C:\users\<name>` */
  readonly profile: string;
  /** The program's own folder in it, as Linux sees it. */
  readonly data: string;
  readonly configFile: string;
  readonly env: Readonly<Record<string, string | null>>;
  /** The program in this user's name. */
  command(...args: string[]): Promise<WineRun>;
  json(...args: string[]): Promise<Record<string, unknown>>;
  /** A helper's run, without arguments. */
  helper(context?: string): Promise<WineRun>;
  helpers(count: number, context: string): Promise<readonly WineRun[]>;
  /** Until someone has been shown the page: its address. */
  waitForOpenedUrl(): Promise<string>;
  /** Every address that someone has been shown, oldest first. */
  openedUrls(): readonly string[];
}

export interface Computer {
  readonly prefix: WinePrefix;
  /** What its tasks start gets the environment of the user who was added last. */
  readonly scheduler: TaskScheduler;
  readonly program: string;
  /** Another name for a folder of drive C. */
  onLinux(path: string): string;
  addUser(name: string, config?: object): Promise<WindowsUser>;
  /** Imports the text of a registry file, as an admin does. */
  importRegistry(text: string): Promise<void>;
  stop(): Promise<void>;
}

const FOLDER = 'C:\\Program Files\\Foundry Credential Helper';

/** A computer with the program in `Program Files`, its launcher next to it unless told otherwise. */
export async function createComputer({ launcher = true, forDotNet = false } = {}): Promise<Computer> {
  const prefix = await createWinePrefix({ forDotNet });
  const onLinux = (path: string) => join(prefix.driveC, path.replace(/^C:/, '').replaceAll('\\', '/'));
  mkdirSync(onLinux(FOLDER), { recursive: true });
  const files = ['foundry-credential-helper.exe', ...(launcher ? ['foundry-credential-helperw.exe'] : [])];
  for (const file of files) linkSync(join(binaries, file), join(onLinux(FOLDER), file));
  const computer: Computer = {
    prefix,
    scheduler: await installTaskScheduler(prefix),
    program: `${FOLDER}\\foundry-credential-helper.exe`,
    onLinux,
    addUser: (name, config) => addUser(computer, name, config),
    async importRegistry(text) {
      const file = join(prefix.root, 'import.reg');
      writeFileSync(file, Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`, 'utf16le'));
      const { exitCode, stderr } = await prefix.run('regedit.exe', ['/S', windowsPath(file)]);
      if (exitCode !== 0) throw new Error(`regedit exited with ${exitCode}: ${stderr}`);
    },
    stop: () => prefix.stop(),
  };
  return computer;
}

async function addUser(computer: Computer, name: string, config?: object): Promise<WindowsUser> {
  const { prefix, program, onLinux } = computer;
  const profile = `C:\\users\\${name}`;
  const env = {
    USERPROFILE: profile,
    APPDATA: `${profile}\\AppData\\Roaming`,
    LOCALAPPDATA: `${profile}\\AppData\\Local`,
    TEMP: `${profile}\\AppData\\Local\\Temp`,
    TMP: `${profile}\\AppData\\Local\\Temp`,
  };
  const data = join(onLinux(profile), '.foundry-credential-helper');
  const configFile = join(data, 'config.json');
  for (const folder of [data, onLinux(env.TEMP)]) mkdirSync(folder, { recursive: true });
  if (config !== undefined) writeFileSync(configFile, JSON.stringify(config));
  computer.scheduler.setSession(env);
  const opened = await recordOpenedUrls(computer);
  const openedUrls = () => (existsSync(opened) ? readFileSync(opened, 'utf8').split('\n').slice(0, -1) : []);
  const command = (...args: string[]) => prefix.run(program, args, { env });
  return {
    profile,
    data,
    configFile,
    env,
    command,
    async json(...args) {
      const { stdout, stderr } = await command(...args, '--json');
      if (stdout === '') throw new Error(`${args.join(' ')} printed nothing: ${stderr}`);
      return JSON.parse(stdout) as Record<string, unknown>;
    },
    helper: (context = 'interactive') => prefix.run(program, [], { env: { ...env, CLAUDE_HELPER_CONTEXT: context } }),
    helpers: (count, context) =>
      prefix.runAll(
        Array.from({ length: count }, () => ({ program, env: { ...env, CLAUDE_HELPER_CONTEXT: context } })),
      ),
    openedUrls,
    async waitForOpenedUrl() {
      for (const deadline = Date.now() + 60_000; ; ) {
        const [first] = openedUrls();
        if (first !== undefined) return first;
        if (Date.now() > deadline) throw new Error('no URL was opened within 60 s');
        await sleep(50);
      }
    },
  };
}

/**
 * Makes one of the test's programs the default browser, using the registry as browsers do. For the whole computer:
 * unlike Windows, Wine 8 doesn't read the user's own classes.
 */
async function recordOpenedUrls({ prefix, importRegistry }: Computer): Promise<string> {
  const file = join(prefix.root, 'opened-urls');
  const script = join(prefix.root, 'browser.cjs');
  writeFileSync(script, `require('fs').appendFileSync(${JSON.stringify(windowsPath(file))}, process.argv[2] + '\\n');`);
  const command = `"${await windowsNode()}" "${windowsPath(script)}" "%1"`.replaceAll(/["\\]/g, '\\$&');
  const key = 'HKEY_LOCAL_MACHINE\\Software\\Classes\\http';
  await importRegistry(
    `Windows Registry Editor Version 5.00\n\n[${key}]\n"URL Protocol"=""\n\n[${key}\\shell\\open\\command]\n@="${command}"\n`,
  );
  return file;
}

/** Servers for a test on Windows, and the settings that name them there. */
export async function createWindowsWorld(options: WorldOptions = {}): Promise<{ world: World; config: object }> {
  const world = await createWorld({ secretService: 'no-bus', ...options });
  return { world, config: { ...world.config, caFile: windowsPath(world.caFile) } };
}

export async function worldForTest(options?: WorldOptions): Promise<{ world: World; config: object }> {
  const made = await createWindowsWorld(options);
  onTestFinished(() => made.world.dispose());
  return made;
}

/** Signs in as a user does who starts Claude Desktop: one interactive run, the code entered meanwhile. */
export async function signIn(world: World, user: Pick<WindowsUser, 'helper'>): Promise<WineRun> {
  return whileApproved(world, user.helper('interactive'));
}

/** What a program that asks for a sign-in returns when it got one. */
export async function whileApproved(world: World, program: Promise<WineRun>): Promise<WineRun> {
  const approve = async () => world.entra.approve(await world.entra.waitForUserCode());
  const [run] = await Promise.all([program, approve()]);
  return run;
}

/** This program's processes in the prefix, helpers and launchers among them. */
export function ownProcesses({ prefix }: Computer): readonly SandboxProcess[] {
  return processesOf(prefix, /foundry-credential-helperw?\.exe/);
}

/** Those of a prefix whose program, as Linux sees it, matches. */
export function processesOf({ root }: WinePrefix, program: RegExp): readonly SandboxProcess[] {
  return processesWith(`WINEPREFIX=${root}`).filter(({ command }) => program.test(`${command.split('.exe')[0]}.exe`));
}

/**
 * For the end of a test: has `end`, which may run twice, end what the test has started, and looks whether it did. What
 * is left is ended by force, so that no other test fails because of it.
 * @throws Error if something was left; never WindowsParentEnded, which would have the test run again
 */
export async function endPrograms({ prefix }: Computer, end: () => Promise<unknown>, timeout = 60_000): Promise<void> {
  // The scheduler may be about to start an agent.
  const left = () =>
    processesOf(prefix, /foundry-credential-helperw?\.exe|schtasks\.exe/).map(({ command }) => command);
  try {
    await end().catch((thrown: unknown) => {
      if (thrown instanceof WindowsParentEnded) return end();
      throw thrown;
    });
    await expect.poll(left, { timeout }).toEqual([]);
  } catch (thrown) {
    await prefix.restart();
    throw thrown instanceof WindowsParentEnded ? new Error('Wine failed twice', { cause: thrown }) : thrown;
  }
}
