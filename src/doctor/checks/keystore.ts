import { execFile } from 'node:child_process';
import { AppError, errorFromRecord } from '../../core/errors.ts';
import { selfCommand } from '../../platform/self-command.ts';
import type { Check } from '../check.ts';
import type { DoctorContext } from '../context.ts';

/** Each of the probe's calls has 10 s. */
const PROBE_MS = 45_000;

/** Writes, reads and deletes an entry of its own; the sign-in is not touched. */
export const keystoreCheck: Check<DoctorContext> = {
  id: 'keystore',
  title: 'Keystore',
  deadlineMs: PROBE_MS + 2_000,
  async run(_, signal) {
    const report = await runProbe(signal);
    const error = errorFromRecord(report['error']);
    if (error !== undefined) throw error;
    const kind = String(report['kind']);
    return { state: 'ok', detail: `an entry was written, read and deleted (${kind})`, facts: { kind } };
  },
};

/**
 * In a process of its own: a call to a keystore that waits for a prompt cannot be cancelled, and would keep this process
 * from ending.
 */
function runProbe(signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
  const { command, args } = selfCommand(['keystore-probe']);
  return new Promise((resolve, reject) => {
    const options = { timeout: PROBE_MS, killSignal: 'SIGKILL', signal, windowsHide: true } as const;
    execFile(command, args, options, (error, stdout) => {
      const report = parseReport(stdout);
      if (report !== undefined) return resolve(report);
      reject(new AppError('ERR_KEYSTORE_UNAVAILABLE', { detail: 'it gave no answer', cause: error }));
    });
  });
}

function parseReport(stdout: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const report: unknown = JSON.parse(stdout);
    return typeof report === 'object' && report !== null ? { ...report } : undefined;
  } catch {
    return undefined;
  }
}
