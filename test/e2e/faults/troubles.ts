// Ways to make one step fail: on the server, in the proxy, in TLS or in name resolution. Each can be ended again.
import { createCertificateAuthority, type IssueOptions } from '../../support/servers/certificate-authority.ts';
import type { ProxyMode } from '../../support/servers/connect-proxy.ts';
import { entraErrorReply } from '../../support/servers/entra-errors.ts';
import type { EntraEndpoint } from '../../support/servers/entra-server.ts';
import type { Fault } from '../../support/servers/fault.ts';
import { listenHttps } from '../../support/servers/https-listener.ts';
import type { Lane } from './lane.ts';

export interface Trouble {
  /** The correlation id that Entra's answer names, if it does. */
  readonly correlationId?: string;
  /** It lasts until it is ended, and no request reaches Entra meanwhile. */
  readonly outsideEntra?: true;
  readonly needsMounts?: true;
  /** What must be set up before the agent starts. */
  readonly prepare?: (lane: Lane) => Promise<void>;
  /** What the browser brings back, one after the other, in place of the redirect from Microsoft's page. */
  readonly redirects?: (location: string) => readonly string[];
  /** Begins now; resolves to the function that ends it. */
  readonly begin: (lane: Lane, endpoint: EntraEndpoint) => Promise<() => Promise<void> | void>;
}

const ENTRA = 'login.microsoftonline.com:443';

/** Entra answers with the fault until it ends; while a code is polled for, once. */
export function answers(fault: Fault | (() => Fault)): Trouble {
  const made = () => (typeof fault === 'function' ? fault() : fault);
  return {
    ...(typeof fault === 'function' ? {} : correlationIdOf(fault)),
    begin: async ({ world: { entra } }, endpoint) => {
      if (endpoint === 'poll') entra.failNext(endpoint, made());
      else entra.setFault(endpoint, made());
      return () => entra.setFault(endpoint, undefined);
    },
  };
}

function correlationIdOf(fault: Fault): { readonly correlationId?: string } {
  const id =
    fault.kind === 'http'
      ? fault.headers?.['client-request-id']
      : fault.kind === 'aadsts'
        ? fault.correlationId
        : undefined;
  return id === undefined ? {} : { correlationId: id };
}

/** Nothing is wrong but what the user does. */
export const nothing: Trouble = { begin: async () => () => undefined };

type Parameters = Readonly<Record<string, string | undefined>>;

/** The redirect with other parameters; `undefined` leaves one out. */
function changedRedirect(location: string, changes: Parameters): string {
  const url = new URL(location);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}

/** Microsoft's page sends the browser back with this; an error takes the code's place. */
export function redirectedWith(parameters: Parameters): Trouble {
  const code = 'error' in parameters ? { code: undefined } : {};
  return { ...nothing, redirects: (location) => [changedRedirect(location, { ...code, ...parameters })] };
}

/** The same with the error that has this AADSTS number; its correlation id is in the description only. */
export function redirectedWithAadsts(number: number): Trouble {
  const correlationId = 'c0ffee00-5555-4666-8777-888888888888';
  const { error, error_description } = JSON.parse(entraErrorReply(number, { correlationId }).body) as Parameters;
  return { ...redirectedWith({ error, error_description }), correlationId };
}

/** Someone calls the redirect's address before Microsoft's page does. */
export function strayBefore(changes: Parameters): Trouble {
  return { ...nothing, redirects: (location) => [changedRedirect(location, changes), location] };
}

/** The browser loads the address again. */
export const redirectedTwice: Trouble = { ...nothing, redirects: (location) => [location, location] };

/** The same under a provider that ends the whole sign-in when a refresh token is used twice. */
export function withStrictProvider(trouble: Trouble): Trouble {
  return {
    ...trouble,
    begin: async (lane, endpoint) => {
      lane.world.entra.revokeOnReplay = true;
      return trouble.begin(lane, endpoint);
    },
  };
}

export function proxyIn(mode: ProxyMode): Trouble {
  return {
    outsideEntra: true,
    begin: async ({ world: { proxy } }) => {
      proxy.mode = mode;
      return () => {
        proxy.mode = 'open';
      };
    },
  };
}

export const proxyUnreachable: Trouble = {
  outsideEntra: true,
  begin: async ({ relay }) => {
    relay.close();
    return () => relay.open();
  },
};

/** Someone else answers under Entra's name, with this certificate. */
export function certificate(kind: 'unknown issuer' | 'expired' | 'other host'): Trouble {
  return {
    outsideEntra: true,
    begin: async ({ world: { ca, entra, proxy } }) => {
      const issuer = kind === 'unknown issuer' ? await createCertificateAuthority('Other Root') : ca;
      const names = kind === 'other host' ? ['login.example.com'] : ['login.microsoftonline.com'];
      const options: IssueOptions = kind === 'expired' ? { notBefore: hoursAgo(48), notAfter: hoursAgo(1) } : {};
      const listener = await listenHttps(await issuer.issue(names, options), () => {
        throw new Error('a request was sent to a server whose certificate is wrong');
      });
      proxy.routes.set(ENTRA, listener.port);
      return async () => {
        proxy.routes.set(ENTRA, entra.port);
        await listener.close();
      };
    },
  };
}

const hoursAgo = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);

/** The proxy's name isn't known. Entra's own would be asked for on the real network where a machine has one. */
export const unknownProxyName: Trouble = {
  outsideEntra: true,
  begin: async ({ world: { sandbox }, config }) => {
    // RFC 6761: names under .invalid never resolve.
    sandbox.writeConfig({ ...config, proxy: 'http://proxy.invalid:3128' });
    return () => sandbox.writeConfig(config);
  },
};

/** The proxy's name stops resolving while the agent runs. Needs root, for the agent's own hosts file. */
export const lostProxyName: Trouble = {
  outsideEntra: true,
  needsMounts: true,
  prepare: (lane) => lane.startAgentWithHosts(),
  begin: async ({ hosts }) => {
    hosts.forget();
    return () => hosts.know();
  },
};
