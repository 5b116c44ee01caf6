import { createServer, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { alternateFamilies, connectFirst, connectTcp } from '../../../../src/entra/transport/connect-tcp.ts';
import { listen } from '../../../integration/transport/support.ts';
import { rejection, unusedPort } from '../support.ts';

describe('the order of the addresses', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['IPv6 is best', ['a::1', 'a::2', '1.1.1.1', '2.2.2.2'], ['a::1', '1.1.1.1', 'a::2', '2.2.2.2']],
    ['IPv4 is best', ['1.1.1.1', 'a::1', 'a::2', 'a::3'], ['1.1.1.1', 'a::1', 'a::2', 'a::3']],
    ['there is only IPv4', ['1.1.1.1', '2.2.2.2'], ['1.1.1.1', '2.2.2.2']],
    [
      'there are more of one family',
      ['a::1', '1.1.1.1', '2.2.2.2', '3.3.3.3'],
      ['a::1', '1.1.1.1', '2.2.2.2', '3.3.3.3'],
    ],
    ['there is none', [], []],
  ])('alternates the families if %s', (_, found, order) => {
    expect(alternateFamilies(found)).toEqual(order);
  });
});

describe('attempts to connect', () => {
  /** Sockets whose fate the test decides. */
  function race(count: number) {
    const started: Socket[] = [];
    const attempts = Array.from({ length: count }, () => () => {
      const socket = new Socket();
      started.push(socket);
      return socket;
    });
    const abort = new AbortController();
    return { started, abort, result: connectFirst(attempts, abort.signal) };
  }

  const failure = (code: string) => Object.assign(new Error(code), { code });

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('start one after another, and none ends an earlier one', async () => {
    const { started, result } = race(3);
    for (const count of [1, 2, 3]) {
      expect(started).toHaveLength(count);
      vi.advanceTimersByTime(249);
      expect(started).toHaveLength(count);
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(20_000);
    expect(started.map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
    started[0]?.emit('connect');
    expect(await result).toBe(started[0]);
    expect(started.map(({ destroyed }) => destroyed)).toEqual([false, true, true]);
  });

  it('start immediately after a failure', async () => {
    const { started, result } = race(2);
    started[0]?.emit('error', failure('ECONNREFUSED'));
    expect(started).toHaveLength(2);
    started[1]?.emit('connect');
    expect(await result).toBe(started[1]);
    // Nothing is left that could keep the process alive.
    expect(vi.getTimerCount()).toBe(0);
  });

  it('continue with those that are under way if the last one fails', async () => {
    const { started, result } = race(2);
    vi.advanceTimersByTime(250);
    started[1]?.emit('error', failure('ECONNREFUSED'));
    started[0]?.emit('connect');
    expect(await result).toBe(started[0]);
  });

  it.each([
    [['ENETUNREACH', 'ECONNREFUSED'], 'ECONNREFUSED'],
    [['ECONNREFUSED', 'ENETUNREACH'], 'ECONNREFUSED'],
    [['EHOSTUNREACH', 'ETIMEDOUT', 'ECONNRESET'], 'ETIMEDOUT'],
    [['ENETUNREACH', 'EHOSTUNREACH'], 'ENETUNREACH'],
  ])('all fail: %j is %s', async (codes, code) => {
    const { started, result } = race(codes.length);
    const rejected = rejection(result);
    codes.forEach((each, n) => void started[n]?.emit('error', failure(each)));
    expect(await rejected).toMatchObject({ code });
  });

  it('end when the signal aborts', async () => {
    const { started, abort, result } = race(3);
    const rejected = rejection(result);
    vi.advanceTimersByTime(250);
    abort.abort(failure('stop'));
    expect(await rejected).toMatchObject({ code: 'stop' });
    expect(started.map(({ destroyed }) => destroyed)).toEqual([true, true]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("don't start after the signal has aborted", async () => {
    const start = vi.fn(() => new Socket());
    expect(await rejection(connectFirst([start], AbortSignal.abort(failure('stop'))))).toMatchObject({ code: 'stop' });
    expect(start).not.toHaveBeenCalled();
  });

  it("are empty if there's no address", async () => {
    expect(await rejection(race(0).result)).toMatchObject({ code: 'ENOTFOUND' });
  });
});

describe('a host', () => {
  it('is reached at the address that answers', async () => {
    const server = createServer((socket) => socket.end());
    const port = await listen(server);
    onTestFinished(() => void server.close());
    const resolve = () => Promise.resolve(['::1', '127.0.0.2', '127.0.0.1']);
    const socket = await connectTcp({ host: 'a.example', port }, new AbortController().signal, resolve);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  it('that refuses is an error of the system', async () => {
    const resolve = () => Promise.resolve(['127.0.0.1']);
    const target = { host: 'a.example', port: await unusedPort() };
    expect(await rejection(connectTcp(target, new AbortController().signal, resolve))).toMatchObject({
      code: 'ECONNREFUSED',
    });
  });

  it("whose lookup hangs doesn't delay anyone who gives up", async () => {
    const abort = new AbortController();
    const rejected = rejection(
      connectTcp({ host: 'a.example', port: 1 }, abort.signal, () => new Promise(() => undefined)),
    );
    abort.abort();
    expect(await rejected).toMatchObject({ name: 'AbortError' });
  });
});
