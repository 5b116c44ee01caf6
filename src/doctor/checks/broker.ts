import { randomUUID } from 'node:crypto';
import { type BrokerAccount, BrokerFailure, type BrokerRequest } from '../../entra/broker/broker.ts';
import { mapBrokerFailure } from '../../entra/broker/map-broker-failure.ts';
import { openBroker } from '../../entra/broker/open-broker.ts';
import { abortable } from '../../entra/transport/abortable.ts';
import { type Check, type Facts, notNeededWithApiKey, type Outcome } from '../check.ts';
import { combine, type Problem } from '../combine.ts';
import type { DoctorContext } from '../context.ts';
import type { EntraSignIn } from '../entra-sign-in.ts';
import { failure } from '../failure.ts';
import { remedyFor } from '../sign-in-remedy.ts';
import { type WindowsEnrollment, windowsEnrollment } from '../windows-enrollment.ts';

/** A broker that has to be started first takes a few seconds. */
const PATIENCE_MS = 15_000;

/** Asks for the accounts only: it opens no dialog and gets no token. */
export const brokerCheck: Check<DoctorContext> = {
  id: 'broker',
  title: "The system's broker",
  needs: ['configuration'],
  async run(context, signal) {
    const entra = context.entra();
    if (entra === undefined) return notNeededWithApiKey();
    if (process.platform === 'darwin') return ON_MACOS;
    const request = requestOf(entra, signal);
    const env = context.session ?? context.env;
    try {
      return accountsOutcome(await findAccounts(env, request), await lookAround(env, request));
    } catch (thrown) {
      return refusedOutcome(thrown, request, entra);
    }
  },
};

const USE_BROWSER = 'set "signInMethod" to "browser" for this computer';

const ON_MACOS: Outcome = {
  state: 'fail',
  detail: 'this program doesn\'t use the broker of macOS, so "signInMethod" can\'t be "broker" here',
  remedy: USE_BROWSER,
};

function requestOf({ configuration, authority }: EntraSignIn, signal: AbortSignal): BrokerRequest {
  const { clientId, scope } = configuration;
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  return { authority, clientId, scope, correlationId: randomUUID(), signal: bounded };
}

/** A broker that ignores the signal isn't waited for. */
function findAccounts(env: NodeJS.ProcessEnv, request: BrokerRequest): Promise<readonly BrokerAccount[]> {
  return abortable(request.signal, (resolve, reject) => {
    openBroker(env)
      .then((broker) => broker.accounts(request))
      .then(resolve, reject);
    return () => undefined;
  });
}

/** What else is known about this computer. None of it is worth a failure. */
interface Surroundings {
  readonly version?: string | undefined;
  readonly enrollment?: WindowsEnrollment | undefined;
}

async function lookAround(env: NodeJS.ProcessEnv, request: BrokerRequest): Promise<Surroundings> {
  if (process.platform === 'win32') return { enrollment: await windowsEnrollment(env) };
  const { linuxBrokerVersion } = await import('../../entra/broker/linux/broker-version.ts');
  return { version: await linuxBrokerVersion(env, request).catch(() => undefined) };
}

/** Says how many accounts there are, and never which. */
export function accountsOutcome(
  accounts: readonly BrokerAccount[],
  { version, enrollment }: Surroundings,
  platform = process.platform,
): Outcome {
  const facts: Facts = {
    accounts: accounts.length,
    ...(version === undefined ? {} : { version }),
    ...(enrollment === undefined ? {} : { enrollment: enrollment.state }),
  };
  const known = accounts.length === 1 ? 'one account' : `${accounts.length} accounts`;
  const answers = `it answers${version === undefined ? '' : ` (version ${version})`}, and knows ${known} for this sign-in`;
  const choice = accounts.length > 1 ? '; users choose one when they first sign in, unless "accountHint" names it' : '';
  return combine(accountProblems(accounts, enrollment, platform), `${answers}${choice}`, facts);
}

function accountProblems(
  accounts: readonly BrokerAccount[],
  enrollment: WindowsEnrollment | undefined,
  platform: NodeJS.Platform,
): Problem[] {
  const enroll = ENROLL[platform === 'win32' ? 'win32' : 'linux'];
  if (enrollment?.state === 'none') {
    return [{ state: 'warn', detail: "this computer isn't registered with an organization", remedy: enroll }];
  }
  if (enrollment?.state === 'joined' && !enrollment.hasPrimaryToken) {
    return [{ state: 'warn', detail: "Windows isn't signed in to Entra (AzureAdPrt : NO)", remedy: RENEW_WINDOWS }];
  }
  if (accounts.length > 0) return [];
  return [{ state: 'warn', detail: 'it answers, but no work account is signed in to this computer', remedy: enroll }];
}

const ENROLL = {
  win32: 'add the work account in Settings > Accounts > Access work or school',
  linux: 'sign in to the Microsoft Intune app (intune-portal), or join the computer with Himmelblau',
};

const RENEW_WINDOWS =
  'connect to the network, lock the computer, and unlock it with the password or PIN of the work account';

/** With the fallback, users can still sign in, so it's only a warning. */
function refusedOutcome(thrown: unknown, { scope, correlationId, signal }: BrokerRequest, entra: EntraSignIn): Outcome {
  const { configuration } = entra;
  const state = configuration.browserSignInFallback ? 'warn' : 'fail';
  if (signal.aborted) {
    const detail = `the broker hasn't answered within ${PATIENCE_MS / 1000} s`;
    return { state, detail, remedy: `log out of the computer and in again; if that doesn't help, ${USE_BROWSER}` };
  }
  const error = mapBrokerFailure(thrown, { scope, correlationId, isInteractive: false });
  const fault = thrown instanceof BrokerFailure ? { fault: thrown.fault } : {};
  return failure(error, { state, remedy: remedyFor(error, configuration), facts: fault });
}
