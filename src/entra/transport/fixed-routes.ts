import type { Routes } from '../../core/route.ts';
import { bypassesProxy } from './no-proxy.ts';

export interface FixedProxy {
  readonly proxy?: string | undefined;
  readonly noProxy?: readonly string[] | undefined;
}

/** Everything goes through one proxy, except the hosts in `noProxy`. */
export function fixedRoutes({ proxy, noProxy = [] }: FixedProxy): Routes {
  return {
    find: (url) => Promise.resolve({ routes: [bypassesProxy(url, noProxy) ? {} : { proxy }], origin: '' }),
  };
}
