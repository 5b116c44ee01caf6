import { appendFileSync } from 'node:fs';
import type { World } from '../../../support/harness/world.ts';
import { makeIdentity, pemOf, serverCertificate } from '../../../support/servers/faulty-certificates.ts';
import { htmlReply } from '../../../support/servers/https-listener.ts';
import { type PacServer, startPacServer } from '../../../support/servers/pac-server.ts';
import { startScriptedProxy } from '../../../support/servers/scripted-proxy.ts';
import { configure, type SeededFault } from './row.ts';
import {
  answerWith,
  metByAgent,
  type Repair,
  restoreConfig,
  restoreSignInHost,
  type Seed,
  SIGN_IN_HOST,
  secureProxy,
} from './seeds.ts';

/** A port on which no one listens. */
const DEAD = '127.0.0.1:9';

const CREDENTIALS = { username: 'svc-claude', password: 'p@ss:w/rd' };
const asUserInfo = ({ username, password }: typeof CREDENTIALS) =>
  `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;

/** The https address of the world's proxy in each world, without credentials. */
const secureProxies = new WeakMap<World, string>();

/** Makes the proxy an https one, so that credentials in its address aren't sent in the clear. */
const withCredentials =
  (userInfo: string): Seed =>
  async (world) => {
    const relay = await secureProxy(world, await world.ca.issue(['127.0.0.1']));
    secureProxies.set(world, `127.0.0.1:${relay.port}`);
    configure({ proxy: `https://${userInfo}127.0.0.1:${relay.port}` })(world);
    return relay;
  };

const giveCredentials: Repair = (world) => {
  configure({ proxy: `https://${asUserInfo(CREDENTIALS)}${secureProxies.get(world)}` })(world);
  return undefined;
};

const setProxy =
  (proxy: string): Seed =>
  (world) =>
    configure({ proxy })(world);

/** The self-signed certificate of the proxy, PEM. */
const selfSigned = new WeakMap<World, string>();

const pacFiles = new WeakMap<World, PacServer>();

/** "proxy" is a PAC file with this answer. */
const pacFile =
  (answer: string): Seed =>
  async (world) => {
    const pac = await startPacServer(answering(answer));
    pacFiles.set(world, pac);
    configure({ proxy: `pac+${pac.url}` })(world);
    return { close: () => pac.close() };
  };

const answering = (answer: string) => `function FindProxyForURL() { return ${JSON.stringify(answer)}; }`;

const correctPacFile: Repair = (world) => {
  const pac = pacFiles.get(world);
  if (pac === undefined) throw new Error('there is no PAC file');
  pac.status = 200;
  pac.script = answering(`PROXY 127.0.0.1:${world.proxy.port}`);
  return undefined;
};

