// Seeds and repairs that several rows share, and what is between the product and the internet: proxies, TLS inspection,
// other servers.
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { runHelper } from '../../../support/harness/claude-desktop.ts';
import type { World } from '../../../support/harness/world.ts';
import type { ServerCertificate } from '../../../support/servers/certificate-authority.ts';
import type { EntraEndpoint } from '../../../support/servers/entra-server.ts';
import type { Fault } from '../../../support/servers/fault.ts';
import { listenHttps, type Reply, sendReply } from '../../../support/servers/https-listener.ts';
import { binary, killAgent } from '../../support.ts';
import { configure, type Seeded, type SeededFault } from './row.ts';

export const SIGN_IN_HOST = 'login.microsoftonline.com';

export type Seed = NonNullable<SeededFault['seed']>;
export type Repair = NonNullable<SeededFault['repair']>;

/** Writes `config.json` as it was before the fault. */
export const restoreConfig: Repair = (world) => {
  configure({})(world);
  return undefined;
};

/** Sends requests for the sign-in host to Entra again. */
export const restoreSignInHost: Repair = ({ proxy, entra }) => {
  proxy.routes.set(`${SIGN_IN_HOST}:443`, entra.port);
  return undefined;
};

/** Requests to this endpoint of Entra meet the fault. */
export const seedFault =
  (endpoint: EntraEndpoint, fault: Fault): Seed =>
  ({ entra }) => {
    entra.setFault(endpoint, fault);
    return undefined;
  };

/** What the admin does in Entra. */
export const changedInEntra: Repair = ({ entra }) => {
  for (const endpoint of ['metadata', 'devicecode', 'poll', 'refresh'] as const) entra.setFault(endpoint, undefined);
  return undefined;
};

/**
 * The fault, met by an agent without a token that has tried to get one already: after the repair it must not answer
 * with what it remembers.
 */
export const metByAgent =
  (seed: Seed): Seed =>
  async (world) => {
    await killAgent(world.env);
    const seeded = await seed(world);
    const env = { ...world.env, ...seeded?.env };
    const { state } = await runHelper(binary, { context: 'background', env });
    if (state === 'ok') throw new Error('the agent got a token in spite of the fault');
    return seeded;
  };

/** Another server answers all requests for the sign-in host with this reply. */
export async function answerWith({ proxy }: World, certificate: ServerCertificate, reply: Reply): Promise<Seeded> {
  const listener = await listenHttps(certificate, (_, response) => sendReply(response, reply));
  proxy.routes.set(`${SIGN_IN_HOST}:443`, listener.port);
  return { close: () => listener.close() };
}

interface Relay {
  readonly port: number;
  /** For connections from now on. */
  setCertificate(certificate: ServerCertificate): void;
  close(): Promise<void>;
}

/** Ends TLS with this certificate, and passes on what's inside to the connection that `onward` opens. */
async function relayTls(certificate: ServerCertificate, onward: () => Duplex): Promise<Relay> {
  const sockets = new Set<Duplex>();
  const server = createTlsServer({ ...certificate }, (socket) => {
    const upstream = onward();
    for (const [side, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(side);
      side.on('error', () => side.destroy());
      side.on('close', () => other.destroy());
    }
    socket.pipe(upstream).pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    setCertificate: (next) => server.setSecureContext({ ...next }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A box with this certificate in front of the real sign-in service, as for TLS inspection. */
export async function inspect({ entra, proxy, ca }: World, certificate: ServerCertificate): Promise<Relay> {
  const relay = await relayTls(certificate, () =>
    connectTls({ host: '127.0.0.1', port: entra.port, servername: SIGN_IN_HOST, ca: ca.pem }),
  );
  proxy.routes.set(`${SIGN_IN_HOST}:443`, relay.port);
  return relay;
}

/** The world's proxy behind an https:// address. */
export async function secureProxy({ proxy }: World, certificate: ServerCertificate): Promise<Relay> {
  return relayTls(certificate, () => connect(proxy.port, '127.0.0.1'));
}
