// Callers in a snap or a Flatpak: which agent, settings, and sign-in they find. Their environments are stand-ins, as
// the launchers of such apps make them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import type { World } from '../support/harness/world.ts';
import { agentProcess, agentProcesses, binary, killAgent, run, runJson, worldForTest } from './support.ts';

const NAME = 'foundry-credential-helper';

interface Callers {
  readonly world: World;
  /** The user's terminal, without its own folders. */
  readonly plain: Record<string, string>;
  readonly snap: Record<string, string>;
  readonly flatpak: Record<string, string>;
}

/** The user has settings, and has signed in. */
async function callers(): Promise<Callers> {
  const world = await worldForTest({ config: { allowTokenEndpoint: true } });
  const isFolder = (name: string): boolean => /^XDG_\w+_HOME$/.test(name);
  const plain = Object.fromEntries(Object.entries(world.env).filter(([name]) => !isFolder(name)));
  const { HOME = '', PATH = '' } = plain;
  writeConfig(join(HOME, '.config'), world);
  const helper = runHelper(binary, { context: 'interactive', env: plain });
  world.entra.approve(await world.entra.waitForUserCode());
  expect(await helper).toMatchObject({ state: 'ok' });
  const ofSnap = join(HOME, 'snap/code/182');
  const ofFlatpak = join(HOME, '.var/app/com.example.Editor');
  return {
    world,
    plain,
    snap: {
      ...plain,
      ...{ SNAP: '/snap/code/182', SNAP_NAME: 'code', SNAP_USER_DATA: ofSnap, PATH: `/snap/code/182/bin:${PATH}` },
      ...{ XDG_CONFIG_HOME: join(ofSnap, '.config'), XDG_STATE_HOME: join(ofSnap, '.local/state') },
      ...{ XDG_CACHE_HOME: join(ofSnap, '.cache'), XDG_DATA_HOME: join(ofSnap, '.local/share') },
      ...{ LD_LIBRARY_PATH: '/snap/code/182/usr/lib', XDG_DATA_DIRS: '/snap/code/182/usr/share:/usr/share' },
    },
    flatpak: {
      ...plain,
      ...{ FLATPAK_ID: 'com.example.Editor', container: 'flatpak' },
      ...{ XDG_CONFIG_HOME: join(ofFlatpak, 'config'), XDG_STATE_HOME: join(ofFlatpak, '.local/state') },
      ...{ XDG_CACHE_HOME: join(ofFlatpak, 'cache'), XDG_DATA_HOME: join(ofFlatpak, 'data') },
      // Its own: only parts of it are those of the user's session.
      XDG_RUNTIME_DIR: makeFolder(join(world.sandbox.root, 'flatpak-run')),
    },
  };
}

function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

function writeConfig(folder: string, { config }: World): void {
  writeFileSync(join(makeFolder(join(folder, NAME)), 'config.json'), JSON.stringify(config), { mode: 0o600 });
}

const background = (env: Record<string, string>) => runHelper(binary, { context: 'background', env });

describe.runIf(process.platform === 'linux')('a caller in a classic snap', () => {
  it("uses the user's agent, settings, and sign-in", async () => {
    const { world, plain, snap } = await callers();
    const agent = agentProcess(world);
    expect(await background(snap)).toMatchObject({ state: 'ok', stderr: '' });
    expect(agentProcess(world)).toBe(agent);
    const { files } = (await runJson(snap, 'status')) as { files: unknown };
    expect(files).toEqual(((await runJson(plain, 'status')) as { files: unknown }).files);
    expect(world.entra.count('devicecode')).toBe(1);
  });

  it('starts an agent without anything from the snap, which serves everyone', async () => {
    const { world, plain, snap } = await callers();
    await killAgent(plain);
    expect(await background(snap)).toMatchObject({ state: 'ok', stderr: '' });
    const environment = readFileSync(`/proc/${agentProcess(world)}/environ`, 'utf8');
    expect(environment).not.toMatch(/snap/i);
    expect(await background(plain)).toMatchObject({ state: 'ok', stderr: '' });
    expect(agentProcesses(world)).toHaveLength(1);
  });

  it('passes its environment on to the command that it runs', async () => {
    const { snap } = await callers();
    const { stdout } = await run(snap, 'exec', '--', '/usr/bin/env');
    const names = Object.keys(snap).filter((name) => /^(?:SNAP|XDG_|LD_|PATH)/.test(name));
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(names.map((name) => `${name}=${snap[name]}`)));
  });
});

describe.runIf(process.platform === 'linux')('a caller in a Flatpak', () => {
  it('has no own settings at first', async () => {
    const { world, flatpak } = await callers();
    const agent = agentProcess(world);
    expect(await background(flatpak)).toMatchObject({ state: 'failed', exitCode: 3 });
    expect(agentProcesses(world)).toContain(agent);
  });

  it("uses the user's sign-in with its own agent, if it has settings and may use the keyring", async () => {
    const { world, plain, flatpak } = await callers();
    writeConfig(flatpak['XDG_CONFIG_HOME'] ?? '', world);
    expect(await background(flatpak)).toMatchObject({ state: 'ok', stderr: '' });
    expect(agentProcesses(world)).toHaveLength(2);
    for (const env of [plain, flatpak, plain]) {
      await run(env, 'agent', 'stop');
      expect(await background(env)).toMatchObject({ state: 'ok', stderr: '' });
    }
    expect(world.entra.count('devicecode')).toBe(1);
  });
});
