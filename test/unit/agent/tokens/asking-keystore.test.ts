// A keystore that asks the user before each access (KeePassXC's default): how often the agent makes it ask, and that
// nothing is lost because the agent writes less.
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../src/core/errors.ts';
import { parseRecord, serializeRecord } from '../../../../src/entra/refresh-token-record.ts';
import { KeyringStore } from '../../../../src/storage/keyring-store.ts';
import { secretFromBytes, secretToBytes } from '../../../../src/storage/secret-bytes.ts';
import { FakeKeyring } from '../../../support/fakes/fake-keyring.ts';
import { fakeRecord, withRefreshToken } from '../../../support/fakes/fake-token-source.ts';
import { type Bench, createBench, KEY, MINUTE } from '../support.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A bench whose keystore already has an entry: of an earlier sign-in, made by another process. */
function askingBench(): { readonly keyring: FakeKeyring; readonly bench: Bench } {
  const keyring = new FakeKeyring();
  keyring.asksBeforeAccess = true;
  keyring.entries.set(KEY, secretToBytes(serializeRecord(fakeRecord('refresh-0'))));
  const { openEntry, listAccounts } = keyring;
  const bench = createBench(() => new KeyringStore({ kind: 'secret-service', openEntry, listAccounts }));
  keyring.onDialog = () => bench.clock.advance(5_000);
  return { keyring, bench };
}

/** Refreshes as in use: whenever the token is nearly over. */
async function use(bench: Bench, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50 * MINUTE) {
    bench.clock.advance(50 * MINUTE);
    await bench.refresher.get({ urgent: true });
  }
}

function storedToken(keyring: FakeKeyring): string | undefined {
  const bytes = keyring.entries.get(KEY);
  const stored = bytes && parseRecord(secretFromBytes(Buffer.from(bytes)));
  return stored?.kind === 'active' ? withRefreshToken(stored.record).refreshToken.reveal() : undefined;
}

describe.each(['allow', 'allow once'] as const)('a keystore that asks, and whose user answers "%s"', (answer) => {
  it('shows at most one dialog for a sign-in and one for a day of refreshes', async () => {
    const { keyring, bench } = askingBench();
    keyring.answers = answer;
    await bench.refresher.adopt(bench.source.grant());
    expect(keyring.dialogs).toBe(1);
    await use(bench, DAY);
    expect(bench.source.sent.length).toBeGreaterThan(24);
    expect(keyring.dialogs).toBeLessThanOrEqual(2);
  });

  it('shows at most one a day while the agent keeps running', async () => {
    const { keyring, bench } = askingBench();
    keyring.answers = answer;
    await use(bench, 10 * DAY);
    expect(keyring.dialogs).toBeLessThanOrEqual(10 + 1);
    expect(storedToken(keyring)).not.toBe('refresh-0');
  });

  it('shows one a day if the agent is restarted daily, and what it stores is never older than a week', async () => {
    const { keyring, bench } = askingBench();
    keyring.answers = answer;
    await bench.refresher.adopt(bench.source.grant());
    keyring.dialogs = 0;
    let storedAt = bench.clock.now();
    let stored = storedToken(keyring);
    for (let day = 1; day <= 21; day += 1) {
      bench.clock.advance(16 * HOUR);
      bench.restart();
      await use(bench, 8 * HOUR - 50 * MINUTE);
      if (storedToken(keyring) !== stored) storedAt = bench.clock.now();
      stored = storedToken(keyring);
      expect(bench.clock.now() - storedAt).toBeLessThan(8 * DAY);
      // "Allow once" covers the day's reading only, so the weekly write asks too.
      const weekly = answer === 'allow' ? 0 : Math.floor(day / 7);
      expect(keyring.dialogs).toBeLessThanOrEqual(day + weekly);
    }
  });
});

describe("a rotated refresh token that isn't stored yet", () => {
  it('may be lost with the process: the stored one still works', async () => {
    const { keyring, bench } = askingBench();
    await bench.refresher.adopt(bench.source.grant());
    await use(bench, 8 * HOUR);
    expect(storedToken(keyring)).toBe('refresh-1');
    bench.restart();
    await bench.refresher.get({ urgent: true });
    expect(bench.source.sent.at(-1)).toBe('refresh-1');
  });

  it('costs one new sign-in at most, if the provider revokes what it has rotated', async () => {
    const { bench } = askingBench();
    await bench.refresher.adopt(bench.source.grant());
    await use(bench, 2 * HOUR);
    bench.restart();
    bench.source.script.push(new AppError('ERR_SIGN_IN_ENDED'));
    await expect(bench.refresher.get({ urgent: true })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_ENDED' });
    await bench.refresher.adopt(bench.source.grant());
    bench.restart();
    expect((await bench.refresher.get({ urgent: true })).username).toBe('ada@contoso.example');
  });

  it("isn't written when the agent stops", async () => {
    const { keyring, bench } = askingBench();
    await bench.refresher.adopt(bench.source.grant());
    await use(bench, 2 * HOUR);
    keyring.calls.length = 0;
    await bench.refresher.stop();
    expect(keyring.calls).toEqual([]);
  });

  it('is offered once a day, not once a refresh, to a user who dismisses the dialog', async () => {
    const { keyring, bench } = askingBench();
    keyring.answers = 'allow once';
    await bench.refresher.get({ urgent: true });
    keyring.answers = 'dismiss';
    keyring.dialogs = 0;
    await use(bench, 3 * DAY);
    expect(keyring.dialogs).toBeLessThanOrEqual(3);
    expect(bench.records.unsaved).toBe(false);
  });
});
