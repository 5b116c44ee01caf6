import { jsonReply } from '../../../support/servers/https-listener.ts';
import { nameFaults } from './names.ts';
import { proxyFaults } from './proxy.ts';
import type { SeededFault } from './row.ts';
import { answerWith, metByAgent, type Repair, restoreSignInHost, type Seed, SIGN_IN_HOST } from './seeds.ts';
import { tlsFaults } from './tls.ts';

/** The sign-in host's clock is this many minutes ahead of the computer's. */
const serverAhead =
  (minutes: number): Seed =>
  ({ entra }) => {
    const date = new Date(Date.now() + minutes * 60_000).toUTCString();
    const body = { issuer: `https://login.microsoftonline.com/${entra.tenantId}/v2.0` };
    entra.setFault('metadata', { kind: 'http', status: 200, headers: { date }, body });
    return undefined;
  };

/** To the doctor it's the same whether the computer's clock or the server's is set. */
const clocksAgree: Repair = ({ entra }) => {
  entra.setFault('metadata', undefined);
  return undefined;
};

const clock = (fault: string, minutes: number, cause: RegExp, state: 'warn' | 'fail' = 'fail'): SeededFault => ({
  fault,
  seed: serverAhead(minutes),
  check: 'clock',
  state,
  cause,
  remedy: /set date and time from the internet/,
  repair: clocksAgree,
});

export const networkFaults: readonly SeededFault[] = [
  ...proxyFaults,
  ...tlsFaults,
  ...nameFaults,
  {
    fault: 'a captive portal answers',
    seed: ({ entra }) => {
      entra.setFault('metadata', { kind: 'html' });
      return undefined;
    },
    check: 'tls',
    cause: /login\.microsoftonline\.com \(HTTP 200, text\/html, not a JSON object\)/,
    remedy:
      /open https:\/\/login\.microsoftonline\.com in a browser: if the network asks you to sign in to it, do that/,
    repair: clocksAgree,
  },
  {
    fault: 'a captive portal answers with JSON',
    seed: metByAgent(async (world) => {
      const certificate = await world.ca.issue([SIGN_IN_HOST]);
      return answerWith(
        world,
        certificate,
        jsonReply(200, { captive: true, 'user-portal-url': 'https://wifi.hotel.example' }),
      );
    }),
    check: 'entra-tenant',
    cause: /login\.microsoftonline\.com \(metadata without a usable issuer\)/,
    remedy:
      /open https:\/\/login\.microsoftonline\.com in a browser: if the network asks you to sign in to it, do that/,
    repair: restoreSignInHost,
  },
  clock("the computer's clock is two hours late", 120, /2 h behind/),
  clock("the computer's clock is two hours early", -120, /2 h ahead/),
  clock("the computer's clock is three minutes late", 3, /3 min behind/, 'warn'),
  clock("the computer's clock is three minutes early", -3, /3 min ahead/, 'warn'),
];
