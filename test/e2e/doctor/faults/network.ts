import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../../../support/harness/world.ts';
import { createCertificateAuthority, type ServerCertificate } from '../../../support/servers/certificate-authority.ts';
import {
  type CertificateOptions,
  makeIdentity,
  pemOf,
  serverCertificate,
} from '../../../support/servers/faulty-certificates.ts';
import { jsonReply, listenHttps, sendReply } from '../../../support/servers/https-listener.ts';
import { configure, type Seeded, type SeededFault } from './row.ts';

/** Somebody else answers in the place of the sign-in host. */
async function impostor(
  world: World,
  options: { readonly commonName?: string; readonly notAfter?: Date; readonly name?: string },
): Promise<Seeded> {
  const authority = options.commonName === undefined ? world.ca : await createCertificateAuthority(options.commonName);
  const certificate = await authority.issue([options.name ?? 'login.microsoftonline.com'], {
    notBefore: new Date(Date.now() - 48 * 3_600_000),
    ...(options.notAfter === undefined ? {} : { notAfter: options.notAfter }),
  });
  return answerWith(world, certificate);
}

/** An authority that the computer trusts vouches for the sign-in host in a way that no client accepts. */
async function carelessAuthority(world: World, options: Partial<CertificateOptions>): Promise<Seeded> {
  const hosts = ['login.microsoftonline.com'];
  const issuer = await makeIdentity({ name: 'Careless Authority', authority: true });
  const caFile = join(world.sandbox.root, 'careless.pem');
  writeFileSync(caFile, world.ca.pem + pemOf(issuer.certificate));
  world.sandbox.writeConfig({ ...world.config, caFile });
  const leaf = await makeIdentity({ name: 'login', hosts, usage: 'server', issuer, ...options });
  return answerWith(world, await serverCertificate(leaf));
}

async function answerWith({ proxy }: World, certificate: ServerCertificate): Promise<Seeded> {
  const listener = await listenHttps(certificate, (_, response) => sendReply(response, jsonReply(200, {})));
  proxy.routes.set('login.microsoftonline.com:443', listener.port);
  return { close: () => listener.close() };
}

export const networkFaults: readonly SeededFault[] = [
  {
    fault: "the proxy's name does not exist",
    seed: configure({ proxy: 'http://proxy.invalid:8080' }),
    check: 'dns',
    cause: /proxy\.invalid, the name of the proxy, cannot be resolved/,
    remedy: /correct the host in "proxy"/,
  },
  {
    fault: 'the proxy does not run',
    seed: configure({ proxy: 'http://127.0.0.1:9' }),
    check: 'proxy',
    cause: /127\.0\.0\.1:9.*ECONNREFUSED/,
    remedy: /check host and port in "proxy"/,
  },
  {
    fault: 'the proxy asks for credentials',
    seed: ({ proxy }) => {
      proxy.mode = { refuse: 407 };
      return undefined;
    },
    check: 'proxy',
    cause: /proxy asks for credentials.*HTTP 407/,
    remedy: /give them in "proxy"/,
  },
  {
    fault: 'the proxy blocks the sign-in host',
    seed: ({ proxy }) => {
      proxy.routes.delete('login.microsoftonline.com:443');
      return undefined;
    },
    check: 'proxy',
    cause: /proxy refused the connection.*HTTP 403/,
    remedy: /allow the sign-in host in the proxy/,
  },
  {
    fault: 'the network inspects TLS with an unknown root',
    seed: (world) => impostor(world, { commonName: 'Contoso Inspection CA' }),
    check: 'tls',
    cause: /issuer of its certificate is not trusted.*"Contoso Inspection CA"/,
    remedy: /root certificate of the named issuer.*"caFile"/,
  },
  {
    fault: "the sign-in host's certificate is out of date",
    seed: (world) => impostor(world, { notAfter: new Date(Date.now() - 24 * 3_600_000) }),
    check: 'tls',
    cause: /certificate has expired, or the computer's clock is wrong/,
    remedy: /check date and time of this computer/,
  },
  {
    fault: "another server answers under the sign-in host's name",
    seed: (world) => impostor(world, { name: 'wifi.hotel.example' }),
    check: 'tls',
    cause: /its certificate is for another host\).*issued it to "wifi\.hotel\.example";/,
    remedy: /^another server answers under this name: (?!.*(root certificate|caFile))/,
  },
  {
    fault: "the sign-in host's certificate is signed with SHA-1",
    seed: (world) => carelessAuthority(world, { hash: 'SHA-1' }),
    check: 'tls',
    cause:
      /digest algorithm too weak: its certificate, or an authority's, is too weak\); "Careless Authority" issued it;/,
    remedy: /must issue certificates with SHA-256/,
  },
  {
    fault: "the sign-in host's certificate is one for clients",
    seed: (world) => carelessAuthority(world, { usage: 'client' }),
    check: 'tls',
    cause: /INVALID_PURPOSE.*"Careless Authority" issued it;/,
    remedy: /must issue another certificate/,
  },
  {
    fault: 'a captive portal answers',
    seed: ({ entra }) => {
      entra.setFault('metadata', { kind: 'html' });
      return undefined;
    },
    check: 'tls',
    cause: /a different server answered instead of Microsoft's sign-in service/,
    remedy: /open a browser and sign in to the network/,
  },
  {
    fault: "the computer's clock is two hours late",
    seed: ({ entra }) => {
      const date = new Date(Date.now() + 2 * 3_600_000).toUTCString();
      const body = { issuer: `https://login.microsoftonline.com/${entra.tenantId}/v2.0` };
      entra.setFault('metadata', { kind: 'http', status: 200, headers: { date }, body });
      return undefined;
    },
    check: 'clock',
    cause: /2 h behind/,
    remedy: /set date and time from the internet/,
  },
];
