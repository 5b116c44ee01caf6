import { execFile } from 'node:child_process';
import { AppError, errorFromRecord } from '../../core/errors.ts';
import { parseObject } from '../../core/json.ts';
import type { AgentStatus } from '../../ipc/protocol.ts';
import { selfCommand } from '../../platform/self-command.ts';
import type { Check } from '../check.ts';
import type { DoctorContext } from '../context.ts';

const AGENT_MS = 70_000;
/** Each of the probe's calls has 10 s. */
const PROBE_MS = 45_000;

/** What the agent found, since reading may ask the user; if no one is signed in, a probe that leaves nothing behind. */
export const keystoreCheck: Check<DoctorContext> = {
  id: 'keystore',
  title: 'Keystore',
  needs: ['agent'],
  deadlineMs: AGENT_MS + PROBE_MS + 2_000,
  async run(context, signal) {
    const { problem, signIn, unsaved } = await agentStatus(context);
    const found = errorFromRecord(problem);
    if (found?.code.startsWith('ERR_KEYSTORE_')) throw found;
    if (unsaved !== true && (signIn === 'signed-in' || signIn === 'ended')) {
      return { state: 'ok', detail: 'the agent has read or written its entry' };
    }
    const report = await runProbe(signal);
    const error = errorFromRecord(report['error']);
    if (error !== undefined) throw error;
    const kind = String(report['kind']);
    const detail = report['written'] === true ? 'an entry was written, read and deleted' : 'it answers';
    return { state: 'ok', detail: `${detail} (${kind})`, facts: { kind } };
  },
};

/** The next check reports an agent that can't be reached. */
async function agentStatus(context: DoctorContext): Promise<Partial<AgentStatus>> {
  try {
    return (await context.agentStatus()).status;
  } catch {
    return {};
  }
}

/** In another process, because a call that waits for a prompt can't be canceled and would keep this one alive. */
function runProbe(signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
  const { command, args } = selfCommand(['keystore-probe']);
  return new Promise((resolve, reject) => {
    const options = { timeout: PROBE_MS, killSignal: 'SIGKILL', signal, windowsHide: true } as const;
    const end = (): void => void child.kill('SIGKILL');
    const child = execFile(command, args, options, (error, stdout) => {
      process.off('exit', end);
      const report = parseObject(stdout);
      if (report !== undefined) return resolve(report);
      reject(new AppError('ERR_KEYSTORE_UNAVAILABLE', { detail: 'it gave no answer', cause: error }));
    });
    process.once('exit', end);
  });
}
