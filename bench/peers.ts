// What a user would have instead: each set up for real, with a stored secret that it prints.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createAzureWorld } from '../test/support/harness/azure-world.ts';
import type { World } from '../test/support/harness/world.ts';
import type { Contender } from './alternate.ts';

export interface Peer {
  readonly contender: Contender;
  readonly stop?: () => Promise<unknown> | undefined;
}

export const AZURE_CLI = 'az account get-access-token';

const VALUE = 'x'.repeat(2_000);

/** All that this computer has, in the order of the table; what is missing is named on stderr. */
export async function startPeers(world: World): Promise<readonly Peer[]> {
  const peers: Peer[] = [];
  const makers = {
    'secret-tool': secretTool,
    'docker-credential-secretservice': docker,
    git: gitCache,
    'oidc-token': oidc,
  };
  for (const [command, make] of Object.entries(makers)) {
    const file = find(command);
    if (file === undefined) console.error(`Left out, not installed: ${command}`);
    else peers.push(await make(world, file));
  }
  if (find('az') === undefined) console.error('Left out, not installed: az');
  else peers.push(await azureCli());
  return peers;
}

async function secretTool(world: World, file: string): Promise<Peer> {
  await run(file, ['store', '--label=bench', 'service', 'bench'], world.env, VALUE);
  return { contender: { name: 'secret-tool lookup', file, args: ['lookup', 'service', 'bench'], env: world.env } };
}

async function docker(world: World, file: string): Promise<Peer> {
  const server = 'https://registry.example.com';
  await run(file, ['store'], world.env, JSON.stringify({ ServerURL: server, Username: 'ada', Secret: VALUE }));
  const input = join(world.sandbox.root, 'docker-input');
  writeFileSync(input, server);
  return { contender: { name: 'docker-credential-secretservice get', file, args: ['get'], env: world.env, input } };
}

/** The socket of git's daemon, which holds a credential. */
export function gitCacheSocket(world: World): string {
  return join(world.sandbox.root, 'git-cache', 'socket');
}

/** What its daemon is asked: gitcredentials(7). */
export const GIT_QUERY = 'protocol=https\nhost=example.com\nusername=ada\n\n';

/** git's own agent, with a credential in it. */
export async function gitCache(world: World, file: string): Promise<Peer> {
  const folder = join(world.sandbox.root, 'git-cache');
  mkdirSync(folder, { mode: 0o700 });
  const base = ['credential-cache', '--timeout=86400', `--socket=${gitCacheSocket(world)}`];
  await run(file, [...base, 'store'], world.env, `${GIT_QUERY.trim()}\npassword=${VALUE}\n\n`);
  const input = join(folder, 'input');
  writeFileSync(input, GIT_QUERY);
  return {
    contender: { name: 'git credential-cache get', file, args: [...base, 'get'], env: world.env, input },
    stop: () => run(file, [...base, 'exit'], world.env),
  };
}

async function oidc(world: World, file: string): Promise<Peer> {
  const { refreshToken } = world.entra.signIn();
  const proxied = { ...world.env, https_proxy: world.proxy.url };
  const started = await run('oidc-agent', ['--no-autoload', '--no-webserver'], proxied);
  const env = { ...proxied, OIDC_SOCK: /OIDC_SOCK=([^;]+)/.exec(started)?.[1] ?? '' };
  const pid = Number(/OIDCD_PID=(\d+)/.exec(started)?.[1]);
  const account = [
    `--iss=https://login.microsoftonline.com/${world.entra.tenantId}/v2.0`,
    `--client-id=${world.entra.clientId}`,
    '--client-secret=',
    '--scope=openid offline_access https://cognitiveservices.azure.com/.default',
    `--cp=${world.caFile}`,
  ];
  const silently = ['--rt-env', '--pw-env', '--prompt=none', '--confirm-yes', '--no-url-call'];
  const secrets = { OIDC_REFRESH_TOKEN: refreshToken, OIDC_ENCRYPTION_PW: 'bench' };
  await run('oidc-gen', ['bench', '--manual', ...account, ...silently], { ...env, ...secrets });
  return {
    contender: { name: 'oidc-token', file, args: ['bench'], env },
    stop: async () => process.kill(pid),
  };
}

async function azureCli(): Promise<Peer> {
  const azure = await createAzureWorld('real az');
  const resource = 'https://cognitiveservices.azure.com';
  const args = ['account', 'get-access-token', '--resource', resource, '--output', 'none'];
  // Asked once, so that it is in az's cache.
  const file = join(azure.root, 'bin', 'az');
  const { exitCode, stderr } = await azure.run(file, args);
  if (exitCode !== 0) throw new Error(`az has no token: ${stderr}`);
  return {
    contender: { name: AZURE_CLI, file, args, env: azure.env, everyRounds: 5 },
    stop: () => azure.dispose(),
  };
}

/** Resolves with stdout. */
export function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv, input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${file} ${args[0] ?? ''} failed: ${stderr}`));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

function find(command: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find((path) => existsSync(path));
}
