import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { JsonReply } from '../../../src/entra/transport/https-client.ts';
import { SystemTrustStore } from '../../../src/entra/transport/system-trust-store.ts';
import { createTransport, type TransportSettings } from '../../../src/entra/transport/transport.ts';
import { silentLog } from '../../../src/log/event-log.ts';
import type { ServerCertificate } from '../../support/servers/certificate-authority.ts';

/** A name that Entra has. Only proxies of the tests know where it leads. */
export const HOST = 'login.microsoftonline.com';

/** A server that answers every request with the object `{ ok: true }`. */
export async function startOrigin(certificate: ServerCertificate): Promise<{ port: number; stop: () => void }> {
  const server = createHttpsServer({ ...certificate }, (request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json').end('{"ok":true}');
  });
  return { port: await listen(server), stop: () => stop(server) };
}

export async function listen(server: Server, address = '127.0.0.1'): Promise<number> {
  server.listen(0, address);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export function stop(server: ReturnType<typeof createHttpsServer>): void {
  server.close();
  server.closeAllConnections();
}

export interface Exchange extends TransportSettings {
  readonly url?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** One request by the product's own client, which trusts only this file's roots and Node's. */
export function exchange({
  url = `https://${HOST}/`,
  signal,
  timeoutMs = 60_000,
  ...settings
}: Exchange): Promise<JsonReply> {
  const systemRoots = new SystemTrustStore({ log: silentLog, read: () => Promise.resolve([]) });
  return createTransport({ ...settings, timeoutMs, systemRoots })({ method: 'GET', url, signal });
}
