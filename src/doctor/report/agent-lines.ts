// The agent, what starts it, and the way its requests take.
import { readFileSync } from 'node:fs';
import { runCommand } from '../../autostart/autostart.ts';
import { UNIT } from '../../autostart/systemd-unit.ts';
import { errorFromRecord } from '../../core/errors.ts';
import { isObject } from '../../core/json.ts';
import type { AgentStatus } from '../../ipc/protocol.ts';
import type { Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import { routeText } from '../route-text.ts';

const ASK_MS = 5_000;

export async function agentLines({ agentStatus }: DoctorContext): Promise<readonly string[]> {
  const { status, wasStarted } = await agentStatus();
  const { agent, signIn, endedAt, ends, refusedAt, token, backOff, unsaved, tenantId, clientId, others = [] } = status;
  const hours = (Date.now() - Date.parse(agent.startedAt)) / 3_600_000;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['agent', `process ${agent.pid}, version ${agent.version} (${agent.commit})`],
    ['started', `${agent.startedAt}, ${hours.toFixed(1)} h ago${wasStarted ? ', by this report' : ''}`],
    ['memory', await memoryOf(agent.pid)],
    ['sign-in', signIn],
    ['ended', endedAt],
    ['ends', ends && `${ends.at} (${ends.reason})`],
    ['refused', refusedAt],
    ['token until', token?.expiresOn],
    ['next try', backOff && `${backOff.until}, after ${backOff.attempt} failed`],
    ['problem', errorLine(status.problem)],
    ['last failure', lastFailure(status)],
    ['saved', unsaved === true ? 'no' : undefined],
    ['tenant', tenantId],
    ['application', clientId],
    ['also kept', others.length === 0 ? undefined : `${others.length} other sign-ins`],
  ];
  return rows.flatMap(([name, text]) => (text === undefined ? [] : [`${name.padEnd(14)} ${text}`]));
}

/** Without account names. */
function errorLine(record: unknown): string | undefined {
  const error = errorFromRecord(record);
  if (error === undefined) return undefined;
  const id = error.correlationId === undefined ? '' : ` (correlation id ${error.correlationId})`;
  return `${error.code}: ${error.publicMessage}${id}`;
}

/** The agent may be older than this program, or newer. */
function lastFailure(status: AgentStatus & { readonly lastFailure?: unknown }): string | undefined {
  const { lastFailure: last } = status;
  if (!isObject(last)) return undefined;
  const circumstances = ['at', 'client', 'context', 'recoveredAt'].flatMap((name) =>
    typeof last[name] === 'string' ? [`${name} ${last[name]}`] : [],
  );
  return [errorLine(last) ?? 'unknown', ...circumstances].join(', ');
}

/** Resident memory; `undefined` on Windows. */
async function memoryOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  if (process.platform === 'linux') {
    try {
      const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return kilobytes === undefined ? undefined : megabytes(kilobytes);
    } catch {
      return undefined;
    }
  }
  const { exitCode, stdout } = await runCommand('/bin/ps', ['-o', 'rss=', '-p', String(pid)], ASK_MS);
  return exitCode === 0 ? megabytes(stdout.trim()) : undefined;
}

const megabytes = (kilobytes: string): string => `${Math.round(Number(kilobytes) / 1024)} MB`;

/** Of systemd's unit; none of them has more than states, times, and numbers. */
const UNIT_FIELDS = [
  'LoadState',
  'UnitFileState',
  'ActiveState',
  'SubState',
  'Result',
  'ExecMainStatus',
  'NRestarts',
  'ActiveEnterTimestamp',
];

export async function autostartLines({ autostart }: DoctorContext): Promise<readonly string[]> {
  const entries = (await autostart()).flatMap(({ kind, scope, enabled, place, program, switchOn }) => [
    `${kind}, for ${scope === 'user' ? 'this user' : 'every user'}, ${enabled ? 'enabled' : 'disabled'}: ${place}`,
    `  starts ${program === '' ? 'nothing that can be read' : program}`,
    ...(switchOn === undefined ? [] : [`  switched off; to switch it on: ${switchOn}`]),
  ]);
  return [...(entries.length === 0 ? ['nothing starts the agent at log-in'] : entries), ...(await unitLines())];
}

/** What systemd says of the unit, whether or not it's this program's. */
async function unitLines(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const args = ['--user', 'show', UNIT, `--property=${UNIT_FIELDS.join(',')}`];
  const { exitCode, stdout } = await runCommand('systemctl', args, ASK_MS);
  if (exitCode !== 0) return ['no systemd user manager answers here'];
  return stdout.split('\n').filter((line) => /^\w+=[\w :+.-]*$/.test(line));
}

/** Keystore and trusted roots, if checks have found them out, and the way to each server. */
export async function connectionLines(
  context: DoctorContext,
  findings: readonly Finding[],
): Promise<readonly string[]> {
  const urls = [context.firstServer()?.url, urlOf(context.messages()?.address.url)];
  const different = urls.flatMap((url, index) =>
    url === undefined || urls.findIndex((one) => one?.origin === url.origin) !== index ? [] : [url],
  );
  const routes = await Promise.all(different.map(async (url) => routeText(url, await context.route(url))));
  const last = different.at(-1);
  const theirs =
    last === undefined ? [] : [`Claude Desktop's own: ${routeText(last, await context.desktopRoute(last))}`];
  const { issuer, publicRoot } = findings.find(({ id }) => id === 'tls')?.facts ?? {};
  const { caFile } = context.configuration();
  return [
    ...routes,
    ...theirs,
    `certificate of the first server: ${issuer === undefined ? 'not seen' : `${String(issuer)}, a ${publicRoot === true ? 'public root' : 'root of this network'}`}`,
    `trusted roots: Node's own and the system's${caFile === undefined ? '' : `, and those of ${caFile}`}`,
    `keystore: ${findings.find(({ id }) => id === 'keystore')?.detail ?? 'not checked'}`,
  ];
}

const urlOf = (text: string | undefined): URL | undefined =>
  text === undefined ? undefined : (URL.parse(text) ?? undefined);
