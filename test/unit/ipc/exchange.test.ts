import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../../src/ipc/client.ts';
import type { Connect, Connection, ConnectionEvents } from '../../../src/ipc/connection.ts';
import type { Outcome } from '../../../src/ipc/exchange.ts';

const status = { method: 'status' } as const;
const target = { path: 'anywhere' };

/** A connection that hands what it hears to `peer`, and counts how often it is closed. */
function connectionTo(peer: (text: string, events: ConnectionEvents) => void) {
  const seen = { closed: 0 };
  const connect: Connect = (_path, events) =>
    setImmediate(() =>
      events.onConnected({
        write: (text) => peer(text, events),
        close: () => {
          seen.closed += 1;
        },
      }),
    );
  return { connect, seen };
}

const line = (fields: object): Buffer => Buffer.from(`${JSON.stringify({ protocol: 1, version: '1', ...fields })}\n`);

describe('exchange', () => {
  it('gives the first answer, closes once and ignores what comes later', async () => {
    const { connect, seen } = connectionTo((_text, events) => {
      events.onData(Buffer.concat([line({ result: { first: true } }), line({ error: { code: 'ERR_INTERNAL' } })]));
      events.onEnd();
    });
    expect(await outcomeOf(connect, target, status)).toEqual({ kind: 'result', result: { first: true } });
    expect(seen.closed).toBe(1);
  });

  it('ends at its deadline while a pipe keeps it waiting, and closes one that is connected too late', async () => {
    let accept: ((connection: Connection) => void) | undefined;
    let closed = false;
    const connect: Connect = (_path, events) => {
      accept = events.onConnected;
    };
    const pipe = { path: 'anywhere', key: Buffer.alloc(32) };
    expect(await outcomeOf(connect, pipe, status, { deadlineMs: 20 })).toEqual({ kind: 'deadline' });
    accept?.({
      write: () => {
        throw new Error('written after the deadline');
      },
      close: () => {
        closed = true;
      },
    });
    expect(closed).toBe(true);
  });

  it('asks nothing for somebody who has given up before', async () => {
    const connect: Connect = () => {
      throw new Error('connected');
    };
    expect(await outcomeOf(connect, target, status, { signal: AbortSignal.abort() })).toEqual({ kind: 'aborted' });
  });

  it('closes when somebody gives up, and stays silent after', async () => {
    const giveUp = new AbortController();
    const { connect, seen } = connectionTo((_text, events) => {
      giveUp.abort();
      events.onEnd();
    });
    expect(await outcomeOf(connect, target, status, { signal: giveUp.signal })).toEqual({ kind: 'aborted' });
    expect(seen.closed).toBe(1);
  });

  it.each<[string, string, Outcome['kind']]>([
    ['no such socket', 'ENOENT', 'no-agent'],
    ['a socket that a dead agent left', 'ECONNREFUSED', 'no-agent'],
    ['a full queue', 'EAGAIN', 'not-connected'],
    ['a socket that is not to be opened', 'EACCES', 'not-connected'],
  ])('tells %s', async (_name, code, kind) => {
    const connect: Connect = (_path, events) => setImmediate(events.onFailed, Object.assign(new Error(code), { code }));
    expect(await outcomeOf(connect, target, status)).toMatchObject({ kind });
  });

  it("gives what the caller's own onProgress threw, as it is", async () => {
    const fault = new Error('a fault of the caller');
    const { connect } = connectionTo((_text, events) => events.onData(line({ progress: { state: 'starting' } })));
    const onProgress = (): void => {
      throw fault;
    };
    expect(await outcomeOf(connect, target, status, { onProgress })).toEqual({ kind: 'threw', cause: fault });
  });
});
