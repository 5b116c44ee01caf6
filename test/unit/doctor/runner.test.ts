import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import type { Check, Outcome } from '../../../src/doctor/check.ts';
import { runChecks } from '../../../src/doctor/runner.ts';

type Ran = string[];

const check = (
  id: string,
  needs: readonly string[] = [],
  outcome: Outcome | (() => Outcome | Promise<Outcome>) = { state: 'ok', detail: 'fine' },
): Check<Ran> => ({
  id,
  title: `Check ${id}`,
  needs,
  run: (ran) => {
    ran.push(id);
    return typeof outcome === 'function' ? outcome() : outcome;
  },
});

const failing: Outcome = { state: 'fail', detail: 'broken', remedy: 'mend it' };

async function run(...checks: readonly Check<Ran>[]) {
  const ran: Ran = [];
  return { findings: await runChecks(checks, ran), ran };
}

describe('runChecks', () => {
  it('skips what needs a failed check and names the first cause, also at third hand', async () => {
    const { findings, ran } = await run(check('a', [], failing), check('b', ['a']), check('c', ['b']), check('d'));
    expect(ran).toEqual(['a', 'd']);
    expect(findings.map(({ id, state }) => `${id} ${state}`)).toEqual(['a fail', 'b skip', 'c skip', 'd ok']);
    expect(findings[2]).toMatchObject({ detail: '"Check a" failed', facts: { blockedBy: 'a' } });
  });

  it('continues behind a warning, and not behind a check that skipped itself', async () => {
    const warning: Outcome = { state: 'warn', detail: 'hm', remedy: 'look' };
    const { ran, findings } = await run(
      check('warned', [], warning),
      check('behind', ['warned']),
      check('unneeded', [], { state: 'skip', detail: 'not here' }),
      check('never', ['unneeded']),
    );
    expect(ran).toEqual(['warned', 'behind', 'unneeded']);
    expect(findings[3]).toMatchObject({ state: 'skip', detail: '"Check unneeded" was skipped' });
  });

  it('continues behind a check that no one needs', async () => {
    const unneeded: Outcome = { state: 'skip', detail: 'not needed', notNeeded: true };
    const { ran, findings } = await run(check('a', [], unneeded), check('b', ['a']));
    expect(ran).toEqual(['a', 'b']);
    expect(findings.map(({ state }) => state)).toEqual(['skip', 'ok']);
  });

  it('reports what is thrown, immediately or later, as a finding and continues', async () => {
    const { findings } = await run(
      check('now', [], () => {
        throw new AppError('ERR_NETWORK_DNS', { detail: 'host' });
      }),
      check('later', [], () => Promise.reject(new TypeError('secret text'))),
      check('after'),
    );
    expect(findings[0]).toMatchObject({ state: 'fail', facts: { code: 'ERR_NETWORK_DNS' } });
    expect(findings[0]).toHaveProperty('remedy', expect.stringContaining('DNS'));
    expect(findings[1]).toMatchObject({ state: 'fail', facts: { code: 'ERR_INTERNAL', cause: 'TypeError' } });
    expect(JSON.stringify(findings[1])).not.toContain('secret text');
    expect(findings[2]).toMatchObject({ state: 'ok' });
  });

  it("limits each check's time, and aborts it when that is over", async () => {
    let aborted = false;
    const stuck: Check<Ran> = {
      id: 'stuck',
      title: 'Stuck',
      deadlineMs: 30,
      run: async (_, signal) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        await sleep(60_000, undefined, { ref: false });
        return { state: 'ok', detail: 'too late' };
      },
    };
    const { findings, ran } = await run(stuck, check('after'));
    expect(findings[0]).toMatchObject({ state: 'fail', facts: { timedOut: true } });
    expect(aborted).toBe(true);
    expect(ran).toEqual(['after']);
  });

  it("reports each check as it starts and ends; a skipped one doesn't start", async () => {
    const seen: string[] = [];
    await runChecks([check('a', [], failing), check('b', ['a'])], [], {
      started: ({ id }) => void seen.push(`start ${id}`),
      finished: ({ id, state }) => void seen.push(`${state} ${id}`),
    });
    expect(seen).toEqual(['start a', 'fail a', 'skip b']);
  });
});
