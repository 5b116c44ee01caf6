import { parseObject } from '../core/json.ts';
import { type CallerSession, callerSession } from '../platform/caller-session.ts';

/** What the agent wants of its child. */
export interface DiagnosisRequest {
  readonly key: string;
  readonly live: boolean;
  readonly session: CallerSession | undefined;
}

/**
 * The agent's request, one line. Ends this process as soon as the input closes, whatever it does then: the agent has
 * ended, or no longer wants an answer.
 */
export function readDiagnosisRequest(input: NodeJS.ReadStream): Promise<DiagnosisRequest> {
  input.on('end', () => process.exit(1));
  return new Promise((resolve) => {
    let text = '';
    input.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const [line, rest] = text.split('\n', 2);
      if (rest === undefined) return;
      const { key, live, session } = parseObject(line ?? '') ?? {};
      const isSession = typeof session === 'object' && session !== null;
      resolve({
        key: String(key),
        live: live === true,
        session: isSession ? callerSession({ ...session }) : undefined,
      });
    });
  });
}
