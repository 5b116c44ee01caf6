import { chromiumExceptions } from './chromium-exceptions.ts';
import type { FixedProxies, NamedProxy } from './decision.ts';

/**
 * Windows' list of proxies, for every URL (`proxy:8080`) or by scheme (`http=a:1;https=b:2;socks=c:3`), and its list of
 * exceptions. Entries are separated by semicolons or whitespace; of several proxies for the same, the first counts.
 * https://learn.microsoft.com/windows/win32/wininet/enabling-internet-functionality
 */
export function windowsProxies(setting: string, proxies: string, exceptions: string): FixedProxies {
  const entries = proxies
    .replace(/\s*=\s*/g, '=')
    .split(/[;,\s]+/)
    .map((entry) => /^(?:(\w+)=)?(.*)$/.exec(entry) ?? []);
  const named = (scheme: string | undefined): NamedProxy | undefined => {
    const text = entries.find(([, own, value]) => own?.toLowerCase() === scheme && value !== '')?.[2];
    if (text === undefined) return undefined;
    return { setting: scheme === undefined ? setting : `${setting} (${scheme}=)`, text, keepsScheme: true };
  };
  const all = named(undefined);
  const socks = named('socks');
  return {
    http: named('http') ?? all,
    https: named('https') ?? all,
    socks: socks && { ...socks, text: socks.text.includes('://') ? socks.text : `socks://${socks.text}` },
    exceptions: chromiumExceptions([exceptions]),
  };
}
