import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, vi } from 'vitest';
import { canUnshareMounts } from '../../../support/harness/mount-namespace.ts';
import { programOfVersion } from '../../../support/harness/other-version.ts';
import { killOwned, spawnOwned } from '../../../support/harness/process-cleanup.ts';
import type { World } from '../../../support/harness/world.ts';
import { agentProcess, agentProcesses, binary, killAgent, run, runWithInput } from '../../support.ts';
import { command, login, type Seeded, type SeededFault } from './row.ts';

type Repair = NonNullable<SeededFault['repair']>;

const NEWER = '99.2.0';

/** `expect.poll` doesn't know its test where several run at the same time. */
const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 60_000, interval: 100 });

/** chmod(1), as the finding prints it. */
function chmod(mode: string, path: string): undefined {
  execFileSync('chmod', [mode, path]);
}

const autostartFile = ({ env }: World): string =>
  join(env['XDG_CONFIG_HOME'] ?? '', 'autostart', 'foundry-credential-helper.desktop');

/** Makes another program of the one that autostart names, or adds a line. */
async function spoilAutostart(world: World, change: (text: string) => string): Promise<undefined> {
  await run(world.env, 'agent', 'install');
  const file = autostartFile(world);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

const socketOf = ({ sandbox }: World): string => join(sandbox.runtimeFolder, 'agent.sock');
const inState = ({ sandbox }: World, name: string): string => join(sandbox.stateFolder, name);

/** The agent that starts next sees a disk of 256 KiB in the place of the state folder, as `doctor` doesn't. */
async function agentWithSmallDisk(world: World): Promise<SmallDisk> {
  await killAgent(world.env);
  const { stateFolder } = world.sandbox;
  const script = 'mount -t tmpfs -o size=256k,mode=0700 tmpfs "$1" && echo mounted && exec sleep infinity';
  const holder = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', stateFolder], {
    env: world.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(holder.stdout, 'data');
  const inside = ['nsenter', `--target=${holder.pid}`, '--mount', '--'] as const;
  return {
    run: async (...command) => {
      const { exitCode, stderr } = await runWithInput(world.env, '', [...inside, ...command]);
      if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
    },
    close: async () => void holder.kill('SIGKILL'),
  };
}

interface SmallDisk extends Seeded {
  /** @throws Error if the command fails */
  run(...command: readonly string[]): Promise<void>;
}

/** Rows whose repair happens where the agent runs. */
const onDisk =
  (work: (disk: SmallDisk, world: World) => Promise<void>): Repair =>
  async (world, seeded) => {
    await work(seeded as SmallDisk, world);
    return undefined;
  };

export const localFaults: readonly SeededFault[] = [
  {
    fault: 'the keystore is locked',
    seed: async ({ env, secretService }) => {
      await killAgent(env);
      await secretService?.lock();
      return undefined;
    },
    check: 'keystore',
    cause: /keystore is locked/,
    remedy: /unlock it/,
    repair: async ({ secretService }) => {
      await secretService?.unlock();
      return undefined;
    },
  },
  {
    fault: 'the keystore was locked when autostart started the agent',
    seed: async (world) => {
      await killAgent(world.env);
      await world.secretService?.lock();
      spawn(binary, ['agent', 'run'], { env: world.env, detached: true, stdio: 'ignore' }).unref();
      await eventually(async () => expect(await run(world.env, 'agent', 'status')).toMatchObject({ exitCode: 0 }));
      return undefined;
    },
    check: 'keystore',
    cause: /keystore is locked/,
    remedy: /unlock it/,
    repair: async (world) => {
      const pid = agentProcess(world);
      await world.secretService?.unlock();
      // It recovers on its own: no one restarts it, and no one signs in again.
      await eventually(async () => expect(await run(world.env, 'token')).toMatchObject({ exitCode: 0 }));
      expect(agentProcesses(world)).toEqual([pid]);
      return undefined;
    },
  },
  {
    fault: 'the keystore waits for an answer',
    seed: async ({ env, secretService }) => {
      await killAgent(env);
      secretService?.pause();
      return undefined;
    },
    check: 'keystore',
    cause: /keystore is waiting for your permission/,
    remedy: /answer the dialog/,
    repair: ({ secretService }) => {
      secretService?.resume();
      return undefined;
    },
  },
  noKeystore(),
  {
    fault: "a file stands where the agent's folder should be",
    signedIn: false,
    seed: ({ sandbox }) => {
      mkdirSync(dirname(sandbox.runtimeFolder), { recursive: true });
      writeFileSync(sandbox.runtimeFolder, '');
      return undefined;
    },
    check: 'folders',
    cause: /run\/foundry-credential-helper is not a folder$/,
    remedy: /^move it away, or delete it$/,
    repair: async (world) => {
      unlinkSync(world.sandbox.runtimeFolder);
      await login(world);
      return undefined;
    },
  },
  {
    fault: 'others may write to the state folder',
    seed: ({ sandbox }) => {
      chmodSync(sandbox.stateFolder, 0o777);
      return undefined;
    },
    check: 'folders',
    cause: /state\/foundry-credential-helper is writable by others \(everyone\)$/,
    remedy: /^run chmod go-w \S+state\/foundry-credential-helper$/,
    repair: ({ sandbox }) => chmod('go-w', sandbox.stateFolder),
  },
  {
    fault: 'others may write to the folder of config.json',
    seed: ({ sandbox }) => {
      chmodSync(dirname(sandbox.configFile), 0o777);
      return undefined;
    },
    check: 'folders',
    cause: /config\/foundry-credential-helper is writable by others \(everyone\)$/,
    remedy: /^run chmod go-w \S+config\/foundry-credential-helper$/,
    repair: ({ sandbox }) => chmod('go-w', dirname(sandbox.configFile)),
  },
  {
    fault: "a file stands where the socket should be, and the agent doesn't run",
    seed: async (world) => {
      await killAgent(world.env);
      rmSync(socketOf(world), { force: true });
      writeFileSync(socketOf(world), '');
      return undefined;
    },
    check: 'agent',
    cause: /agent\.sock is not a socket: move it away, or delete it$/,
    remedy: /delete what's in its place$/,
    repair: (world) => unlinkSync(socketOf(world)) as undefined,
  },
  {
    fault: 'the lock file is a file of another program',
    seed: async (world) => {
      await killAgent(world.env);
      writeFileSync(inState(world, 'agent.lock'), 'precious');
      return undefined;
    },
    check: 'agent',
    cause: /agent\.lock isn't empty, so it isn't this program's lock file: move it away, or delete it$/,
    remedy: /delete what's in its place$/,
    repair: (world) => unlinkSync(inState(world, 'agent.lock')) as undefined,
  },
  {
    fault: 'the agent is of a newer version',
    seed: async ({ env }) => {
      await killAgent(env);
      await runWithInput(env, '', [await programOfVersion(NEWER), 'agent', 'start']);
      return undefined;
    },
    check: 'agent',
    state: 'warn',
    cause: new RegExp(`^the agent is version ${NEWER}, this program `),
    remedy: /or run "foundry-credential-helper agent stop"$/,
    repair: command('agent', 'stop'),
  },
  {
    fault: 'a folder has the name of the log',
    seed: async (world) => {
      await killAgent(world.env);
      rmSync(inState(world, 'agent.log'));
      mkdirSync(inState(world, 'agent.log'));
      return undefined;
    },
    check: 'agent-files',
    state: 'warn',
    cause: /^the agent can't write \S+agent\.log \(EISDIR\); tokens keep working$/,
    remedy: /^remove the folder that has the name of the file$/,
    repair: (world) => rmdirSync(inState(world, 'agent.log')) as undefined,
  },
  {
    fault: 'the disk is full',
    runIf: canUnshareMounts,
    seed: async (world) => {
      const disk = await agentWithSmallDisk(world);
      await disk.run('sh', '-c', 'dd if=/dev/zero of="$0" bs=4096 2>/dev/null || :', inState(world, 'filler'));
      await disk.run(binary, 'agent', 'start');
      return disk;
    },
    check: 'agent-files',
    state: 'warn',
    cause: /can't write \S+agent\.log \(ENOSPC\).*tokens keep working$/,
    remedy: /^free disk space$/,
    repair: onDisk((disk, world) => disk.run('rm', inState(world, 'filler'))),
  },
  {
    fault: 'the state folder has become read-only',
    runIf: canUnshareMounts,
    seed: async (world) => {
      const { stateFolder } = world.sandbox;
      const disk = await agentWithSmallDisk(world);
      await disk.run(binary, 'agent', 'start');
      await disk.run('mount', '--bind', stateFolder, stateFolder);
      await disk.run('mount', '-o', 'remount,ro,bind', stateFolder);
      return disk;
    },
    check: 'agent-files',
    state: 'warn',
    cause: /can't write \S+agent\.json \(EROFS\)/,
    remedy: /^make the file system writable$/,
    repair: onDisk((disk, { sandbox }) => disk.run('mount', '-o', 'remount,rw,bind', sandbox.stateFolder)),
  },
  {
    fault: 'autostart starts a program that was removed',
    seed: (world) => spoilAutostart(world, (text) => text.replace(binary, '/opt/removed/foundry-credential-helper')),
    check: 'autostart',
    state: 'warn',
    cause: /foundry-credential-helper\.desktop starts \/opt\/removed\/foundry-credential-helper, not this program$/,
    remedy: /^run "foundry-credential-helper agent install"$/,
    repair: command('agent', 'install'),
  },
  {
    fault: "autostart is switched off in the desktop's settings",
    seed: (world) => spoilAutostart(world, (text) => `${text}X-GNOME-Autostart-enabled=false\n`),
    check: 'autostart',
    state: 'warn',
    cause: /foundry-credential-helper\.desktop isn't enabled, so the agent starts only when Claude Desktop asks/,
    remedy: /^run "foundry-credential-helper agent install"$/,
    repair: command('agent', 'install'),
  },
  {
    fault: 'the terminal has another tenant than the agent',
    world: { config: { tenantId: undefined } },
    signedIn: false,
    seed: async ({ entra, env }) => {
      await run({ ...env, AZURE_TENANT_ID: entra.tenantId }, 'agent', 'start');
      return { env: { AZURE_TENANT_ID: entra.tenantDomain } };
    },
    check: 'sign-in',
    cause: /it sees another configuration/,
    remedy: /^put "tenantId" into config\.json instead of environment variables; /,
    repair: async (world) => {
      world.sandbox.writeConfig({ ...world.config, tenantId: world.entra.tenantId });
      await run(world.env, 'agent', 'stop');
      await login(world);
      return { env: {} };
    },
  },
];

function noKeystore(): SeededFault {
  let keyring: ChildProcess | undefined;
  return {
    fault: 'no keystore runs',
    signedIn: false,
    world: { secretService: 'absent' },
    seed: () => ({ close: async () => keyring && killOwned(keyring) }),
    check: 'keystore',
    cause: /no Secret Service is running/,
    remedy: /install and start a Secret Service/,
    repair: async (world) => {
      const env = { ...world.env, PATH: process.env['PATH'] ?? '' };
      keyring = spawnOwned('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
        env,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      keyring.stdin?.end('password');
      await eventually(async () => expect(await run(world.env, 'token')).toMatchObject({ exitCode: 4 }));
      await login(world);
      return undefined;
    },
  };
}
