import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { Outcome } from './check.ts';
import type { DoctorContext } from './context.ts';
import { proxyClause, proxyOf } from './route-text.ts';

/** Failures of the way to a server, as opposed to what the server does. */
const WAY_CODES: readonly unknown[] = ['ERR_NETWORK', 'ERR_NETWORK_DNS', 'ERR_NETWORK_TIMEOUT'];

/**
 * Adds to a failed direct connection where the server's name leads from here, and what keeps requests from a proxy.
 * Any other outcome is returned as it is.
 */
export async function aboutWay(context: DoctorContext, url: URL, outcome: Outcome): Promise<Outcome> {
  if (outcome.state !== 'fail' || !WAY_CODES.includes(outcome.facts?.['code'])) return outcome;
  const plan = await context.route(url);
  if (proxyOf(plan) !== undefined) return outcome;
  const address = await whereTo(url.hostname);
  return {
    ...outcome,
    detail: [outcome.detail, ...address.details].join('; '),
    remedy: [outcome.remedy, ...address.remedies, ...proxyClause(plan)].join('; '),
  };
}

/** Where a name leads, if it does, and what helps if the address itself may be what is wrong. */
async function whereTo(host: string): Promise<{ readonly details: string[]; readonly remedies: string[] }> {
  const addresses = isIP(host) === 0 ? await addressesOf(host) : [];
  const [first] = addresses;
  if (first === undefined) return { details: [], remedies: [] };
  if (addresses.every(isPrivate)) {
    const remedy =
      'connect to the network or VPN that this address belongs to; if this computer should use the public address, let the admin check DNS';
    return { details: [`its name leads to the private address ${first}`], remedies: [remedy] };
  }
  if (addresses.every((address) => isIP(address) === 6)) {
    const remedy = 'check that this network reaches IPv6 addresses, or have an IPv4 address added to the name';
    return { details: [`its name only has IPv6 addresses, such as ${first}`], remedies: [remedy] };
  }
  return { details: [`its name leads to ${first}`], remedies: [] };
}

async function addressesOf(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}

/** RFC 1918, RFC 6598, and RFC 4193. */
const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8, 'ipv4');
PRIVATE.addSubnet('172.16.0.0', 12, 'ipv4');
PRIVATE.addSubnet('192.168.0.0', 16, 'ipv4');
PRIVATE.addSubnet('100.64.0.0', 10, 'ipv4');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

const isPrivate = (address: string): boolean => PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
