import { type AppError, type ErrorCode, toAppError } from '../core/errors.ts';
import type { CalledAddress } from './called-address.ts';
import type { Outcome } from './check.ts';
import { EXCHANGE_MS } from './context.ts';
import type { FailureOptions } from './failure.ts';

/** A failed connection to the server for messages. The error table's hints are about the sign-in service. */
export function unreachable(
  thrown: unknown,
  address: CalledAddress,
  { remedy, facts }: Pick<FailureOptions, 'remedy' | 'facts'> = {},
): Outcome {
  const error = toAppError(thrown);
  const { code, hint } = error;
  const { host } = address;
  const verb = VERBS[code] ?? "can't be reached";
  const rest = reasonOf(error, host);
  return {
    state: 'fail',
    detail: rest === '' ? `${host} ${verb}` : `${host} ${verb}: ${rest}`,
    remedy: remedy ?? REMEDIES[code]?.(address) ?? hint,
    facts: { host, code, ...facts },
  };
}

/** For a check of the server. @returns the finding for an error of the network @throws any other error */
export const networkFault =
  ({ address }: { readonly address: CalledAddress }) =>
  (thrown: unknown): Outcome => {
    const error = toAppError(thrown);
    if (error.category !== 'network') throw error;
    return unreachable(error, address);
  };

const VERBS: Partial<Record<ErrorCode, string>> = {
  ERR_NETWORK_REPLY: "doesn't answer as Foundry or API Management does",
  ERR_NETWORK_TIMEOUT: `didn't answer within ${EXCHANGE_MS / 1000} s`,
};

/** Without the host that it begins with, which has been named already. */
function reasonOf({ category, publicMessage, detail }: AppError, host: string): string {
  // The messages about the network are about the sign-in service.
  if (detail === undefined) return category === 'network' ? '' : publicMessage;
  const name = host.replace(/:\d+$/, '');
  if (!detail.startsWith(name)) return detail;
  const rest = detail.slice(name.length).replace(/^(?::\d+)?\s*/, '');
  return rest.replace(/^\((.*)\)$/, '$1');
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
  ERR_NETWORK_TIMEOUT: () =>
    'check the network connection, the VPN, and the proxy; if other sites answer, the server has a fault: try again later',
  ERR_NETWORK_REPLY: ({ setting }) =>
    `check ${setting}; in a public network sign in to it first; a firewall for web applications in front of the gateway must let these requests pass`,
};
