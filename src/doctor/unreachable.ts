import { type ErrorCode, toAppError } from '../core/errors.ts';
import type { CalledAddress } from './called-address.ts';
import type { Outcome } from './check.ts';
import type { FailureOptions } from './failure.ts';

/** A failed connection to the server for messages. The error table's hints are about the sign-in service. */
export function unreachable(
  thrown: unknown,
  address: CalledAddress,
  { remedy, facts }: Pick<FailureOptions, 'remedy' | 'facts'> = {},
): Outcome {
  const { code, publicMessage, detail: where, hint } = toAppError(thrown);
  const { host } = address;
  const verb = code === 'ERR_NETWORK_REPLY' ? 'does not answer as Foundry or API Management does' : 'cannot be reached';
  return {
    state: 'fail',
    detail: `${host} ${verb}: ${where ?? publicMessage}`,
    remedy: remedy ?? REMEDIES[code]?.(address) ?? hint,
    facts: { host, code, ...facts },
  };
}

const allow = ({ host, setting }: CalledAddress): string =>
  `check ${setting}; allow ${/:\d+$/.test(host) ? host : `${host}:443`} in proxy and firewall`;

const REMEDIES: Partial<Record<ErrorCode, (address: CalledAddress) => string>> = {
  ERR_NETWORK: allow,
  ERR_NETWORK_PROXY: allow,
  ERR_NETWORK_DNS: ({ setting, via }) =>
    via === 'foundry'
      ? `check ${setting}; for a private endpoint connect to the VPN, and let the admin check the DNS zone privatelink.services.ai.azure.com`
      : `check ${setting}; if the gateway is in the company network, connect to the VPN`,
  ERR_NETWORK_REPLY: ({ setting }) =>
    `check ${setting}; in a public network sign in to it first; a firewall for web applications in front of the gateway must let these requests pass`,
};
