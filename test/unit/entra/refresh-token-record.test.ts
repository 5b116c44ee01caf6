import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { parseRecord, serializeEnded, serializeRecord } from '../../../src/entra/refresh-token-record.ts';
import type { RefreshTokenRecord } from '../../../src/entra/token-source.ts';
import { withRefreshToken } from '../../support/fakes/fake-token-source.ts';

const record: RefreshTokenRecord = {
  refreshToken: new Secret(`1.${'A'.repeat(1300)}`),
  homeAccountId: '00000000-0000-4000-8000-000000000001.00000000-0000-4000-8000-000000000002',
  localAccountId: '00000000-0000-4000-8000-000000000001',
  tenantId: '00000000-0000-4000-8000-000000000002',
  subject: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
  environment: 'login.windows.net',
  username: 'zoë@contoso.com',
};

describe('the stored record', () => {
  it('comes back as it was, in 1-2 KB', () => {
    const stored = serializeRecord(record);
    const bytes = Buffer.byteLength(stored.reveal());
    expect(bytes).toBeGreaterThan(1024);
    expect(bytes).toBeLessThan(2048);
    const parsed = parseRecord(stored);
    if (parsed.kind !== 'active') throw new Error(parsed.kind);
    const { refreshToken, ...rest } = withRefreshToken(parsed.record);
    expect(refreshToken.reveal()).toBe(record.refreshToken.reveal());
    expect({ ...rest, refreshToken: record.refreshToken }).toEqual(record);
  });

  it('may be of an earlier version, without a subject', () => {
    const { subject, ...old } = record;
    expect(subject).toBeDefined();
    expect(parseRecord(serializeRecord(old))).toEqual({ kind: 'active', record: old });
  });

  it('keeps account, reason and time of an ended sign-in, without any token', () => {
    const stored = serializeEnded({ username: 'zoë@contoso.com' }, 'ERR_DEVICE_CODE_BLOCKED', 1_790_000_000_000);
    expect(stored.reveal()).not.toContain('refreshToken');
    expect(parseRecord(stored)).toEqual({
      kind: 'ended',
      account: { username: 'zoë@contoso.com' },
      code: 'ERR_DEVICE_CODE_BLOCKED',
      at: 1_790_000_000_000,
    });
  });

  it('keeps what Entra said when a sign-in ended', () => {
    const cause = { detail: 'AADSTS50173', reason: 'the password was changed', correlationId: 'c-9' };
    expect(parseRecord(serializeEnded({ username: 'a@b' }, 'ERR_SIGN_IN_ENDED', 5, cause))).toEqual({
      kind: 'ended',
      account: { username: 'a@b' },
      code: 'ERR_SIGN_IN_ENDED',
      at: 5,
      ...cause,
    });
    const odd = new Secret(
      '{"v":1,"ended":{"code":"ERR_SIGN_IN_ENDED","at":5,"detail":7,"reason":{}},"username":"a@b"}',
    );
    expect(parseRecord(odd)).toEqual({ kind: 'ended', account: { username: 'a@b' }, code: 'ERR_SIGN_IN_ENDED', at: 5 });
  });

  it('treats an unknown reason as the end of the sign-in', () => {
    const stored = new Secret('{"v":1,"ended":{"code":"ERR_OF_TOMORROW","at":5},"username":"a@b"}');
    expect(parseRecord(stored)).toMatchObject({ kind: 'ended', code: 'ERR_SIGN_IN_ENDED' });
  });

  it('recognizes a newer version', () => {
    expect(parseRecord(new Secret('{"v":3,"anything":[]}'))).toEqual({ kind: 'newer' });
  });

  const whole = serializeRecord(record).reveal();
  it.each([
    ['cut off', whole.slice(0, 700)],
    ['empty', ''],
    ['not JSON', 'not json'],
    ['an array', '[1]'],
    ['null', 'null'],
    ['without a version', whole.replace('"v":1,', '')],
    ['of version 0', whole.replace('"v":1', '"v":0')],
    ['with an empty token', whole.replace(record.refreshToken.reveal(), '')],
    ['with a line break in its token', whole.replace('"1.', '"1.\\n')],
    ['with an escape sequence in its tenant', whole.replace('"tenantId":"', '"tenantId":"\\u001b[2J')],
    ['without a tenant', whole.replace('tenantId', 'tenant')],
    ['with a number for a token', '{"v":1,"refreshToken":5}'],
    ['ended without a time', '{"v":1,"ended":{"code":"ERR_SIGN_IN_ENDED"},"username":"a@b"}'],
  ])('is damaged when %s', (_, text) => {
    expect(parseRecord(new Secret(text))).toEqual({ kind: 'damaged' });
  });
});

describe("the record of the system's broker", () => {
  const { refreshToken: _, ...account } = record;
  const broker = { brokerAccountId: 'a1b2', ...account };

  it("comes back as it was, and isn't understood by versions that know refresh tokens only", () => {
    const stored = serializeRecord(broker);
    expect(parseRecord(stored)).toEqual({ kind: 'active', record: broker });
    expect(JSON.parse(stored.reveal())).toMatchObject({ v: 2 });
    expect(stored.reveal()).not.toContain('refreshToken');
  });

  it('is damaged without the name that the broker gave the account', () => {
    const { brokerAccountId: __, ...rest } = JSON.parse(serializeRecord(broker).reveal()) as typeof broker;
    expect(parseRecord(new Secret(JSON.stringify(rest)))).toEqual({ kind: 'damaged' });
  });
});
