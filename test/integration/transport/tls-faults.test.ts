// Each fault of a certificate or handshake that can be made, at a real TLS server, directly and through a proxy.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { AppError, describeFailure, errorFromRecord, errorToRecord } from '../../../src/core/errors.ts';
import { type TlsFault, tlsFaults } from '../../../src/core/tls-fault.ts';
import {
  type CertificateOptions,
  type Identity,
  makeIdentity,
  pemOf,
  serverCertificate,
  withBrokenSignature,
} from '../../support/servers/faulty-certificates.ts';
import { startScriptedProxy } from '../../support/servers/scripted-proxy.ts';
import { rejection } from '../../unit/entra/support.ts';
import { exchange, HOST, listen } from './support.ts';

/** So that the server itself accepts what's too weak for its clients. */
const ANYTHING = 'ALL:@SECLEVEL=0';

let folder: string;
let caFile: string;
let root: Identity;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tls-faults-'));
  caFile = join(folder, 'root.pem');
  root = await makeIdentity({ name: 'Trusted Root', authority: true });
  writeFileSync(caFile, pemOf(root.certificate));
});
afterAll(() => rmSync(folder, { recursive: true }));

const leaf = (options: Partial<CertificateOptions> = {}): Promise<Identity> =>
  makeIdentity({ name: HOST, hosts: [HOST, 'localhost'], usage: 'server', issuer: root, ...options });

const authority = (name: string, options: Partial<CertificateOptions> = {}): Promise<Identity> =>
  makeIdentity({ name, authority: true, issuer: root, ...options });

/** A server that sends this chain, with whatever key and signature. */
async function presenting(...[own, ...chain]: readonly [Identity, ...Identity[]]): Promise<Server> {
  return tlsServer({ ...(await serverCertificate(own, ...chain)), ciphers: ANYTHING });
}

function tlsServer(options: TlsOptions): Server {
  const server = createTlsServer(options, (socket) => socket.on('error', () => socket.destroy()).resume());
  return server.on('tlsClientError', () => undefined);
}

/** A server that answers the first bytes of each client with these, and hangs up. */
function answering(bytes: readonly number[]): Server {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(Buffer.from(bytes)));
  });
}

/** RFC 8446 section 6: a fatal alert, in a record of TLS 1.2. */
const alert = (description: number): Server => answering([0x15, 3, 3, 0, 2, 2, description]);

interface Row {
  readonly what: string;
  readonly server: () => Server | Promise<Server>;
  readonly fault: TlsFault;
  /** What OpenSSL or Node calls it. */
  readonly name: string | RegExp;
  /** The end of the error's detail. */
  readonly issuer?: string;
}

