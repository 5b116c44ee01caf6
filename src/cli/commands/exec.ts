import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { printable } from '../../core/printable.ts';
import { type EndpointEnvironment, type EndpointToken, TokenEndpoint } from '../../managed-identity/token-endpoint.ts';
import type { TokenRequest } from '../../managed-identity/token-request.ts';
import { withUsualDumps } from '../../platform/core-dump.ts';
import { type PosixCommand, posixCommand } from '../../platform/posix-command.ts';
import { variablesOfSnap } from '../../platform/snap.ts';
import { windowsCommand } from '../../platform/windows-command.ts';
import { STDERR, STDOUT } from '../../platform/write-output.ts';
import { askForToken } from '../agent-client.ts';
import { note } from '../terminal.ts';

/** Variables that send Azure SDKs to an endpoint other than this one, or make them use it with another protocol. */
const COMPETING = ['IDENTITY_SERVER_THUMBPRINT', 'IMDS_ENDPOINT', 'MSI_ENDPOINT', 'MSI_SECRET'];
const PROXY = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
/**
 * A terminal sends these to the command itself too: it decides, and this process outlives it to pass its exit code on.
 */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'] as const;
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGCONT'] as const;
/** These would end this process with an image of its memory, tokens included (signal(7), "Core"). */
const DUMPING: readonly string[] = ['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGQUIT', 'SIGSEGV', 'SIGSYS', 'SIGTRAP'];
/** As env(1) and shells report a command that doesn't exist, or may not be run. */
const NOT_FOUND = 127;
const NOT_RUNNABLE = 126;
const STDIN = 0;
/** Characters of a command's name that a message shows. */
const MAX_NAME = 500;

/**
 * Runs a command with its own token endpoint, and ends with the command's exit code or signal.
 * @throws AppError ERR_ENDPOINT_OFF, or why there's no token; the command isn't started then
 */
export async function exec([name = '', ...words]: readonly string[]): Promise<void> {
  // Don't start a command that would find no token half an hour later.
  await askForToken({ method: 'endpoint-token' });
  const found = process.platform === 'win32' ? windowsCommand(name, words) : posixCommand(name, words);
  if ('fault' in found) process.exit(refuse(name, found));
  const endpoint = new TokenEndpoint({ token: tokenOf });
  const address = await endpoint.start();
  // Starts before the command, because a signal in between would end us without it.
  let child: ChildProcess | undefined;
  const stopForwarding = forwardSignals((signal) => void child?.kill(signal));
  const { command, args, ...options } = found;
  const env = environment({ ...process.env, ...variablesOfSnap() }, address);
  try {
    child = withUsualDumps(() => spawn(command, args, { ...options, stdio: 'inherit', env }));
  } catch (thrown) {
    // spawn throws some of the system's errors instead of emitting them.
    process.exit(failed(name, thrown as NodeJS.ErrnoException));
  }
  const end = await endOf(child, name);
  stopForwarding();
  endpoint.close();
  if (typeof end === 'number') process.exit(end);
  if (!DUMPING.includes(end)) process.kill(process.pid, end);
  // If the signal doesn't end this process, use its number as shells do.
  process.exit(128 + constants.signals[end]);
}

/** This process's environment, changed so that Azure SDKs find the endpoint. */
function environment(own: NodeJS.ProcessEnv, found: EndpointEnvironment): NodeJS.ProcessEnv {
  // On Windows, names are case-insensitive, but only in `own`, not in a copy.
  const nameOf = (name: string): string => (process.platform === 'win32' ? name.toUpperCase() : name);
  const env = Object.fromEntries(Object.entries(own).filter(([name]) => !COMPETING.includes(nameOf(name))));
  if (!PROXY.some((name) => own[name] !== undefined)) return { ...env, ...found };
  // Azure SDKs send even requests to this computer through a proxy.
  const direct = [own['NO_PROXY'] ?? own['no_proxy'] ?? '', '127.0.0.1'].filter(Boolean).join(',');
  return { ...env, NO_PROXY: direct, no_proxy: direct, ...found };
}

function tokenOf({ resource, clientId }: TokenRequest): Promise<EndpointToken> {
  return askForToken({ method: 'endpoint-token', resource, ...(clientId === undefined ? {} : { clientId }) });
}

/** Returns a function that stops it. */
function forwardSignals(forward: (signal: NodeJS.Signals) => void): () => void {
  const ignore = (): void => undefined;
  const listeners = [
    ...FROM_TERMINAL.map((signal) => ({ signal, listener: isOnTerminal() ? ignore : forward })),
    ...PASSED_ON.map((signal) => ({ signal, listener: forward })),
  ];
  for (const { signal, listener } of listeners) process.on(signal, listener);
  return () => {
    for (const { signal, listener } of listeners) process.off(signal, listener);
  };
}

function isOnTerminal(): boolean {
  return [STDIN, STDOUT, STDERR].some(isatty);
}

function endOf(child: ChildProcess, command: string): Promise<number | NodeJS.Signals> {
  return new Promise((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      // It's running; only a signal couldn't be sent.
      if (child.pid !== undefined) return;
      resolve(failed(command, error));
    });
    child.on('close', (code, signal) => resolve(signal ?? code ?? 1));
  });
}

/** Reports why the system didn't start it, and returns the exit code. */
function failed(command: string, { code = 'unknown' }: NodeJS.ErrnoException): number {
  report(command, code);
  return code === 'ENOENT' ? NOT_FOUND : NOT_RUNNABLE;
}

function refuse(command: string, fault: Extract<PosixCommand, { fault: string }>): number {
  report(command, fault.fault === 'not-found' ? 'ENOENT' : fault.reason);
  return fault.fault === 'not-found' ? NOT_FOUND : NOT_RUNNABLE;
}

function report(command: string, reason: string): void {
  note(`foundry-credential-helper: the command "${printable(command, MAX_NAME)}" can't be run (${reason})`);
}
