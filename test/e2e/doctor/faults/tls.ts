import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../../../support/harness/world.ts';
import { createCertificateAuthority, type ServerCertificate } from '../../../support/servers/certificate-authority.ts';
import {
  type CertificateOptions,
  type Identity,
  makeIdentity,
  pemOf,
  serverCertificate,
} from '../../../support/servers/faulty-certificates.ts';
import { jsonReply } from '../../../support/servers/https-listener.ts';
import { configure, type SeededFault } from './row.ts';
import { answerWith, inspect, metByAgent, type Repair, restoreSignInHost, type Seed, SIGN_IN_HOST } from './seeds.ts';

/** What the person who carries out a row's remedy has at hand. */
interface AtHand {
  /** A root certificate, PEM. */
  readonly root?: string;
  /** What the team that runs the box does. */
  readonly renew?: () => Promise<void>;
}
const atHand = new WeakMap<World, AtHand>();

const renew: Repair = async (world) => {
  await atHand.get(world)?.renew?.();
  return undefined;
};

const addNamedRoot: Repair = (world) => {
  appendFileSync(world.caFile, atHand.get(world)?.root ?? '');
  return undefined;
};

const inspected: Seed = async (world) => {
  const { pem: root, issue } = await createCertificateAuthority('Contoso Inspection CA');
  atHand.set(world, { root });
  return inspect(world, await issue([SIGN_IN_HOST]));
};

/** An inspecting box with one certificate after the other. The computer trusts the root that they lead to. */
async function box(world: World, root: Identity, faulty: ServerCertificate, right: () => Promise<ServerCertificate>) {
  const caFile = join(world.sandbox.root, 'roots.pem');
  writeFileSync(caFile, world.ca.pem + pemOf(root.certificate));
  configure({ caFile })(world);
  const relay = await inspect(world, faulty);
  atHand.set(world, { renew: async () => relay.setCertificate(await right()) });
  return relay;
}

const rootAuthority = () => makeIdentity({ name: 'Careless Authority', authority: true });

const leafOf = (issuer: Identity, options: Partial<CertificateOptions> = {}): Promise<Identity> =>
  makeIdentity({ name: 'login', hosts: [SIGN_IN_HOST], usage: 'server', issuer, ...options });

const faultyLeaf =
  (options: Partial<CertificateOptions>): Seed =>
  async (world) => {
    const root = await rootAuthority();
    const faulty = await serverCertificate(await leafOf(root, options));
    return box(world, root, faulty, async () => serverCertificate(await leafOf(root)));
  };

const expiredIntermediate: Seed = async (world) => {
  const root = await rootAuthority();
  const chainOf = async (valid: readonly [number, number]) => {
    const issuer = await makeIdentity({ name: 'Careless Issuer', authority: true, issuer: root, valid });
    return serverCertificate(await leafOf(issuer), issuer);
  };
  return box(world, root, await chainOf([-48, -24]), () => chainOf([-48, 24]));
};

export const tlsFaults: readonly SeededFault[] = [
  {
    fault: 'the network inspects TLS with an unknown root',
    seed: metByAgent(inspected),
    check: 'tls',
    cause: /issuer of its certificate isn't trusted.*"Contoso Inspection CA"/,
    remedy: /root certificate of the named issuer.*"caFile"/,
    repair: addNamedRoot,
  },
  {
    fault: '"caFile" has another root than the network needs',
    seed: metByAgent(async (world) => {
      const { pem } = await createCertificateAuthority('Contoso Former CA');
      atHand.set(world, { root: world.ca.pem });
      writeFileSync(world.caFile, pem);
      return undefined;
    }),
    check: 'tls',
    cause: /issuer of its certificate isn't trusted.*"Test Root CA"/,
    remedy: /root certificate of the named issuer.*"caFile"/,
    repair: addNamedRoot,
  },
  {
    fault: "the sign-in host's certificate is out of date",
    seed: metByAgent(faultyLeaf({ valid: [-48, -24] })),
    check: 'tls',
    cause: /certificate has expired, or the computer's clock is wrong/,
    remedy: /check the date and time of this computer.*must renew its certificate/,
    repair: renew,
  },
  {
    fault: "an authority in the sign-in host's chain is out of date",
    seed: metByAgent(expiredIntermediate),
    check: 'tls',
    cause: /certificate has expired, or the computer's clock is wrong.*"Careless Issuer" issued it/,
    remedy: /must renew its certificate, or the certificate of an authority in its chain/,
    repair: renew,
  },
  {
    fault: "the sign-in host's certificate isn't valid yet",
    seed: metByAgent(faultyLeaf({ valid: [1, 24] })),
    check: 'tls',
    cause: /isn't valid yet, or the computer's clock is wrong/,
    remedy: /check the date, time, and time zone of this computer.*must replace the certificate/,
    repair: renew,
  },
  {
    fault: "another server answers under the sign-in host's name",
    seed: metByAgent(async (world) =>
      answerWith(world, await world.ca.issue(['wifi.hotel.example']), jsonReply(200, {})),
    ),
    check: 'tls',
    cause: /its certificate is for another host\).*issued it to "wifi\.hotel\.example";/,
    remedy: /^another server answers under this name: (?!.*(root certificate|caFile))/,
    repair: restoreSignInHost,
  },
  {
    fault: "the sign-in host's certificate is signed with SHA-1",
    seed: metByAgent(faultyLeaf({ hash: 'SHA-1' })),
    check: 'tls',
    cause:
      /digest algorithm too weak: its certificate, or an authority's, is too weak\); "Careless Authority" issued it;/,
    remedy: /must issue certificates with SHA-256/,
    repair: renew,
  },
  {
    fault: "the sign-in host's certificate is one for clients",
    seed: metByAgent(faultyLeaf({ usage: 'client' })),
    check: 'tls',
    cause: /INVALID_PURPOSE.*"Careless Authority" issued it;/,
    remedy: /must issue another certificate/,
    repair: renew,
  },
];