const rows: readonly Row[] = [
  {
    what: 'a root that nobody knows, sent along',
    server: async () => {
      const stranger = await makeIdentity({ name: 'Inspection Root', authority: true });
      return presenting(await leaf({ issuer: stranger }), stranger);
    },
    fault: 'unknown-issuer',
    name: 'SELF_SIGNED_CERT_IN_CHAIN',
    issuer: '; it names itself "Inspection Root"',
  },
  {
    what: 'an intermediate whose root nobody knows',
    server: async () => {
      const stranger = await makeIdentity({ name: 'Inspection Root', authority: true });
      const middle = await authority('Inspection Intermediate', { issuer: stranger });
      return presenting(await leaf({ issuer: middle }), middle);
    },
    fault: 'unknown-issuer',
    name: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    issuer: '; it names itself "Inspection Intermediate"',
  },
  {
    what: 'an intermediate that is not sent',
    server: async () => presenting(await leaf({ issuer: await authority('Missing Intermediate') })),
    fault: 'incomplete-chain',
    name: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    issuer: '; it names itself "Missing Intermediate"',
  },
  {
    what: 'a self-signed certificate',
    server: async () =>
      presenting(await makeIdentity({ name: 'router.local', hosts: [HOST, 'localhost'], usage: 'server' })),
    fault: 'self-signed',
    name: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    issuer: '; it names itself "router.local"',
  },
  {
    what: 'another name',
    server: async () => presenting(await leaf({ name: 'wifi.hotel.example', hosts: ['wifi.hotel.example'] })),
    fault: 'wrong-name',
    name: 'ERR_TLS_CERT_ALTNAME_INVALID',
    issuer: '; "Trusted Root" issued it to "wifi.hotel.example"',
  },
  {
    what: 'an expired certificate',
    server: async () => presenting(await leaf({ valid: [-48, -24] })),
    fault: 'expired',
    name: 'CERT_HAS_EXPIRED',
    issuer: '; "Trusted Root" issued it',
  },
  {
    what: 'an expired intermediate',
    server: async () => {
      const middle = await authority('Old Intermediate', { valid: [-48, -24] });
      return presenting(await leaf({ issuer: middle }), middle);
    },
    fault: 'expired',
    name: 'CERT_HAS_EXPIRED',
    issuer: '; "Old Intermediate" issued it',
  },
  {
    what: 'a certificate of tomorrow',
    server: async () => presenting(await leaf({ valid: [24, 48] })),
    fault: 'not-yet-valid',
    name: 'CERT_NOT_YET_VALID',
    issuer: '; "Trusted Root" issued it',
  },
  {
    what: 'a signature with SHA-1',
    server: async () => presenting(await leaf({ hash: 'SHA-1' })),
    fault: 'weak',
    name: 'UNSPECIFIED, CA signature digest algorithm too weak',
    issuer: '; "Trusted Root" issued it',
  },
  {
    what: 'a key of 1,024 bits',
    server: async () => presenting(await leaf({ rsaBits: 1024 })),
    fault: 'weak',
    name: 'UNSPECIFIED, EE certificate key too weak',
    issuer: '; "Trusted Root" issued it',
  },
  {
    what: "an intermediate's key of 1,024 bits",
    server: async () => {
      const middle = await authority('Weak Intermediate', { rsaBits: 1024 });
      return presenting(await leaf({ issuer: middle }), middle);
    },
    fault: 'weak',
    name: 'UNSPECIFIED, CA certificate key too weak',
    issuer: '; "Weak Intermediate" issued it',
  },
  {
    what: 'a name outside of the constraints',
    server: async () => {
      const middle = await authority('Contoso Only', { permits: 'contoso.com' });
      return presenting(await leaf({ issuer: middle }), middle);
    },
    fault: 'not-allowed',
    name: 'UNSPECIFIED, permitted subtree violation',
    issuer: '; "Contoso Only" issued it',
  },
  {
    what: 'a path that is too long',
    server: async () => {
      const first = await authority('Last Authority', { authority: 0 });
      const second = await authority('One Too Many', { issuer: first });
      return presenting(await leaf({ issuer: second }), second, first);
    },
    fault: 'not-allowed',
    name: 'PATH_LENGTH_EXCEEDED',
    issuer: '; "One Too Many" issued it',
  },
  {
    what: 'a certificate for clients',
    server: async () => presenting(await leaf({ usage: 'client' })),
    fault: 'not-allowed',
    name: 'INVALID_PURPOSE',
    issuer: '; "Trusted Root" issued it',
  },
  {
    what: 'an issuer that is no authority',
    server: async () => {
      const other = await makeIdentity({ name: 'No Authority', issuer: root });
      return presenting(await leaf({ issuer: other }), other);
    },
    fault: 'not-allowed',
    name: 'INVALID_PURPOSE',
    issuer: '; "No Authority" issued it',
  },
  {
    what: 'a damaged signature',
    server: async () => presenting(withBrokenSignature(await leaf())),
    fault: 'damaged',
    name: 'CERT_SIGNATURE_FAILURE',
    issuer: '; "Trusted Root" issued it',
  },
  {
    what: 'TLS 1.1 only',
    server: async () =>
      tlsServer({
        ...(await serverCertificate(await leaf())),
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: ANYTHING,
      }),
    fault: 'old-protocol',
    name: /PROTOCOL/,
  },
  { what: 'no common version', server: () => alert(70), fault: 'old-protocol', name: /ALERT_PROTOCOL_VERSION/ },
  { what: 'no common cipher', server: () => alert(40), fault: 'refused', name: /ALERT_HANDSHAKE_FAILURE/ },
  { what: 'too little security', server: () => alert(71), fault: 'old-protocol', name: /INSUFFICIENT_SECURITY/ },
  { what: 'a name that it does not know', server: () => alert(112), fault: 'unknown-name', name: /UNRECOGNIZED_NAME/ },
  { what: 'an alert about itself', server: () => alert(80), fault: 'handshake', name: /ALERT_INTERNAL_ERROR/ },
  { what: 'an alert of denied access', server: () => alert(49), fault: 'refused', name: /ALERT_ACCESS_DENIED/ },
  {
    what: 'HTTP without TLS',
    server: () => createHttpServer(),
    fault: 'not-tls',
    name: 'ERR_SSL_WRONG_VERSION_NUMBER',
  },
  {
    what: 'a greeting of another protocol',
    server: () => answering([...Buffer.from('220 mail.example ESMTP\r\n')]),
    fault: 'not-tls',
    name: /ERR_SSL_/,
  },
  {
    what: 'a wish for a client certificate, in TLS 1.2',
    server: async () =>
      tlsServer({ ...(await serverCertificate(await leaf())), requestCert: true, ca: [], maxVersion: 'TLSv1.2' }),
    fault: 'refused',
    name: /ALERT_HANDSHAKE_FAILURE/,
  },
  {
    what: 'a wish for a client certificate, in TLS 1.3',
    server: async () => tlsServer({ ...(await serverCertificate(await leaf())), requestCert: true, ca: [] }),
    fault: 'client-certificate',
    name: /CERTIFICATE_REQUIRED/,
  },
];

async function started(server: Server): Promise<number> {
  const port = await listen(server);
  onTestFinished(() => void server.close());
  return port;
}

const ways = {
  directly: async (port: number) => ({
    settings: { caFile, url: `https://localhost:${port}/` },
    host: `localhost:${port}`,
  }),
  'through a proxy': async (targetPort: number) => {
    const proxy = await startScriptedProxy({ reply: ['HTTP/1.1 200 OK\r\n\r\n'], targetPort });
    onTestFinished(() => proxy.stop());
    return { settings: { caFile, proxy: proxy.url }, host: HOST };
  },
};

describe.each(Object.entries(ways))('a server that is reached %s', (_, way) => {
  it.each(rows)('with $what', async ({ server, fault, name, issuer = '' }) => {
    const { settings, host } = await way(await started(await server()));
    const error = await rejection(exchange(settings));
    if (!(error instanceof AppError)) throw error;
    const { detail = '', hint } = error;
    expect(error).toMatchObject({ code: 'ERR_NETWORK_TLS', tlsFault: fault });
    expect(detail).toContain(host);
    expect(detail).toMatch(name);
    expect(detail).toMatch(/\)(; .+)?$/);
    expect(detail.slice(detail.lastIndexOf(')') + 1)).toBe(issuer);
    expect(hint).toBe(tlsFaults[fault].hint);
    // A process that gets the error over IPC says the same.
    const received = errorFromRecord(JSON.parse(JSON.stringify(errorToRecord(error))));
    expect(describeFailure(received)).toEqual(describeFailure(error));
  });
});
