import { describe, expect, it } from 'vitest';
import {
  afterRefresh,
  afterSignIn,
  afterTooOld,
  foreseenEnd,
  isTimeToTell,
  isTold,
} from '../../../../src/agent/tokens/sign-in-life.ts';
import type { CredentialState } from '../../../../src/agent/tokens/state-file.ts';
import { AppError } from '../../../../src/core/errors.ts';
import type { TokenGrant } from '../../../../src/entra/token-source.ts';
import { FakeTokenSource, fakeRecord } from '../../../support/fakes/fake-token-source.ts';
import { createBench, KEY, signedIn } from '../support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday at 9:00, by this computer's clock. */
const MONDAY = new Date(2026, 10, 23, 9).getTime();

const grant = (change: Partial<TokenGrant> = {}): TokenGrant => ({ ...new FakeTokenSource().grant(), ...change });

/** A credential's state as the agent keeps it, and the clock. */
class Life {
  state: CredentialState = {};
  now = MONDAY;

  signIn(change: Partial<TokenGrant> = {}): this {
    this.state = {
      ...this.state,
      ...afterSignIn(this.state, grant(change), this.now),
      lastGrantAt: this.now,
    } as CredentialState;
    return this;
  }

  refreshAfter(ms: number, change: Partial<TokenGrant> = {}): this {
    this.now += ms;
    this.state = {
      ...this.state,
      ...afterRefresh(this.state, grant(change), this.now),
      lastGrantAt: this.now,
    } as CredentialState;
    return this;
  }

  tooOldAfter(ms: number): this {
    this.now += ms;
    this.state = { ...this.state, ...afterTooOld(this.state, this.now) } as CredentialState;
    return this;
  }

  /** The milliseconds from the last sign-in to its end. */
  get expectedMs(): number | undefined {
    const end = foreseenEnd(this.state);
    return end === undefined ? undefined : end.at - (this.state.signedInAt ?? 0);
  }
}

describe('how long a sign-in lasts', () => {
  it("isn't known before one has ended", () => {
    expect(new Life().signIn().refreshAfter(30 * DAY).expectedMs).toBeUndefined();
  });

  it.each([
    ['12 hours', 12 * HOUR, 40 * MINUTE],
    ['a day', DAY, 50 * MINUTE],
    ['a week', 7 * DAY, HOUR],
    ['90 days', 90 * DAY, 7 * HOUR],
  ])('is known from the first end: %s', (_, frequency, late) => {
    const life = new Life()
      .signIn()
      .refreshAfter(frequency - 20 * MINUTE)
      .tooOldAfter(20 * MINUTE + late)
      .signIn();
    expect(life.expectedMs).toBe(frequency);
    expect(foreseenEnd(life.state)?.reason).toBe('policy');
  });

  it('is known after a weekend too, when the end is only noticed on Monday', () => {
    const life = new Life()
      .signIn()
      .refreshAfter(4 * DAY + 8 * HOUR)
      .tooOldAfter(2 * DAY + 17 * HOUR)
      .signIn();
    expect(life.expectedMs).toBe(7 * DAY);
  });

  it("isn't guessed if the computer was off for most of it", () => {
    expect(
      new Life()
        .signIn()
        .refreshAfter(7 * HOUR)
        .tooOldAfter(17 * HOUR)
        .signIn().expectedMs,
    ).toBeUndefined();
  });

  it('is narrowed down by the next end', () => {
    const life = new Life()
      .signIn()
      .refreshAfter(10 * DAY)
      .tooOldAfter(15 * DAY)
      .signIn();
    expect(life.expectedMs).toBeUndefined();
    life
      .refreshAfter(14 * DAY - HOUR)
      .tooOldAfter(2 * HOUR)
      .signIn();
    expect(life.expectedMs).toBe(14 * DAY);
  });

  it('is forgotten when a sign-in lasts longer, and found anew when one ends sooner', () => {
    const life = new Life()
      .signIn()
      .refreshAfter(DAY - HOUR)
      .tooOldAfter(2 * HOUR)
      .signIn();
    expect(life.expectedMs).toBe(DAY);
    life.refreshAfter(26 * HOUR);
    expect(life.expectedMs).toBeUndefined();
    life
      .refreshAfter(6 * DAY - 3 * HOUR)
      .tooOldAfter(2 * HOUR)
      .signIn();
    expect(life.expectedMs).toBe(7 * DAY);
    life
      .refreshAfter(11 * HOUR)
      .tooOldAfter(90 * MINUTE)
      .signIn();
    expect(life.expectedMs).toBe(12 * HOUR);
  });

  it('counts from when the user proved who they are, if Entra says so', () => {
    const life = new Life().signIn({ authenticatedAt: MONDAY - 3 * HOUR });
    expect(life.state.signedInAt).toBe(MONDAY - 3 * HOUR);
    life
      .refreshAfter(9 * HOUR - MINUTE)
      .tooOldAfter(30 * MINUTE)
      .signIn({ authenticatedAt: life.now + DAY });
    expect(life.expectedMs).toBe(12 * HOUR);
    // A time that can't be is ignored.
    expect(life.state.signedInAt).toBe(life.now);
  });

  it("isn't guessed if the system's broker signed someone in, who may have proved that long before", () => {
    const { refreshToken: _, ...account } = fakeRecord('refresh-1');
    const record = { ...account, brokerAccountId: 'account-1' };
    const life = new Life()
      .signIn({ record })
      .refreshAfter(DAY - HOUR, { record })
      .tooOldAfter(2 * HOUR)
      .signIn({ record });
    expect([life.state.signedInAt, life.expectedMs]).toEqual([undefined, undefined]);
    life.signIn({ record, authenticatedAt: MONDAY });
    expect(life.state.signedInAt).toBe(MONDAY);
  });
});

