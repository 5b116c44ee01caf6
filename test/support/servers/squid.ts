// Squid as companies run it (Debian package squid-openssl): a real proxy between the product and the harness's own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SQUID = '/usr/sbin/squid';
const CERTIFICATE_GENERATOR = '/usr/lib/squid/security_file_certgen';
const PASSWORD_CHECKER = '/usr/lib/squid/basic_ncsa_auth';
/** `no one`: squid drops root's rights on its own, but only to a user that it finds by name. */
const UNPRIVILEGED = 65_534;

export interface SquidOptions {
  /** Port of the CONNECT proxy on loopback that squid sends everything to, so that no name is resolved. */
  readonly parentPort: number;
  /** Asked for by Basic authentication. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Hosts that an access rule refuses. */
  readonly deny?: readonly string[];
  /** Opens TLS and signs anew (ssl-bump), trusting the servers that this root (PEM) vouches for. */
  readonly inspect?: { readonly trustedRoot: string };
}

export interface Squid {
  readonly port: number;
  /** PEM; only with `inspect`. */
  readonly root: string | undefined;
  /** Lines of the access log: `CONNECT login.microsoftonline.com:443 200 TCP_TUNNEL`. */
  log(): string[];
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and removes its folder. */
  dispose(): Promise<void>;
}

/** Common name of the certificates' issuer when squid inspects. */
export const INSPECTION_ISSUER = 'Contoso TLS Inspection CA';

/** Starts squid on a free loopback port. It runs in the foreground, as an ordinary user, with no file elsewhere. */
export async function startSquid(options: SquidOptions): Promise<Squid> {
  const folder = mkdtempSync(join(tmpdir(), 'squid-'));
  const port = await freePort();
  writeConfiguration(folder, port, options);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) for (const path of [folder, ...pathsIn(folder)]) chownSync(path, UNPRIVILEGED, UNPRIVILEGED);
  if (options.inspect !== undefined)
    runAsUser(CERTIFICATE_GENERATOR, '-c', '-s', join(folder, 'certificates'), '-M', '4MB');

  let child: ChildProcess | undefined;
  const squid: Squid = {
    port,
    root: options.inspect === undefined ? undefined : readFileSync(join(folder, 'root.pem'), 'utf8'),
    log: () => readLines(join(folder, 'access.log')),
    async start() {
      // Its service name is in the names of shared memory, which two of them must not share.
      const args = ['-N', '-n', `test${port}`, '-f', join(folder, 'squid.conf')];
      child = spawn(SQUID, args, { stdio: 'ignore', ...userOptions() });
      await untilListening(port, child, join(folder, 'cache.log'));
    },
    async stop() {
      const ended = child;
      child = undefined;
      if (ended === undefined || ended.exitCode !== null) return;
      const exit = new Promise((resolve) => ended.once('exit', resolve));
      // Squid removes its shared memory when it is asked to end, not when it is killed.
      ended.kill('SIGTERM');
      await exit;
    },
    async dispose() {
      await squid.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await squid.start();
  } catch (thrown) {
    await squid.dispose();
    throw thrown;
  }
  return squid;
}

function writeConfiguration(
  folder: string,
  port: number,
  { parentPort, credentials, deny, inspect }: SquidOptions,
): void {
  const file = (name: string) => join(folder, name);
  const lines = [
    `cache_peer 127.0.0.1 parent ${parentPort} 0 no-query no-digest no-netdb-exchange default`,
    'never_direct allow all',
    `pid_filename ${file('squid.pid')}`,
    `cache_log ${file('cache.log')}`,
    `logformat short %rm %ru %>Hs %Ss`,
    `access_log stdio:${file('access.log')} short`,
    'buffered_logs off',
    `coredump_dir ${folder}`,
    'cache deny all',
    'cache_mem 4 MB',
    'pinger_enable off',
    'shutdown_lifetime 0 seconds',
    'dns_nameservers 127.0.0.1',
  ];
  if (credentials !== undefined) {
    const hash = execFileSync('openssl', ['passwd', '-apr1', '-stdin'], {
      input: credentials.password,
      encoding: 'utf8',
    });
    writeFileSync(file('passwords'), `${credentials.username}:${hash}`);
    lines.push(
      `auth_param basic program ${PASSWORD_CHECKER} ${file('passwords')}`,
      'auth_param basic children 1 startup=1',
      'auth_param basic realm Contoso',
      'acl known proxy_auth REQUIRED',
    );
  }
  for (const host of deny ?? []) lines.push(`acl denied dstdomain ${host}`);
  if (deny !== undefined) lines.push('http_access deny denied');
  lines.push(credentials === undefined ? 'http_access allow all' : 'http_access allow known');
  lines.push(inspect === undefined ? `http_port 127.0.0.1:${port}` : inspection(folder, port, inspect.trustedRoot));
  writeFileSync(file('squid.conf'), `${lines.join('\n')}\n`);
}

function inspection(folder: string, port: number, trustedRoot: string): string {
  const file = (name: string) => join(folder, name);
  writeFileSync(file('trusted.pem'), trustedRoot);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file('root.key')];
  const subject = ['-days', '2', '-subj', `/O=Contoso/CN=${INSPECTION_ISSUER}`, '-out', file('root.pem')];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject], { stdio: 'ignore' });
  const signing = `tls-cert=${file('root.pem')} tls-key=${file('root.key')}`;
  return [
    `http_port 127.0.0.1:${port} ssl-bump ${signing} generate-host-certificates=on dynamic_cert_mem_cache_size=1MB`,
    `sslcrtd_program ${CERTIFICATE_GENERATOR} -s ${file('certificates')} -M 4MB`,
    'sslcrtd_children 1 startup=1',
    'sslproxy_session_cache_size 0',
    `tls_outgoing_options cafile=${file('trusted.pem')}`,
    'ssl_bump bump all',
  ].join('\n');
}

function pathsIn(folder: string): string[] {
  return execFileSync('find', [folder, '-mindepth', '1'], { encoding: 'utf8' }).split('\n').slice(0, -1);
}

function userOptions(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
}

function runAsUser(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: 'ignore', ...userOptions() });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(port: number, child: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await canConnect(port))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`squid did not start: ${readLines(log).join('\n')}`);
    await sleep(20);
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}
