// The first question of a helper's run, in a straight line: one connection, one frame each way. Nearly every run ends
// with it. It knows the one answer that is a token; what else comes goes on in `exchange`, over the same connection.
import type { Connect, Connection, ConnectionEvents } from '../ipc/connection.ts';
import { encodeRequest, isNobodyThere, type Outcome } from '../ipc/exchange.ts';
import { HELPER_DEADLINES_MS, type HelperContext, PROTOCOL_VERSION } from '../ipc/protocol.ts';
import { outputIn, processAgeMs } from './ask-for-output.ts';

/** The agent has said something else than a token, or not all of it: `connect` takes the conversation over. */
export interface Unfinished {
  readonly kind: 'unfinished';
  readonly connect: Connect;
}

const NEWLINE = 0x0a;

/** Like `askForOutput`, where nothing has to be proved before; gives its outcome, or the conversation, once. */
export function askFirst(
  connect: Connect,
  path: string,
  context: HelperContext,
  done: (first: Outcome | Unfinished) => void,
): void {
  let isDone = false;
  let connection: Connection | undefined;
  let successor: ConnectionEvents | undefined;
  const finish = (first: Outcome | Unfinished): void => {
    if (isDone) return;
    isDone = true;
    done(first);
  };
  connect(path, {
    onConnect(made) {
      connection = made;
      if (isDone) made.close();
      else made.write(encodeRequest({ method: 'helper-output', context, elapsedMs: processAgeMs() }));
    },
    onFailure: (cause) => finish(isNobodyThere(cause) ? { kind: 'no-agent' } : { kind: 'not-connected', cause }),
    onData(chunk) {
      if (successor !== undefined) {
        successor.onData(chunk);
        return;
      }
      const result = tokenIn(chunk);
      finish(result === undefined ? { kind: 'unfinished', connect: handOver(chunk) } : { kind: 'result', result });
    },
    onEnd() {
      if (successor === undefined) finish({ kind: 'hung-up' });
      else successor.onEnd();
    },
  });
  // Not earlier: when this comes round, the agent is at work already.
  setImmediate(() => {
    if (isDone) return;
    const end = (): void => {
      if (isDone) return;
      connection?.close();
      finish({ kind: 'deadline' });
    };
    // Without `unref` a conversation that was handed over would keep the process up to this deadline.
    setTimeout(end, Math.max(0, HELPER_DEADLINES_MS[context] - processAgeMs())).unref();
  });

  /** The question has been asked, so the successor's own is not sent; what has come is told again. */
  function handOver(chunk: Buffer): Connect {
    return (_path, events) => {
      successor = events;
      events.onConnect({ write: () => undefined, close: () => connection?.close() });
      events.onData(chunk);
    };
  }
}

/** The result in a chunk that is just one frame with a line for Claude Desktop; else undefined. */
function tokenIn(chunk: Buffer): unknown {
  if (chunk[chunk.length - 1] !== NEWLINE) return undefined;
  try {
    const { protocol, version, result } = JSON.parse(chunk.toString()) as Record<string, unknown>;
    const isKnown = protocol === PROTOCOL_VERSION && version !== undefined;
    return isKnown && outputIn(result) !== undefined ? result : undefined;
  } catch {
    return undefined;
  }
}
