// One set of settings for Claude Code, and its effect: by the real client, and by this program's
// status.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Culprit } from '../../../src/claude-code/culprits.ts';
import { claudeCodeSettings } from '../../../src/claude-code/settings.ts';
import type { Verdict } from '../../../src/claude-code/verdict.ts';
import { createManagedSettingsFolders, type ManagedSettingsFolders } from '../../support/harness/managed-settings.ts';
import { createWorld, type World } from '../../support/harness/world.ts';
import { type FoundryServer, startFoundryServer } from '../../support/servers/foundry-server.ts';
import { binary, type Run, run, runWithInput, signIn } from '../support.ts';
import { claude, clientEnv } from './support.ts';

export const USER = 'HOME/.claude/settings.json';
export const STATE = 'HOME/.claude.json';
export const PROJECT = 'PROJECT/.claude/settings.json';
export const LOCAL = 'PROJECT/.claude/settings.local.json';
export const MANAGED = 'MANAGED/managed-settings.json';
export const dropIn = (name: string): string => `MANAGED/managed-settings.d/${name}`;

type Json = Readonly<Record<string, unknown>>;
/** An object is written as JSON; a link as one to a file that doesn't exist. */
export type Content = Json | string | Buffer | 'dangling link';

export interface Ours {
  readonly apiKeyHelper: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Given {
  /** What `configure` writes for the resource of this setup. */
  readonly ours: Ours;
  /** The same with further or other variables. */
  with(env: Json, rest?: Json): Json;
  /** The same without a variable. */
  without(name: string): Json;
  /** The resource by an address that isn't Azure's. */
  readonly gateway: string;
}

export interface Setup {
  readonly name: string;
  /**
   * `ours`: the resource answered this program's token. `other`: it saw another credential. `none`: no call arrived.
   */
  readonly client: 'ours' | 'other' | 'none';
  readonly verdict: Verdict['state'];
  /** The key that status blames, or a part of the path if it's a whole file. */
  readonly culprit?: string;
  files?(given: Given): Readonly<Record<string, Content>>;
  readonly env?: (given: Given) => Readonly<Record<string, string>>;
  /** Below the project, which is a git repository then. */
  readonly subfolder?: string;
  readonly args?: readonly string[];
  /** The model asks for a command that leaves a file. */
  readonly callsTool?: boolean;
}

export interface Outcome {
  readonly client: Setup['client'];
  readonly output: string;
  readonly status: Verdict;
  readonly exitCode: number;
  /** Whether the model's command ran. */
  readonly ranTool: boolean;
}

export interface Laboratory {
  run(setup: Setup): Promise<Outcome>;
  dispose(): Promise<void>;
}

/** Someone is signed in; every setup gets a home, a project, a folder of managed settings, and its own resource. */
export async function createLaboratory(): Promise<Laboratory> {
  const world = await createWorld();
  await signIn(world);
  const { stdout } = await run(world.env, 'token');
  const token = createHash('sha256').update(stdout.trim()).digest('hex').slice(0, 8);
  const managed = createManagedSettingsFolders(world.sandbox.root);
  let count = 0;
  return {
    async run(setup) {
      count += 1;
      const bench = await createBench(world, managed, `setup-${count}`);
      try {
        return await observe(setup, bench, token);
      } finally {
        await bench.foundry.close();
      }
    },
    dispose: () => world.dispose(),
  };
}

interface Bench {
  readonly root: string;
  readonly given: Given;
  readonly foundry: FoundryServer;
  readonly env: Readonly<Record<string, string>>;
  execute(command: readonly string[], env: Readonly<Record<string, string>>, folder: string): Promise<Run>;
}

async function createBench(world: World, managed: ManagedSettingsFolders, resource: string): Promise<Bench> {
  const { ca, entra, proxy, sandbox, config } = world;
  const checkToken = (token: string): string => entra.checkAccessToken(token);
  const foundry = await startFoundryServer({ ca, resource, models: ['claude-sonnet-5'], checkToken });
  proxy.routes.set(`${foundry.host}:443`, foundry.port);
  proxy.routes.set(`localhost:${foundry.port}`, foundry.port);
  const root = join(sandbox.root, resource);
  for (const name of ['HOME', 'PROJECT', 'MANAGED']) mkdirSync(join(root, name), { recursive: true });
  const configFile = join(root, 'config.json');
  writeFileSync(configFile, JSON.stringify({ ...config, foundryResource: resource, models: ['claude-sonnet-5'] }), {
    mode: 0o600,
  });
  return {
    root,
    foundry,
    given: givenFor(resource, `https://localhost:${foundry.port}/anthropic`),
    env: {
      ...clientEnv(world),
      HOME: join(root, 'HOME'),
      FOUNDRY_CREDENTIAL_HELPER_CONFIG: configFile,
      CLAUDE_CODE_MAX_RETRIES: '0',
      // Where Claude Code asks the Azure SDK, it's enough that this fails; other ways search the network.
      AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential',
    },
    execute: (command, env, folder) => runWithInput(env, '', managed.seenBy(join(root, 'MANAGED'), command), folder),
  };
}

function givenFor(resource: string, gateway: string): Given {
  const values = { foundryResource: resource, models: [{ name: 'claude-sonnet-5' }] };
  const ours = claudeCodeSettings(values, { command: [binary], isWindows: false });
  return {
    ours,
    gateway,
    with: (env, rest = {}) => ({ ...ours, ...rest, env: { ...ours.env, ...env } }),
    without(name) {
      const { [name]: _, ...env } = ours.env;
      return { ...ours, env };
    },
  };
}

async function observe(setup: Setup, bench: Bench, token: string): Promise<Outcome> {
  const { root, foundry, given } = bench;
  for (const [path, content] of Object.entries(setup.files?.(given) ?? {})) write(join(root, path), content);
  const project = join(root, 'PROJECT');
  if (setup.subfolder !== undefined) execFileSync('git', ['init', '--quiet', project]);
  const folder = join(project, setup.subfolder ?? '');
  mkdirSync(folder, { recursive: true });
  const own = Object.entries(setup.env?.(given) ?? {}).map(([name, value]) => [
    name,
    value.replace(/^HOME(?=\/)/, join(root, 'HOME')),
  ]);
  const env = { ...bench.env, ...(Object.fromEntries(own) as Record<string, string>) };
  // Before the client, which writes into its folders.
  const status = await bench.execute([binary, 'claude-code', 'status', '--json'], env, folder);
  if (setup.callsTool === true) foundry.callTool('Bash', { command: 'touch ran', description: 'Leaves a file' });
  const { stdout, stderr } = await bench.execute([claude, '-p', 'Say hello.', ...(setup.args ?? [])], env, folder);
  const isOurs = foundry.requests.some((request) => request.tokenId === token && request.status === 200);
  return {
    client: isOurs ? 'ours' : foundry.requests.length > 0 ? 'other' : 'none',
    output: stdout + stderr,
    status: JSON.parse(status.stdout) as Verdict,
    exitCode: status.exitCode,
    ranTool: existsSync(join(folder, 'ran')),
  };
}

function write(path: string, content: Content): void {
  mkdirSync(dirname(path), { recursive: true });
  if (content === 'dangling link') symlinkSync('/nonexistent/settings.json', path);
  else
    writeFileSync(path, typeof content === 'string' || content instanceof Buffer ? content : JSON.stringify(content));
}

/** What status blames: keys, or the files that it blames as a whole. */
export function culprits({ conflicts, missing, warnings, state }: Verdict): readonly string[] {
  const blamed: readonly Culprit[] = state === 'unclear' ? warnings : [...conflicts, ...missing];
  return blamed.map(({ key, location = '' }) => key ?? location);
}
