// What isn't a fault of names; faults/names.ts has the faults.
import { expect, it } from 'vitest';
import { canUnshareMounts } from '../../support/harness/mount-namespace.ts';
import { signIn } from '../support.ts';
import { doctorIn, inWorld, troubles } from './diagnosis.ts';
import { NOWHERE, ownNames } from './faults/names.ts';

it.runIf(canUnshareMounts)("an IPv6 address that leads nowhere isn't a trouble next to an IPv4 address", async () => {
  await inWorld(undefined, async (world) => {
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
    const network = await ownNames(world);
    try {
      const { foundry, entra } = network.right;
      network.lead({ foundry: [NOWHERE, ...foundry], entra: [NOWHERE, ...entra] });
      expect(troubles(await doctorIn(world, network))).toEqual([]);
    } finally {
      await network.close?.();
    }
  });
});
