// One's own Azure for deploy/azure: the server, an `az` that reaches nothing else, and a `sleep` that doesn't wait.
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { hostTarget } from '../../../installers/build/targets.ts';
import { AZURE_HOSTS, type AzureServer, startAzureServer } from '../servers/azure-server.ts';
import { createCertificateAuthority } from '../servers/certificate-authority.ts';
import { startConnectProxy } from '../servers/connect-proxy.ts';
import { recordingAz } from '../servers/recording-az.ts';
import { powerShellEnvironment } from './powershell.ts';

/** Where Debian's package azure-cli has it. */
const REAL_AZ = '/usr/bin/az';
export const hasRealAz = existsSync(REAL_AZ);

export type AzKind = 'recording az' | 'real az' | 'no az';

export interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface AzureWorld {
  /** Where programs run. */
  readonly root: string;
  readonly server: AzureServer;
  /** For programs that run here. */
  readonly env: NodeJS.ProcessEnv;
  /** Takes the arguments of the recording `az`: their count and each of them, with a NUL after each. */
  readonly azPort: number;
  /** Puts another `az` on PATH; the real one is signed in. */
  use(kind: AzKind): Promise<void>;
  /** Runs a program with `az` on PATH. */
  run(program: string, args: readonly string[]): Promise<Run>;
  /** What `sleep` was asked to wait, or a stand-in for it that appends to the file that SLEEP_RECORD names. */
  sleeps(): readonly string[];
  dispose(): Promise<void>;
}

/** `signedIn: false` is someone who hasn't run `az login`. */
export async function createAzureWorld(kind: AzKind, { signedIn = true } = {}): Promise<AzureWorld> {
  const root = mkdtempSync(join(tmpdir(), 'azure-'));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const script = (name: string, body: string): void => {
    writeFileSync(join(bin, name), body);
    chmodSync(join(bin, name), 0o755);
  };
  const sleepRecord = join(root, 'sleep-calls');
  writeFileSync(sleepRecord, '');
  script('sleep', `#!/bin/sh\necho "$*" >> '${sleepRecord}'\n`);
  linkTools(bin);
  // What the blocks of docs/how-to/azure-setup.md name.
  symlinkSync(join(projectFolder, 'deploy'), join(root, 'deploy'));
  symlinkSync(join(projectFolder, 'dist', hostTarget().executable), join(bin, 'foundry-credential-helper'));

  const ca = await createCertificateAuthority();
  const server = await startAzureServer({ ca });
  const commands = await listenForCommands((argv) => recordingAz(server, signedIn, argv));
  // No traffic of the real CLI leaves this computer: the proxy knows three names and refuses the rest.
  const routes = Object.fromEntries(AZURE_HOSTS.map((host) => [`${host}:443`, server.port]));
  const proxy = await startConnectProxy({ routes });
  const caFile = ca.write(root);
  const env: NodeJS.ProcessEnv = {
    // Debian's /usr/bin is left out: it may have a real `az`.
    PATH: bin,
    HOME: root,
    LANG: 'C.UTF-8',
    HTTPS_PROXY: proxy.url,
    REQUESTS_CA_BUNDLE: caFile,
    SSL_CERT_FILE: caFile,
    ...powerShellEnvironment,
    SLEEP_RECORD: sleepRecord,
    AZURE_CONFIG_DIR: join(root, 'azure'),
    AZURE_CORE_COLLECT_TELEMETRY: 'no',
  };

  const run = (program: string, args: readonly string[]): Promise<Run> =>
    new Promise((resolve) => {
      execFile(program, args, { env, cwd: root, timeout: 300_000 }, (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ exitCode, stdout, stderr });
      });
    });

  const world: AzureWorld = {
    root,
    server,
    env,
    azPort: commands.port,
    run,
    async use(next) {
      rmSync(join(bin, 'az'), { force: true });
      if (next === 'recording az') script('az', clientScript(commands.port));
      if (next !== 'real az') return;
      script('az', `#!/bin/sh\nexec ${REAL_AZ} "$@"\n`);
      if (!signedIn) return;
      // The secret of a principal that exists in this server only.
      const secret = ['--username', server.subscriptionId, '--password', 'of-this-test-only'];
      const login = ['login', '--service-principal', ...secret, '--tenant', server.tenantId];
      const { exitCode, stderr } = await run(join(bin, 'az'), login);
      if (exitCode !== 0) throw new Error(`az login failed: ${stderr}`);
    },
    sleeps: () => readFileSync(sleepRecord, 'utf8').split('\n').filter(Boolean),
    async dispose() {
      await Promise.all([proxy.close(), server.close(), commands.close()]);
      rmSync(root, { recursive: true, force: true });
    },
  };
  try {
    await world.use(kind);
  } catch (error) {
    await world.dispose();
    throw error;
  }
  return world;
}

/** What the scripts need next to `az`, and nothing else: a new need shows. */
function linkTools(bin: string): void {
  for (const tool of ['bash', 'env', 'zsh', 'sed', 'tr', 'grep', 'sha256sum', 'cat']) {
    const path = ['/usr/bin', '/bin'].map((folder) => join(folder, tool)).find((candidate) => existsSync(candidate));
    if (path === undefined) continue;
    writeFileSync(join(bin, tool), `#!/bin/sh\nexec ${path} "$@"\n`);
    chmodSync(join(bin, tool), 0o755);
  }
}

/** An `az` that starts immediately: it passes its arguments on and prints what comes back. */
function clientScript(port: number): string {
  return `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/${port}
printf '%s\\0' "$#" "$@" >&3
while IFS= read -r line <&3; do
  case $line in
    o*) printf '%s\\n' "\${line#o}" ;;
    e*) printf '%s\\n' "\${line#e}" >&2 ;;
    x*) exit "\${line#x}" ;;
  esac
done
exit 99
`;
}

type Command = (argv: readonly string[]) => Run;

function listenForCommands(run: Command): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((socket) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk;
      const [count, ...words] = text.split('\0');
      if (words.length <= Number(count)) return;
      const { exitCode, stdout, stderr } = run(words.slice(0, -1));
      const lines = (mark: string, output: string): string => output.replaceAll(/^(.*)\n/gm, `${mark}$1\n`);
      socket.end(`${lines('o', stdout)}${lines('e', stderr)}x${exitCode}\n`);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const close = (): Promise<void> => new Promise((done) => server.close(() => done()));
      resolve({ port: (server.address() as AddressInfo).port, close });
    });
  });
}
