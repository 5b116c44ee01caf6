import { describe, expect, it } from 'vitest';
import { withLastFailure } from '../../../src/agent/failing-requests.ts';
import { AppError, type ErrorCode } from '../../../src/core/errors.ts';
import type { Request } from '../../../src/ipc/protocol.ts';
import { type Channel, StepAside } from '../../../src/ipc/server.ts';
import { createState } from './support.ts';

const channel = {} as Channel;
const RESULT = { output: 'x' };
const helper = (context: 'background' | 'interactive'): Request => ({ method: 'helper-output', context, elapsedMs: 0 });

/** An agent whose answers a test scripts. */
function bench() {
  const state = createState();
  let answer: () => unknown = () => RESULT;
  const handle = withLastFailure(async () => (await answer()) as typeof RESULT, state);
  return {
    state,
    async ask(request: Request, next: () => unknown = () => RESULT): Promise<void> {
      answer = next;
      await handle(request, channel).catch(() => undefined);
    },
  };
}

const fail = (code: ErrorCode) => (): never => {
  throw new AppError(code, { detail: 'why' });
};

describe('the last failed request', () => {
  it.each<readonly [Request, object]>([
    [helper('background'), { client: 'claude-desktop', context: 'background' }],
    [
      { method: 'helper-output', context: 'background', elapsedMs: 0, claudeCode: { session: 's', ttlMs: 1 } },
      { client: 'claude-code' },
    ],
    [{ method: 'access-token' }, { client: 'token' }],
    [{ method: 'access-token', client: 'doctor' }, { client: 'doctor' }],
    [{ method: 'endpoint-token' }, { client: 'exec' }],
    [{ method: 'sign-in', openBrowser: true }, { client: 'login' }],
  ])('of %j says whose it was, when, and why', async (request, whose) => {
    const { state, ask } = bench();
    const before = Date.now();
    await ask(request, fail('ERR_NETWORK_DNS'));
    expect(state.lastFailure).toMatchObject({ ...whose, error: { code: 'ERR_NETWORK_DNS', detail: 'why' } });
    expect(state.lastFailure?.at).toBeGreaterThanOrEqual(before);
    expect(state.lastFailure?.at).toBeLessThanOrEqual(Date.now());
  });

  it('takes over the failure that was noted while it ran', async () => {
    const { state, ask } = bench();
    await ask(helper('background'), () => {
      state.noteFailure({ client: 'refresh-ahead' }, new AppError('ERR_SIGN_IN_ENDED'), 5);
      fail('ERR_SIGN_IN_ENDED')();
    });
    expect(state.lastFailure).toMatchObject({ at: 5, client: 'claude-desktop', context: 'background' });
  });

  it.each<ErrorCode>(['ERR_SIGN_IN_REQUIRED', 'ERR_SIGN_IN_ENDED', 'ERR_SIGN_IN_PENDING', 'ERR_API_KEY_MISSING'])(
    'stays the one before if %s only says how things are',
    async (code) => {
      const { state, ask } = bench();
      await ask({ method: 'sign-in', openBrowser: true }, fail('ERR_NETWORK_DNS'));
      const { lastFailure } = state;
      await ask(helper('background'), fail(code));
      expect(state.lastFailure).toBe(lastFailure);
    },
  );

  it("stays the user's if doctor meets it again", async () => {
    const { state, ask } = bench();
    await ask(helper('background'), fail('ERR_NETWORK_DNS'));
    const { lastFailure } = state;
    await ask({ method: 'access-token', client: 'doctor' }, () => {
      state.noteFailure({ client: 'refresh-ahead' }, new AppError('ERR_NETWORK_DNS'), 5);
      fail('ERR_NETWORK_DNS')();
    });
    expect(state.lastFailure).toBe(lastFailure);
  });

  it('is past once a request succeeds', async () => {
    const { state, ask } = bench();
    await ask(helper('background'), fail('ERR_CONFIG_MISSING'));
    await ask({ method: 'status' });
    expect(state.lastFailure).not.toHaveProperty('recoveredAt');
    await ask(helper('background'));
    expect(state.lastFailure).toHaveProperty('recoveredAt');
  });

  it("isn't past because a current token is handed out while refreshes fail", async () => {
    const { state, ask } = bench();
    state.noteFailure({ client: 'refresh-ahead' }, new AppError('ERR_NETWORK'), 5);
    await ask(helper('background'));
    expect(state.lastFailure).not.toHaveProperty('recoveredAt');
  });

  it('is neither one of another kind nor one that another agent answers', async () => {
    const { state, ask } = bench();
    await ask({ method: 'sign-out' }, fail('ERR_KEYSTORE_LOCKED'));
    await ask(helper('background'), () => {
      throw new StepAside();
    });
    expect(state.lastFailure).toBeUndefined();
  });
});
