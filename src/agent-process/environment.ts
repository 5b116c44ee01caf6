// What the agent's process keeps from its starter. It stays for days and serves all of a user's sessions.
import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { withoutRelativePath } from '../platform/programs.ts';
import { outsideSnap } from '../platform/snap.ts';

/** Where this user's files and programs are, and the variables that are settings (config/keys.ts). */
const KEPT = new Set([
  ...['HOME', 'USER', 'LOGNAME', 'PATH', 'TMPDIR', 'TZ'],
  ...['XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME'],
  // What the helper needed to start, the agent needs too, and where the system's trusted roots are.
  ...['LD_LIBRARY_PATH', 'LD_PRELOAD', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...['FOUNDRY_CREDENTIAL_HELPER_CONFIG', 'AZURE_TENANT_ID', 'AZURE_CLIENT_ID'],
  ...['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'NODE_EXTRA_CA_CERTS'],
]);
/**
 * Windows programs need dozens of variables and none is about a session, so only Node's own switches go, and what
 * another start has passed to its agent (bound.ts).
 */
const DROPPED_ON_WINDOWS = /^(?:NODE_(?!EXTRA_CA_CERTS$)|FOUNDRY_CREDENTIAL_HELPER_ENDS_WITH$)/i;

/**
 * The part of `env` that an agent is started with: no session, no switches that make Node print or trust more, no
 * relative folders in PATH, and nothing from a snap that may be updated while the agent runs.
 */
export function agentEnvironment(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  const isKept = (name: string): boolean => (platform === 'win32' ? !DROPPED_ON_WINDOWS.test(name) : KEPT.has(name));
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => isKept(name)));
  return withoutRelativePath(platform === 'linux' ? outsideSnap(kept) : kept, platform);
}

/**
 * Makes this process independent of its starter: forgets the other variables and, on Linux, closes
 * descriptors that were left open for it above stderr, so that no lock or pipe of a script stays open for as long as
 * the agent lives.
 */
export function leaveStarter(): void {
  // The session bus stays for the keystore until a request brings one: a service manager's agent may need it before.
  const kept: NodeJS.ProcessEnv = {
    ...agentEnvironment(),
    DBUS_SESSION_BUS_ADDRESS: process.env['DBUS_SESSION_BUS_ADDRESS'],
  };
  for (const name of Object.keys(process.env)) {
    const value = kept[name];
    if (value === undefined) delete process.env[name];
    else if (value !== process.env[name]) process.env[name] = value;
  }
  if (process.platform === 'linux') inheritedDescriptors().forEach(closeSync);
}

/** What Node opens itself is closed at the start of another program (O_CLOEXEC), so what isn't was inherited. */
function inheritedDescriptors(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => descriptor > 2 && !closesOnExec(descriptor));
}

/** proc_pid_fdinfo(5): the flags are octal. */
function closesOnExec(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & 0o2000000) !== 0;
  } catch {
    // It was the one that listed the folder.
    return true;
  }
}