describe('an end that Entra reports', () => {
  const password = { at: MONDAY + 5 * DAY, reason: 'password' } as const;

  it('is known immediately if it is that of the password, and gone when a reply no longer has it', () => {
    const life = new Life().signIn({ endsAt: password });
    expect(foreseenEnd(life.state)).toEqual(password);
    expect(foreseenEnd(life.refreshAfter(HOUR).state)).toBeUndefined();
  });

  it("counts for a refresh token only if a refresh doesn't move it", () => {
    const at = MONDAY + DAY;
    const life = new Life().signIn({ endsAt: { at, reason: 'session' } });
    expect(foreseenEnd(life.state)).toBeUndefined();
    life.refreshAfter(HOUR, { endsAt: { at: at + 1_000, reason: 'session' } });
    expect(foreseenEnd(life.state)).toEqual({ at: at + 1_000, reason: 'session' });
    life.refreshAfter(HOUR, { endsAt: { at: at + HOUR, reason: 'session' } });
    expect(foreseenEnd(life.state)).toBeUndefined();
  });

  it('comes before a later one that is expected', () => {
    const life = new Life()
      .signIn()
      .refreshAfter(7 * DAY - HOUR)
      .tooOldAfter(HOUR)
      .signIn({ endsAt: password });
    expect(foreseenEnd(life.state)).toEqual(password);
  });
});

describe('the time to tell', () => {
  const tell = (lifeMs: number, leftMs: number, now = MONDAY + 2 * DAY) =>
    isTimeToTell({ at: now + leftMs, reason: 'policy' }, { signedInAt: now + leftMs - lifeMs }, now);

  it.each([
    ['a week: a day ahead', 7 * DAY, DAY],
    ['two days: a day ahead', 2 * DAY, DAY],
    ['a day: in its last quarter', DAY, 6 * HOUR],
    ['eight hours: in its last quarter', 8 * HOUR, 2 * HOUR],
  ])('of a sign-in that lasts %s', (_, lifeMs, leftMs) => {
    expect(tell(lifeMs, leftMs + 1)).toBe(false);
    expect(tell(lifeMs, leftMs)).toBe(true);
    expect(tell(lifeMs, 1)).toBe(true);
    expect(tell(lifeMs, 0)).toBe(false);
  });

  it('never comes for one that lasts less than four hours', () => {
    expect(tell(3 * HOUR, 10 * MINUTE)).toBe(false);
  });

  it('is Friday for what ends on the weekend or on Monday', () => {
    const friday = MONDAY + 4 * DAY;
    for (const ahead of [DAY + HOUR, 2 * DAY, 3 * DAY, 3 * DAY + 9 * HOUR]) {
      expect(tell(14 * DAY, ahead, friday)).toBe(true);
      expect(tell(14 * DAY, ahead, friday - DAY)).toBe(false);
    }
    expect(tell(14 * DAY, 4 * DAY, friday)).toBe(false);
  });

  it('is a day ahead for a password, no matter when someone signed in', () => {
    const end = { at: MONDAY + DAY, reason: 'password' } as const;
    expect(isTimeToTell(end, { signedInAt: MONDAY - MINUTE }, MONDAY)).toBe(true);
  });

  it('comes once for each end', () => {
    const end = { at: MONDAY + DAY, reason: 'policy' } as const;
    expect(isTold(end, {})).toBe(false);
    expect(isTold(end, { endTold: { at: end.at + HOUR, reason: 'policy' } })).toBe(true);
    expect(isTold(end, { endTold: { at: end.at, reason: 'password' } })).toBe(false);
    expect(isTold(end, { endTold: { at: end.at - 2 * DAY, reason: 'policy' } })).toBe(false);
  });
});

describe('the refresher', () => {
  it('keeps how long a sign-in lasted that Entra ended because of its age, until someone signs out', async () => {
    const bench = await signedIn(createBench());
    await bench.refresher.adopt(bench.source.grant());
    for (let hour = 1; hour < 24; hour += 1) {
      bench.clock.advance(HOUR);
      await bench.refresher.refresh({ urgent: true });
    }
    bench.clock.advance(HOUR + MINUTE);
    bench.source.script.push(new AppError('ERR_SIGN_IN_ENDED', { detail: 'AADSTS70043' }));
    await expect(bench.refresher.refresh({ urgent: true })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_ENDED' });
    bench.restart();
    await bench.refresher.adopt(bench.source.grant());
    expect(bench.refresher.foreseenEnd).toEqual({ at: bench.clock.now() + DAY, reason: 'policy' });
    await bench.refresher.forget();
    expect(bench.refresher.foreseenEnd).toBeUndefined();
  });

  it('notes nothing about a sign-in that was revoked', async () => {
    const bench = await signedIn(createBench());
    await bench.refresher.adopt(bench.source.grant());
    bench.clock.advance(DAY);
    bench.source.script.push(new AppError('ERR_SIGN_IN_ENDED', { detail: 'AADSTS50173' }));
    await expect(bench.refresher.refresh({ urgent: true })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_ENDED' });
    expect(bench.state.get(KEY)).not.toHaveProperty('life');
  });
});
