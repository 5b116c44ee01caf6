import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server with one proxy auto-configuration file. */
export interface PacServer {
  /** `http://127.0.0.1:port/proxy.pac` */
  readonly url: string;
  /** The file; may be changed at any time. */
  script: string;
  /** The status that it's sent with. */
  status: number;
  /** How often it was asked for. */
  readonly requests: number;
  close(): Promise<void>;
}

/** Starts the server on a free loopback port. */
export async function startPacServer(script: string): Promise<PacServer> {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.writeHead(pac.status, { 'content-type': 'application/x-ns-proxy-autoconfig' }).end(pac.script);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const pac = {
    url: `http://127.0.0.1:${port}/proxy.pac`,
    script,
    status: 200,
    get requests() {
      return requests;
    },
    close: () => closed(server),
  };
  return pac;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
