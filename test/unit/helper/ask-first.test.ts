import { describe, expect, it, vi } from 'vitest';
import { askFirst, type Unfinished } from '../../../src/helper/ask-first.ts';
import { askForOutput } from '../../../src/helper/ask-for-output.ts';
import type { Connect, ConnectionEvents } from '../../../src/ipc/connection.ts';
import type { Outcome } from '../../../src/ipc/exchange.ts';

const line = (fields: object): string => `${JSON.stringify({ protocol: 1, version: '1', ...fields })}\n`;
const token = line({ result: { output: 'a-token' } });

/** An agent that answers by `peer`, and the helper's first question to it. */
function ask(peer: (events: ConnectionEvents) => void) {
  const seen = { written: [] as string[], closed: 0, later: (_chunk: string): void => undefined };
  const connect: Connect = (_path, events) => {
    seen.later = (chunk) => events.onData(Buffer.from(chunk));
    events.onConnect({
      write: (text) => {
        seen.written.push(text);
        setImmediate(() => peer(events));
      },
      close: () => {
        seen.closed += 1;
      },
    });
  };
  const outcome = new Promise<Outcome | Unfinished>((resolve) => askFirst(connect, 'path', 'background', resolve));
  return { outcome, seen };
}

const say =
  (...chunks: string[]) =>
  (events: ConnectionEvents): void => {
    for (const chunk of chunks) events.onData(Buffer.from(chunk));
  };

async function goOn(first: Outcome | Unfinished): Promise<Outcome> {
  if (first.kind !== 'unfinished') throw new Error(`it is finished: ${first.kind}`);
  return askForOutput(first.connect, { path: '' }, 'background');
}

describe('the first question', () => {
  it('is asked once, with the context, and answered by a token', async () => {
    const { outcome, seen } = ask(say(token));
    expect(await outcome).toEqual({ kind: 'result', result: { output: 'a-token' } });
    expect(seen.written.map((text) => JSON.parse(text))).toMatchObject([
      { protocol: 1, request: { method: 'helper-output', context: 'background', elapsedMs: expect.any(Number) } },
    ]);
  });

  it.each<[string, string[], object]>([
    ['a token in pieces', [token.slice(0, 9), token.slice(9)], { kind: 'result', result: { output: 'a-token' } }],
    ['progress before the token', [line({ waitMs: 5_000 }), token], { kind: 'result' }],
    ['both in one piece', [line({ waitMs: 5_000 }) + token], { kind: 'result' }],
    ['an error', [line({ error: { code: 'ERR_SIGN_IN_REQUIRED' } })], { kind: 'error' }],
    ['a result without a line', [line({ result: { output: '' } })], { kind: 'result', result: { output: '' } }],
    [
      'another protocol',
      [`${JSON.stringify({ protocol: 2, version: '9', result: {} })}\n`],
      { kind: 'other-protocol' },
    ],
    ['a newer program', [line({ steppingAside: true })], { kind: 'stepping-aside' }],
    ['no JSON', ['<html>\n'], { kind: 'malformed' }],
  ])('is handed over, and not asked again, for %s', async (_, chunks, expected) => {
    const { outcome, seen } = ask(say(...chunks.slice(0, 1)));
    const first = await outcome;
    const rest = goOn(first);
    // What comes after the first chunk reaches whoever took over.
    for (const chunk of chunks.slice(1)) seen.later(chunk);
    expect(await rest).toMatchObject(expected);
    expect(seen.written).toHaveLength(1);
  });

  it('ends at the deadline of its context, and closes the connection', async () => {
    vi.useFakeTimers({ toFake: ['setImmediate', 'setTimeout', 'clearTimeout'] });
    try {
      const { outcome, seen } = ask(() => undefined);
      await vi.advanceTimersByTimeAsync(30_000);
      expect(await outcome).toEqual({ kind: 'deadline' });
      expect(seen.closed).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('says that the agent hung up, or that nobody is there', async () => {
    expect(await ask((events) => events.onEnd()).outcome).toEqual({ kind: 'hung-up' });
    const failing = (code: string) =>
      new Promise<Outcome | Unfinished>((resolve) =>
        askFirst(
          (_path, events) => events.onFailure(Object.assign(new Error(code), { code })),
          'path',
          'background',
          resolve,
        ),
      );
    expect(await failing('ENOENT')).toEqual({ kind: 'no-agent' });
    expect(await failing('ECONNREFUSED')).toEqual({ kind: 'no-agent' });
    expect(await failing('EAGAIN')).toMatchObject({ kind: 'not-connected', cause: { code: 'EAGAIN' } });
  });
});
