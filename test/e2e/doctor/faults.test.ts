// One fault after the other, and what `doctor` says of each: one check fails, with the right cause, and every check that
// is skipped leads to it. Then the test carries out the remedy, and `doctor` finds nothing and leaves nothing open. The short form has one fault for each
// check; the long form has all of them, and prints the table.
import { afterAll, describe, expect, it } from 'vitest';
import { isLong } from '../../support/harness/long.ts';
import { signIn } from '../support.ts';
import { causeOf, type Diagnosis, doctorIn, inWorld, openQuestions, troubles } from './diagnosis.ts';
import { seededFaults } from './faults/all.ts';
import { desktopFaults } from './faults/desktop.ts';
import { foundryFaults } from './faults/foundry.ts';
import type { SeededFault } from './faults/row.ts';

const faults = isLong
  ? seededFaults
  : seededFaults.filter(({ check }, index) => index === seededFaults.findIndex((row) => row.check === check));

const rows = new Map<string, string>();
afterAll(() => {
  if (!isLong) return;
  const right = [...rows.values()].filter((row) => row.endsWith(RIGHT)).length;
  process.stdout.write(
    `\n${[...rows.values()].join('\n\n')}\n\n${seededFaults.length} faults seeded, ${right} named with the right cause and remedied, ${seededFaults.length - right} not\n`,
  );
});

const RIGHT = 'after the remedy: nothing found';

interface Course {
  readonly seeded: Diagnosis;
  /** After the remedy. */
  readonly repaired: Diagnosis | undefined;
}

/** The row's fault, the diagnosis, the remedy, and the diagnosis after it. */
async function runRow(row: SeededFault): Promise<Course> {
  return inWorld(row.world, async (world) => {
    if (row.signedIn !== false) expect(await signIn(world)).toMatchObject({ state: 'ok' });
    const seeded = await row.seed?.(world);
    try {
      const found = await doctorIn(world, seeded);
      if (row.repair === undefined) return { seeded: found, repaired: undefined };
      const repaired = await row.repair(world, seeded);
      return { seeded: found, repaired: await doctorIn(world, repaired ?? seeded) };
    } finally {
      await seeded?.close?.();
    }
  });
}

const named = (diagnosis: Diagnosis) => troubles(diagnosis).map(({ id, state }) => `${state} ${id}`);

/** Every check without an answer must have this one to thank for it. */
function expectOneCause(diagnosis: Diagnosis, cause: string): void {
  const skipped = diagnosis.checks.filter((finding) => finding.state === 'skip' && finding.notNeeded !== true);
  const causes = skipped.map((finding) => `${finding.id} for ${causeOf(diagnosis, finding)}`);
  expect(causes).toEqual(skipped.map(({ id }) => `${id} for ${cause}`));
}

describe.concurrent('doctor finds', () => {
  it.for(faults)('$fault', async (row, { skip }) => {
    if (row.runIf === false) skip();
    const { check, state = 'fail', cause, remedy, fault } = row;
    const { seeded, repaired } = await runRow(row);
    const [said] = troubles(seeded);
    const text = `${fault}\n  ${said?.state} ${said?.id}: ${said?.detail}\n  remedy: ${said && 'remedy' in said ? said.remedy : '-'}\n`;
    rows.set(fault, `${text}  WRONG`);
    expect(named(seeded)).toEqual([`${state} ${check}`]);
    expect(said?.detail).toMatch(cause);
    expect(said).toHaveProperty('remedy', expect.stringMatching(remedy));
    expect(seeded.ok).toBe(state === 'warn');
    expectOneCause(seeded, check);
    if (repaired === undefined) return;
    expect(troubles(repaired)).toEqual([]);
    expect(openQuestions(repaired)).toEqual([]);
    rows.set(fault, `${text}  ${RIGHT}`);
  });
});

it('every fault of Foundry and of Claude Desktop has its remedy carried out', () => {
  const without = [...foundryFaults, ...desktopFaults].filter(({ repair }) => repair === undefined);
  expect(without.map(({ fault }) => fault)).toEqual([]);
});