export const proxyFaults: readonly SeededFault[] = [
  {
    fault: "the proxy's name doesn't exist",
    seed: metByAgent(setProxy('http://proxy.invalid:8080')),
    check: 'dns',
    cause: /proxy\.invalid, the name of the proxy, can't be resolved/,
    remedy: /correct the host in "proxy" in .*config\.json/,
    repair: restoreConfig,
  },
  {
    fault: 'the proxy does not run',
    seed: metByAgent(setProxy(`http://${DEAD}`)),
    check: 'proxy',
    cause: /127\.0\.0\.1:9.*ECONNREFUSED/,
    remedy: /check host and port in "proxy" in .*config\.json/,
    repair: restoreConfig,
  },
  {
    fault: '"proxy" names a dead proxy, and HTTPS_PROXY one that runs',
    seed: metByAgent((world) => {
      configure({ proxy: `http://${DEAD}` })(world);
      return { env: { HTTPS_PROXY: world.proxy.url } };
    }),
    check: 'proxy',
    cause: /127\.0\.0\.1:9.*ECONNREFUSED.*this proxy comes from "proxy" in .*config\.json/,
    remedy: /check host and port in "proxy" in .*config\.json/,
    repair: restoreConfig,
  },
  {
    fault: 'both proxies of the PAC file are dead',
    seed: metByAgent(pacFile(`PROXY ${DEAD}; PROXY 127.0.0.1:19`)),
    check: 'proxy',
    cause:
      /127\.0\.0\.1:\d+ \(ECONNREFUSED\).*this proxy comes from the PAC file http:\/\/127\.0\.0\.1:\d+\/proxy\.pac/,
    remedy: /check host and port in the PAC file http:\/\/\S+\/proxy\.pac from "proxy"/,
    repair: correctPacFile,
  },
  {
    fault: "the PAC file can't be loaded",
    seed: metByAgent(async (world) => {
      const seeded = await pacFile('DIRECT')(world);
      const pac = pacFiles.get(world);
      if (pac !== undefined) pac.status = 404;
      return seeded;
    }),
    check: 'dns',
    cause:
      /login\.microsoftonline\.com.*can't be resolved.*the PAC file http:\S+ from "proxy" in .* can't be loaded \(HTTP 404\)/,
    remedy: /^correct what the finding says about the proxy/,
    repair: correctPacFile,
  },
  {
    fault: '"noProxy" keeps the sign-in host from the proxy',
    seed: metByAgent(configure({ noProxy: ['.contoso.com', SIGN_IN_HOST] })),
    check: 'dns',
    cause: /login\.microsoftonline\.com, the name of the sign-in host, can't be resolved/,
    remedy: /the entry login\.microsoftonline\.com.*"noProxy" in .*config\.json/,
    repair: restoreConfig,
  },
  {
    fault: 'the proxy asks for credentials',
    world: { proxyCredentials: CREDENTIALS },
    seed: metByAgent(withCredentials('')),
    check: 'proxy',
    cause: /proxy asks for credentials.*HTTP 407/,
    remedy: /give them in "proxy"/,
    repair: giveCredentials,
  },
  {
    fault: 'the password for the proxy is wrong',
    world: { proxyCredentials: CREDENTIALS },
    seed: metByAgent(withCredentials('svc-claude:Winter2025@')),
    check: 'proxy',
    cause: /HTTP 407\); it refused the user name or password/,
    remedy: /^correct user name and password/,
    repair: giveCredentials,
  },
  {
    fault: 'the proxy only accepts Negotiate',
    seed: metByAgent(async (world) => {
      const reply = 'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n\r\n';
      const proxy = await startScriptedProxy({ reply: [reply], afterward: 'close', targetPort: world.entra.port });
      configure({ proxy: proxy.url })(world);
      return { close: async () => proxy.stop() };
    }),
    check: 'proxy',
    cause: /HTTP 407\); it only accepts Negotiate, which this program doesn't support/,
    remedy: /run a relay that signs in to the proxy.*set "proxy" to it/,
    // The world's own proxy as the relay.
    repair: restoreConfig,
  },
  {
    fault: 'the proxy blocks the sign-in host',
    seed: metByAgent(({ proxy }) => {
      proxy.routes.delete(`${SIGN_IN_HOST}:443`);
      return undefined;
    }),
    check: 'proxy',
    cause: /proxy refused the connection.*HTTP 403/,
    remedy: /allow the sign-in host in the proxy/,
    repair: restoreSignInHost,
  },
  {
    fault: 'the inspecting proxy shows a block page for the sign-in host',
    seed: metByAgent(async (world) => {
      const page = htmlReply(403, '<!doctype html><title>Access denied</title><p>Category: Business</p>');
      return answerWith(world, await world.ca.issue([SIGN_IN_HOST]), page);
    }),
    check: 'tls',
    cause: /login\.microsoftonline\.com \(HTTP 403, text\/html, not a JSON object\)/,
    remedy: /allow login\.microsoftonline\.com/,
    repair: restoreSignInHost,
  },
  {
    fault: 'the proxy takes connections and never answers',
    seed: metByAgent(({ proxy }) => {
      proxy.mode = 'silent';
      return undefined;
    }),
    check: 'proxy',
    cause: /through the proxy 127\.0\.0\.1:\d+/,
    remedy: /the proxy runs and reaches the internet/,
    repair: ({ proxy }) => {
      proxy.mode = 'open';
      return undefined;
    },
  },
  {
    fault: "the https proxy's certificate is self-signed",
    seed: metByAgent(async (world) => {
      const identity = await makeIdentity({ name: 'proxy', hosts: ['localhost'], usage: 'server' });
      const relay = await secureProxy(world, await serverCertificate(identity));
      selfSigned.set(world, pemOf(identity.certificate));
      configure({ proxy: `https://localhost:${relay.port}` })(world);
      return relay;
    }),
    check: 'proxy',
    cause: /the proxy localhost:\d+ \(DEPTH_ZERO_SELF_SIGNED_CERT: its certificate is self-signed/,
    remedy: /name its certificate in "caFile"/,
    repair: (world) => {
      appendFileSync(world.caFile, selfSigned.get(world) ?? '');
      return undefined;
    },
  },
];
