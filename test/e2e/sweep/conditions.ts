// What may be wrong around a command: with its streams, its environment, its files, and whom it asks.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { World, WorldOptions } from '../../support/harness/world.ts';
import { agentProcesses, killAgentProcesses, run } from '../support.ts';

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Runs between the system and the command. */
  readonly through?: readonly string[];
  readonly stdout?: number;
  readonly stderr?: number;
}

export interface Condition {
  readonly name: string;
  /** It changes mounts, which only root may do. */
  readonly needsMounts?: true;
  readonly options?: WorldOptions;
  /** Before the first command, in a world where the user is signed in. */
  readonly prepare?: (world: World) => Promise<void> | void;
  /** Before each command. */
  readonly arrange: (world: World) => Promise<Surroundings> | Surroundings;
}

const shell = (script: string, ...args: readonly string[]): readonly string[] => ['sh', '-c', script, 'sh', ...args];
const asItIs = ({ env }: World): Surroundings => ({ env });
/** The agent's own view of the bus, the network, or its files is from its start. */
const afresh =
  (surroundings: (world: World) => Surroundings = asItIs) =>
  (world: World): Surroundings => {
    killAgentProcesses(world);
    return surroundings(world);
  };

let full: number | undefined;
/** One for all: Windows and macOS have none. */
const fullDisk = (): number => (full ??= openSync('/dev/full', 'w'));

/** The writing end of a pipe that no one can read any more. */
function broken({ sandbox }: World): number {
  const path = join(sandbox.root, 'broken-pipe');
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  closeSync(reader);
  return writer;
}

async function hang(world: World): Promise<Surroundings> {
  killAgentProcesses(world);
  await run(world.env, 'agent', 'start');
  for (const pid of agentProcesses(world)) process.kill(pid, 'SIGSTOP');
  return { env: world.env };
}

function withoutVariables({ env }: World, names: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.test(name)));
}

export const CONDITIONS: readonly Condition[] = [
  { name: 'all is well', arrange: asItIs },
  { name: 'closed stdin', arrange: ({ env }) => ({ env, through: shell('exec "$@" <&-') }) },
  { name: 'closed stdout', arrange: ({ env }) => ({ env, through: shell('exec "$@" >&-') }) },
  { name: 'closed stderr', arrange: ({ env }) => ({ env, through: shell('exec "$@" 2>&-') }) },
  { name: 'all streams closed', arrange: ({ env }) => ({ env, through: shell('exec "$@" <&- >&- 2>&-') }) },
  { name: 'full stdout', arrange: ({ env }) => ({ env, stdout: fullDisk() }) },
  { name: 'full stderr', arrange: ({ env }) => ({ env, stderr: fullDisk() }) },
  { name: 'reader gone', arrange: (world) => ({ env: world.env, stdout: broken(world) }) },
  {
    name: 'no HOME',
    needsMounts: true,
    // This account's own home isn't seen, and no process outlives the command.
    arrange: (world) => ({
      env: withoutVariables(world, /^(?:HOME|XDG_.*)$/),
      through: [
        ...['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
        ...shell('for at in ~ /run/user; do [ ! -d "$at" ] || mount -t tmpfs -o mode=700 tmpfs "$at"; done; "$@"'),
      ],
    }),
  },
  {
    name: 'no runtime folder',
    needsMounts: true,
    prepare: ({ sandbox }) => rmSync(join(sandbox.root, 'run'), { recursive: true }),
    arrange: afresh(({ env }) => ({
      env,
      through: ['unshare', '--mount', ...shell('[ ! -d /run/user ] || mount -t tmpfs tmpfs /run/user; exec "$@"')],
    })),
  },
  { name: 'no bus', arrange: afresh((world) => ({ env: withoutVariables(world, /^DBUS_/) })) },
  { name: 'locked keystore', prepare: (world) => world.secretService?.lock(), arrange: afresh() },
  {
    name: 'no network',
    arrange: afresh((world) => {
      world.sandbox.writeConfig({ ...world.config, proxy: 'http://127.0.0.1:1' });
      return asItIs(world);
    }),
  },
  {
    name: 'silent network',
    prepare: ({ proxy }) => {
      proxy.mode = 'silent';
    },
    arrange: afresh(),
  },
  {
    name: 'unreadable config',
    arrange: (world) => {
      rmSync(world.sandbox.configFile);
      mkdirSync(world.sandbox.configFile);
      return asItIs(world);
    },
  },
  {
    name: 'read-only state',
    needsMounts: true,
    arrange: afresh(({ env, sandbox }) => ({
      env,
      through: [
        ...['unshare', '--mount', 'sh', '-c'],
        'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"',
        sandbox.stateFolder,
      ],
    })),
  },
  { name: 'hung agent', arrange: hang },
];
