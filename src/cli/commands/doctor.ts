import type { Command } from 'commander';
import { AppError } from '../../core/errors.ts';
import { jsonText } from '../../core/printable.ts';
import { commit, version } from '../../core/version.ts';
import type { AgentPort, DoctorOptions } from '../../doctor/context.ts';
import { NoAgentError } from '../../ipc/client.ts';
import { inSession } from '../../platform/caller-session.ts';
import { productPaths } from '../../platform/paths.ts';
import { ask, askForToken, askIfRunning, askRunning } from '../agent-client.ts';
import { DoctorTable } from '../doctor-table.ts';
import { note, print, printJson, printTable, writeLayout, writeMessageLayout } from '../terminal.ts';

/** Milliseconds until the agent says that its checks have begun. */
const DIAGNOSIS_MS = 10_000;

/** The commands that say what is wrong. Their parts are loaded only when one of them runs. */
export function addDoctorCommands(root: Command): void {
  root
    .command('doctor')
    .description("check why Claude Desktop can't get a token (exits 1 if a check fails)")
    .option('--live', 'also send one message to each deployment (costs one output token each)')
    .option('--explain <code>', 'only explain an error code of Entra, such as AADSTS50105, or of this program')
    .option('--json', 'print JSON for scripts')
    .action((options: DoctorCommandOptions) => doctor(options));
  root
    .command('report [file]')
    .description('write one file for support: versions, settings, findings, and log, without secrets')
    .action((file: string | undefined) => report(file));
  // Of the agent, for "doctor".
  root.command('diagnose', { hidden: true }).action(() => diagnoseForAgent());
  root.command('keystore-probe', { hidden: true }).action(() => keystoreProbe());
}

interface DoctorCommandOptions {
  readonly live?: boolean;
  readonly explain?: string;
  readonly json?: boolean;
}

async function doctor({ live = false, explain, json = false }: DoctorCommandOptions): Promise<void> {
  if (explain !== undefined) return explainCode(explain, json);
  const { diagnose } = await import('../../doctor/run-doctor.ts');
  const { byUrgency } = await import('../../doctor/verdict.ts');
  const table = new DoctorTable(process.stdout, writeLayout);
  const { findings } = await diagnose(doctorOptions(live), json ? {} : table);
  const failed = findings.filter(({ state }) => state === 'fail');
  if (json) printJson({ ok: failed.length === 0, release: version, commit, checks: byUrgency(findings) });
  else table.finish();
  process.exitCode = failed.length === 0 ? 0 : 1;
}

/** Exit 0 for what is known, 1 for a number that only Microsoft knows. @throws AppError ERR_USAGE */
async function explainCode(text: string, json: boolean): Promise<void> {
  const { explainError } = await import('../../doctor/explain.ts');
  const found = explainError(text);
  if (found === undefined) {
    throw new AppError('ERR_USAGE', {
      detail: '--explain takes a code such as AADSTS50105, bad_token, or ERR_NETWORK_TLS',
    });
  }
  if (json) printJson(found);
  else {
    const { name, code, message, reason, remedy, key, moreInfo, known, endsSignIn, atSignIn, isVague } = found;
    const meaning = reason === undefined ? message : `${message}: ${reason}`;
    printTable([
      [name, known ? meaning : 'this program has no entry for it; Microsoft explains it at the address below'],
      ['the sign-in', endsSignIn && 'ends: the refresh token never works again'],
      ['remedy', known ? remedy : undefined],
      ['in a sign-in', known && atSignIn ? `${atSignIn.message}; ${atSignIn.remedy}` : undefined],
      ['setting', key],
      [
        'note',
        isVague && 'it means several things: look up the suberror or the OAuth error name in the same reply too',
      ],
      ['reported as', atSignIn === undefined ? code : `${code}; in a sign-in, ${atSignIn.code}`],
      ['see also', moreInfo],
    ]);
  }
  process.exitCode = found.known ? 0 : 1;
}

/** @throws AppError ERR_FILE_EXISTS, ERR_FILE_UNWRITABLE */
async function report(file: string | undefined): Promise<void> {
  const { defaultReportName, writeReport } = await import('../../doctor/report/write-report.ts');
  const path = file ?? defaultReportName(new Date());
  // A line at a time on stderr: this takes a few seconds, and stdout is for the file's name.
  const table = new DoctorTable(process.stderr, writeMessageLayout);
  await writeReport(path, doctorOptions(false), table);
  table.finish({ mentionsReport: false });
  note('');
  note(
    'Read the file before you send it: it names hosts, the tenant, and the application, but contains no tokens, passwords, or user names.',
  );
  print(path);
}

function doctorOptions(live: boolean): DoctorOptions {
  return {
    env: process.env,
    paths: productPaths(),
    live,
    agent: {
      statusIfRunning: () => askIfRunning({ method: 'status' }),
      status: () => ask({ method: 'status' }),
      diagnose: (request, onPart) =>
        askRunning({ method: 'diagnose', ...request }, { onPart, deadlineMs: DIAGNOSIS_MS }).catch(notRunning),
      token: () => askForToken({ method: 'access-token', client: 'doctor' }),
    },
  };
}

/** The agent has ended since it was asked for its status. */
function notRunning(thrown: unknown): never {
  throw thrown instanceof NoAgentError ? new AppError('ERR_AGENT_NOT_RUNNING') : thrown;
}

/**
 * The agent's child. The agent says on standard input what it wants, and closes it to end this process, as it does when
 * it ends. Prints parts, one JSON object a line.
 */
async function diagnoseForAgent(): Promise<void> {
  const [places, { readDiagnosisRequest }] = await Promise.all([
    import('../../doctor/places/for-agent.ts'),
    import('../diagnosis-request.ts'),
  ]);
  const { key, live, session } = await readDiagnosisRequest(process.stdin);
  const { env } = process;
  const agent: AgentPort = {
    statusIfRunning: () => askIfRunning({ method: 'status' }),
    status: () => askRunning({ method: 'status' }),
    token: () => askForToken({ method: 'access-token', client: 'doctor' }, askRunning),
    diagnose: () => Promise.reject(new AppError('ERR_USAGE')),
  };
  const options = { key, live, agent, env, paths: productPaths(), session: inSession(session, env) };
  await places.diagnoseForAgent(options, (part) => print(jsonText(part)));
  // Connections that stay open would hold up an ordinary exit, and so would standard input.
  process.exit();
}

/** For `doctor` alone: one line of JSON. */
async function keystoreProbe(): Promise<void> {
  const { probeKeystore } = await import('../../doctor/keystore-probe.ts');
  const { report: result, busy } = await probeKeystore();
  print(jsonText(result));
  // A keystore that waits for a prompt would hold up an ordinary exit.
  if (busy) process.kill(process.pid, 'SIGKILL');
}
