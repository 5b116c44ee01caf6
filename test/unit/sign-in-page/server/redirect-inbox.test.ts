import { expect, it } from 'vitest';
import { AppError } from '../../../../src/core/errors.ts';
import { RedirectInbox } from '../../../../src/sign-in-page/server/redirect-inbox.ts';

const query = (text: string): URLSearchParams => new URLSearchParams(text);

it('takes the redirect with its state once, and no other', async () => {
  const inbox = new RedirectInbox();
  expect(inbox.take(query('state=s&code=c'))).toBe(false);
  const arrived = inbox.expect('s', new AbortController().signal);
  expect(inbox.take(query('state=t&code=c'))).toBe(false);
  expect(inbox.take(query('state=s'))).toBe(false);
  expect(inbox.take(query('state=s&state=s&code=c'))).toBe(false);
  expect(inbox.take(query('state=s&code=c'))).toBe(true);
  expect(inbox.take(query('state=s&code=c'))).toBe(false);
  expect(await arrived).toEqual({ state: 's', code: 'c' });
});

it('gives up with the reason of the signal', async () => {
  const inbox = new RedirectInbox();
  const abort = new AbortController();
  const waiting = inbox.expect('s', abort.signal);
  abort.abort(new AppError('ERR_SIGN_IN_CODE_EXPIRED'));
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CODE_EXPIRED' });
  expect(inbox.take(query('state=s&code=c'))).toBe(false);
  await expect(inbox.expect('s', AbortSignal.abort())).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
  expect(inbox.take(query('state=s&code=c'))).toBe(false);
});

it('ends an earlier wait without disturbing the later one', async () => {
  const inbox = new RedirectInbox();
  const abort = new AbortController();
  const first = inbox.expect('s', abort.signal);
  const second = inbox.expect('t', new AbortController().signal);
  abort.abort();
  await expect(first).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
  expect(inbox.take(query('state=t&code=c'))).toBe(true);
  expect(await second).toMatchObject({ code: 'c' });
});
