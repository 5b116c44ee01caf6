// Names that lead elsewhere than they should. Doctor and the agent that it starts see their own hosts file, and
// reach both servers directly, each at port 443 of a loopback address.
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { canUnshareMounts, seeing } from '../../../support/harness/mount-namespace.ts';
import type { World } from '../../../support/harness/world.ts';
import { listenForwarding } from '../../../support/servers/forwarder.ts';
import { killAgent } from '../../support.ts';
import { configure, type Seeded, type SeededFault } from './row.ts';
import { SIGN_IN_HOST } from './seeds.ts';

/** If nothing answers: an address for documentation (RFC 3849), and one of a private network (RFC 4193). */
export const [NOWHERE, PRIVATE] = ['2001:db8::1', 'fd12:3456:789a::1'] as const;

export interface Addresses {
  readonly foundry: readonly string[];
  readonly entra: readonly string[];
}

export interface Network extends Seeded {
  /** Where the servers answer. */
  readonly right: Addresses;
  /** The names have these addresses from now on, also for an agent that runs. */
  lead(addresses: Addresses): void;
}

/** In the beginning, the names lead to the servers, and no agent runs. */
export async function ownNames(world: World): Promise<Network> {
  await killAgent(world.env);
  configure({ proxy: 'none' })(world);
  const hosts = join(world.sandbox.root, 'hosts');
  const lead = ({ foundry, entra }: Addresses): void => {
    const lines = [
      '127.0.0.1 localhost',
      ...foundry.map((address) => `${address} ${world.foundry.host}`),
      ...entra.map((address) => `${address} ${SIGN_IN_HOST}`),
    ];
    writeFileSync(hosts, `${lines.join('\n')}\n`);
  };
  const servers = [await listenAt443(world.foundry.port), await listenAt443(world.entra.port)];
  const [foundry = [], entra = []] = servers.map(({ address }) => [address]);
  lead({ foundry, entra });
  return {
    right: { foundry, entra },
    lead,
    seenBy: (command) => [...seeing(hosts, '/etc/hosts'), ...command],
    close: async () => {
      for (const { server } of servers) server.close();
    },
  };
}

/** Leads to this port of 127.0.0.1. */
async function listenAt443(port: number): Promise<{ readonly address: string; readonly server: Server }> {
  // Other runs of the tests have other addresses.
  const address = `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(1, 255)}`;
  return { address, server: await listenForwarding(port, 443, address) };
}

const networks = new WeakMap<World, Network>();

const leadingTo = (
  wrong: (right: Addresses) => Partial<Addresses>,
  row: Pick<SeededFault, 'fault' | 'check' | 'cause' | 'remedy'>,
): SeededFault => ({
  ...row,
  runIf: canUnshareMounts,
  seed: async (world) => {
    const network = await ownNames(world);
    networks.set(world, network);
    network.lead({ ...network.right, ...wrong(network.right) });
    return network;
  },
  // The VPN or the admin of DNS lets the name lead where it should.
  repair: (world) => {
    const network = networks.get(world);
    network?.lead(network.right);
    return undefined;
  },
});

export const nameFaults: readonly SeededFault[] = [
  leadingTo(() => ({ foundry: [] }), {
    fault: 'the Foundry host has no address here',
    check: 'foundry-endpoint',
    cause: /^contoso-foundry\.services\.ai\.azure\.com can(?:no|')t be reached.*(?:ENOTFOUND|EAI_AGAIN)/,
    remedy: /for a private endpoint connect to the VPN.*privatelink\.services\.ai\.azure\.com/,
  }),
  leadingTo(() => ({ foundry: [PRIVATE] }), {
    fault: 'the Foundry host has a private address that nothing leads to',
    check: 'foundry-endpoint',
    cause: /; its name leads to the private address fd12:3456:789a::1$/,
    remedy: /connect to the network or VPN that this address belongs to/,
  }),
  leadingTo(() => ({ foundry: [NOWHERE] }), {
    fault: 'the Foundry host only has an IPv6 address, and IPv6 leads nowhere',
    check: 'foundry-endpoint',
    cause: /; its name only has IPv6 addresses, such as 2001:db8::1$/,
    remedy: /have an IPv4 address added to the name/,
  }),
  leadingTo(({ entra }) => ({ foundry: entra }), {
    fault: "the Foundry host has another server's address",
    check: 'foundry-endpoint',
    cause: /its certificate is for another host/,
    remedy: /check DNS/,
  }),
  leadingTo(() => ({ entra: [PRIVATE] }), {
    fault: 'the sign-in host has a private address that nothing leads to',
    check: 'tls',
    cause: /; its name leads to the private address fd12:3456:789a::1$/,
    remedy: /connect to the network or VPN that this address belongs to/,
  }),
];
