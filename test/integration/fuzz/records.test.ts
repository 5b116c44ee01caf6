import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentState } from '../../../src/agent/tokens/agent-state.ts';
import { BackOff } from '../../../src/agent/tokens/back-off.ts';
import { RefreshTokenStore } from '../../../src/agent/tokens/refresh-token-store.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { AppError, errorCatalog } from '../../../src/core/errors.ts';
import { Secret } from '../../../src/core/secret.ts';
import { parseRecord, serializeEnded, serializeRecord } from '../../../src/entra/refresh-token-record.ts';
import { silentLog } from '../../../src/log/event-log.ts';
import { RememberedStore } from '../../../src/storage/remembered-store.ts';
import { secretFromBytes, secretToBytes } from '../../../src/storage/secret-bytes.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { withRefreshToken } from '../../support/fakes/fake-token-source.ts';
import { MemorySecretStore } from '../../support/fakes/memory-secret-store.ts';
import { check, json, jsonObject, TIMEOUT_MS, text } from './support.ts';

/** What Entra's replies are checked to be: printable ASCII without spaces. */
const filled = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).filter((value) => !value.includes(' '));
const record = fc.record({
  refreshToken: filled,
  homeAccountId: filled,
  localAccountId: filled,
  tenantId: filled,
  environment: filled,
  username: text,
});
const storedJson = jsonObject({
  v: fc.constantFrom(1, 1, 1, 2, 0, -1, 1.5),
  refreshToken: text,
  homeAccountId: text,
  localAccountId: text,
  tenantId: text,
  environment: text,
  username: text,
  ended: jsonObject({ code: fc.oneof(text, fc.constantFrom('ERR_SIGN_IN_ENDED', 'ERR_OF_LATER')), at: fc.double() }),
}).map((value) => JSON.stringify(value));
const code = fc.constantFrom(...(Object.keys(errorCatalog) as (keyof typeof errorCatalog)[]));

describe('the keystore record', { timeout: TIMEOUT_MS }, () => {
  it('is read back as it was written, through the bytes of the keystore', () =>
    check(
      fc.property(record, ({ refreshToken, ...account }) => {
        const bytes = secretToBytes(serializeRecord({ refreshToken: new Secret(refreshToken), ...account }));
        const read = parseRecord(secretFromBytes(bytes));
        if (read.kind !== 'active') throw new Error(read.kind);
        const { refreshToken: secret, ...rest } = withRefreshToken(read.record);
        expect({ refreshToken: secret.reveal(), ...rest }).toEqual({ refreshToken, ...account });
      }),
    ));

  it('of an ended sign-in too', () =>
    check(
      fc.property(text, code, fc.double({ noNaN: true, noDefaultInfinity: true }), (username, ended, at) => {
        const read = parseRecord(secretFromBytes(secretToBytes(serializeEnded({ username }, ended, at))));
        // JSON knows no -0.
        expect(read).toEqual({ kind: 'ended', account: { username }, code: ended, at: at + 0 });
      }),
    ));

  it('with any text is one of the four kinds, and an active one is complete', () =>
    check(
      fc.property(
        fc.oneof(
          text,
          json.map((value) => JSON.stringify(value)),
          storedJson,
        ),
        (content) => {
          const read = parseRecord(new Secret(content));
          expect(['active', 'ended', 'damaged', 'newer']).toContain(read.kind);
          if (read.kind === 'active') {
            expect(parseRecord(serializeRecord(read.record))).toEqual(read);
            const { username: _, ...ids } = read.record;
            for (const id of Object.values(ids)) expect(id instanceof Secret ? id.reveal() : id).toMatch(/^[!-~]+$/);
          }
          if (read.kind === 'ended') expect(Object.hasOwn(errorCatalog, read.code)).toBe(true);
          // No part of it can be printed by accident.
          if (read.kind === 'active') expect(JSON.stringify(read)).toContain('"refreshToken":"[redacted]"');
        },
      ),
    ));

  it('with any bytes is text or ERR_KEYSTORE_RECORD', () =>
    check(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          const before = Buffer.from(bytes);
          expect(secretToBytes(secretFromBytes(bytes))).toEqual(before);
        } catch (thrown) {
          expect(thrown instanceof AppError && thrown.code).toBe('ERR_KEYSTORE_RECORD');
        }
      }),
    ));

  it('is never changed by reading it, whatever it holds', () =>
    check(
      fc.asyncProperty(fc.oneof(text, storedJson), async (content) => {
        const store = new MemorySecretStore();
        await store.set('key', new Secret(content));
        const remembered = new RememberedStore(store, join(tmpdir(), 'no-such-folder', 'keystore.json'), systemClock);
        const records = new RefreshTokenStore(async () => remembered, 'key', silentLog, systemClock);
        await records.summary();
        await records.flush();
        expect((await store.get('key'))?.reveal()).toBe(content);
      }),
    ));
});

describe('the state file', { timeout: TIMEOUT_MS }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const identity = jsonObject({
    backOff: jsonObject({
      attempt: fc.double(),
      since: fc.double(),
      delayMs: fc.double(),
      serverAsked: fc.boolean(),
      error: jsonObject({ code: text }),
    }),
    lastGrantAt: fc.double(),
    lastAskedAt: fc.double(),
    username: text,
  });
  const file = jsonObject({
    version: fc.constant(1),
    identities: fc.dictionary(fc.oneof(fc.constant('tid/cid'), text), identity),
  }).map((value) => JSON.stringify(value));

  it('with any content is read or ignored, and keeps working', () =>
    check(
      fc.property(fc.oneof(text, file), fc.oneof(fc.constant('tid/cid'), text), text, (content, key, username) => {
        writeFileSync(join(folder, 'agent.json'), content, { mode: 0o600 });
        const state = new AgentState(folder, silentLog);
        const clock = new FakeClock();
        const backOff = new BackOff({ key: 'tid/cid', state, clock, random: Math.random });
        expect(backOff.remainingMs).toBeGreaterThanOrEqual(0);
        expect(backOff.remainingMs).toBeLessThanOrEqual(3_600_000);
        state.update(`x${key}`, { username, lastAskedAt: 1 });
        expect(new AgentState(folder, silentLog).get(`x${key}`)).toMatchObject({ username, lastAskedAt: 1 });
        expect(() => JSON.parse(readFileSync(join(folder, 'agent.json'), 'utf8')) as unknown).not.toThrow();
        expect(Object.hasOwn(Object.prototype, 'username')).toBe(false);
      }),
    ));
});
