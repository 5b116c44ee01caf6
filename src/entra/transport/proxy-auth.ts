import type { AppError } from '../../core/errors.ts';
import type { Route } from '../../core/route.ts';
import { TunnelRefusal } from './proxy-tunnel.ts';

/** Schemes that sign in with the user's Windows account (RFC 4559), as proxies name them. */
const WINDOWS_SCHEMES: Readonly<Record<string, string>> = {
  negotiate: 'Negotiate',
  ntlm: 'NTLM',
  kerberos: 'Kerberos',
};

/** What Claude Desktop's documentation advises too: the app has no proxy sign-in either. */
const RELAY =
  'run a relay that signs in to the proxy, such as Cntlm or Px, and set "proxy" to it, or exempt the sign-in host from proxy authentication';

export interface ProxyAuthFault {
  /** More about a 407, as a clause. */
  readonly reason: string;
  readonly remedy: string;
}

/** Why a proxy answered 407; `undefined` if it only wants credentials that no one gave, or for another error. */
export function proxyAuthFault(error: AppError, { proxy }: Route): ProxyAuthFault | undefined {
  const { code, cause } = error;
  if (code !== 'ERR_NETWORK_PROXY_AUTH' || !(cause instanceof TunnelRefusal)) return undefined;
  const schemes = [...new Set(cause.schemes.map((scheme) => scheme.toLowerCase()))];
  const windows = schemes.flatMap((scheme) => WINDOWS_SCHEMES[scheme] ?? []);
  const hasBasic = schemes.includes('basic');
  if (windows.length > 0 && !hasBasic) {
    return { reason: `it only accepts ${windows.join(' or ')}, which this program doesn't support`, remedy: RELAY };
  }
  if (schemes.length > 0 && !hasBasic) {
    return { reason: "it only accepts a kind of sign-in that this program doesn't support", remedy: RELAY };
  }
  if (!hasBasic || proxy === undefined || new URL(proxy).username === '') return undefined;
  return {
    reason: 'it refused the user name or password',
    remedy: 'correct user name and password; percent-encode special characters in them',
  };
}
