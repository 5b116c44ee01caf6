// A broker with a user who signs in: on Linux the tests' own on a real bus, for Windows behind a stand-in for
// Microsoft's runtime.
import { systemClock } from '../../../src/core/clock.ts';
import type { Broker } from '../../../src/entra/broker/broker.ts';
import { createBrokerTokenSource } from '../../../src/entra/broker/broker-token-source.ts';
import { WindowsBroker } from '../../../src/entra/broker/windows/windows-broker.ts';
import { type BrokerTokenSource, isBrokerRecord } from '../../../src/entra/token-source.ts';
import { FakeMsalRuntime, type RuntimeAnswer } from '../../support/fakes/fake-msal-runtime.ts';
import { EntraTenant } from '../../support/servers/entra-tenant.ts';
import { mintIdToken } from '../../support/servers/entra-tokens.ts';
import { type BrokerOutcome, brokerRefusals } from '../../support/servers/identity-broker-replies.ts';
import { startBrokerSession } from '../broker/broker-session.ts';
import { SCOPE, type Subject, type Trouble } from './token-source-contract.ts';

const OTHER_TENANT = '99999999-0000-4000-8000-000000000000';

const REFUSALS = {
  blocked: 'blocked',
  'account-disabled': 'accountDisabled',
  'step-required': 'mfaRequired',
  ended: 'ended',
  offline: 'offline',
  busy: 'busy',
} as const satisfies Partial<Record<Trouble, keyof typeof brokerRefusals>>;

const isRefusal = (trouble: Trouble): trouble is keyof typeof REFUSALS => trouble in REFUSALS;

/** The subject of a broker that `meet` has changed. */
function subjectOf(
  tenant: EntraTenant,
  openBroker: () => Promise<Broker>,
  parts: Pick<Subject, 'meet' | 'asked' | 'dispose'>,
): Subject {
  const { tenantId, clientId } = tenant;
  const source: BrokerTokenSource = createBrokerTokenSource({
    ...{ cloud: 'public', tenantId, clientId, scope: SCOPE },
    clock: systemClock,
    openBroker,
  });
  return {
    ...parts,
    signIn: (signal = new AbortController().signal) => source.signInWithBroker({ signal, mayPrompt: () => true }),
    refresh: (record, options) => {
      if (!isBrokerRecord(record)) throw new Error('no broker keeps this sign-in');
      return source.refresh(record, options);
    },
    secrets: () => tenant.issued.accessTokens,
  };
}

/** On a separate bus. */
export async function openLinuxSubject(): Promise<Subject> {
  const { service, tenant, broker, dispose } = await startBrokerSession();
  const [ada] = service.accounts;
  const outcomeOf = (trouble: Trouble): BrokerOutcome => {
    if (isRefusal(trouble)) return REFUSALS[trouble];
    if (trouble === 'malformed') return { text: '{"brokerTokenResponse":' };
    if (trouble === 'declined') return 'mfaRequired';
    return trouble === 'hangs' ? 'never' : 'token';
  };
  let callsBefore = 0;
  return subjectOf(tenant, async () => broker, {
    meet: (trouble) => {
      callsBefore = service.callsOf('acquireTokenSilently').length;
      service.silently = outcomeOf(trouble);
      service.interactively = trouble === 'declined' ? 'canceledByUser' : outcomeOf(trouble);
      const account = ada ?? { username: '' };
      service.accounts = [trouble === 'other-tenant' ? { ...account, tenantId: OTHER_TENANT } : account];
    },
    asked: async () => {
      while (service.callsOf('acquireTokenSilently').length === callsBefore) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    dispose,
  });
}

/** Without Windows: what Microsoft's runtime returns is made up, but all that this program makes of it is real. */
export async function openWindowsSubject(): Promise<Subject> {
  const tenant = new EntraTenant();
  let trouble: Trouble = 'none';
  let onAsked = (): void => undefined;
  let asked = Promise.resolve();
  const answers = (): readonly RuntimeAnswer[] => {
    if (isRefusal(trouble)) {
      const { status, context } = brokerRefusals[REFUSALS[trouble]];
      return [{ error: { errorStatus: status, errorContext: context } }];
    }
    switch (trouble) {
      case 'declined': {
        const [step, closed] = [brokerRefusals.mfaRequired, brokerRefusals.canceledByUser];
        return [
          { error: { errorStatus: step.status, errorContext: step.context } },
          { error: { errorStatus: closed.status, errorContext: closed.context } },
        ];
      }
      case 'malformed':
        return [{ token: { accessToken: 'x', expiresOn: 0 } }];
      case 'hangs':
        return ['hangs'];
      default:
        return [{ token: tokenOf(tenant, trouble === 'other-tenant' ? OTHER_TENANT : tenant.tenantId) }];
    }
  };
  const open = async (): Promise<Broker> => {
    const runtime = new FakeMsalRuntime(...answers());
    runtime.accounts.splice(0, 1, tokenOf(tenant, tenant.tenantId).account);
    onAsked();
    return new WindowsBroker(runtime, async () => ({ handle: Buffer.alloc(8), close: () => undefined }));
  };
  // The silent try and the dialog of one sign-in ask for one answer each.
  let broker: Promise<Broker> | undefined;
  const openBroker = (): Promise<Broker> => {
    if (trouble !== 'declined') return open();
    broker ??= open();
    return broker;
  };
  return subjectOf(tenant, openBroker, {
    meet: (next) => {
      trouble = next;
      broker = undefined;
      asked = new Promise((resolve) => {
        onAsked = resolve;
      });
    },
    asked: () => asked,
    dispose: () => Promise.resolve(),
  });
}

function tokenOf(tenant: EntraTenant, tenantId: string) {
  const account = tenant.account();
  const { clientId } = tenant;
  const lifetimeSec = 3_600;
  return {
    accessToken: tenant.issueAccessToken({ account, clientId, revoked: false }),
    expiresOn: Math.floor(Date.now() / 1000) + lifetimeSec,
    rawIdToken: mintIdToken({ account, tenantId, clientId, audience: '', lifetimeSec }),
    account: {
      accountId: account.oid,
      homeAccountId: `${account.oid}.${tenantId}`,
      localAccountId: account.oid,
      realm: tenantId,
      environment: 'login.microsoftonline.com',
      username: account.username,
    },
  };
}
