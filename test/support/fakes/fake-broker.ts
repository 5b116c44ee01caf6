import { Secret } from '../../../src/core/secret.ts';
import type {
  Broker,
  BrokerAccount,
  BrokerFailure,
  BrokerRequest,
  BrokerToken,
} from '../../../src/entra/broker/broker.ts';
import type { BrokerRecord } from '../../../src/entra/token-source.ts';

export const TENANT = '11111111-2222-4333-8444-555555555555';
export const CLIENT = '66666666-7777-4888-8999-aaaaaaaaaaaa';

export function fakeAccount(
  username = 'ada@contoso.example',
  objectId = '0a1b2c3d-0000-4000-8000-000000000001',
): BrokerAccount {
  return {
    brokerAccountId: `broker-${objectId}`,
    homeAccountId: `${objectId}.${TENANT}`,
    localAccountId: objectId,
    tenantId: TENANT,
    environment: 'login.microsoftonline.com',
    username,
  };
}

export function fakeBrokerRecord(username?: string): BrokerRecord {
  return { ...fakeAccount(username), subject: `subject-${fakeAccount().localAccountId}` };
}

export function fakeIdToken(claims: Readonly<Record<string, unknown>>): Secret {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return new Secret(`${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`);
}

/** The claims of a correct ID token about an account. */
export function claimsAbout({ localAccountId, tenantId, username }: BrokerAccount): Readonly<Record<string, unknown>> {
  return {
    iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
    aud: CLIENT,
    tid: tenantId,
    oid: localAccountId,
    sub: `subject-${localAccountId}`,
    preferred_username: username,
  };
}

/** A broker that is scripted one answer at a time, and otherwise has one account. */
export class FakeBroker implements Broker {
  known: readonly BrokerAccount[] = [fakeAccount()];
  /** What the next calls for a token do instead: fail with this, answer with this, or wait for it first. */
  readonly script: (BrokerFailure | Partial<BrokerToken> | (() => Promise<void>))[] = [];
  readonly calls: {
    readonly method: keyof Broker;
    readonly request: BrokerRequest;
    readonly args: readonly unknown[];
  }[] = [];
  now = () => Date.now();
  #minted = 0;

  get methods(): readonly string[] {
    return this.calls.map(({ method }) => method);
  }

  async accounts(request: BrokerRequest): Promise<readonly BrokerAccount[]> {
    this.calls.push({ method: 'accounts', request, args: [] });
    return this.known;
  }

  acquireSilently(request: BrokerRequest, account: BrokerRecord, replaces?: Secret): Promise<BrokerToken> {
    const known = this.known.find(({ brokerAccountId }) => brokerAccountId === account.brokerAccountId);
    return this.#token('acquireSilently', request, [account, replaces], known);
  }

  signInSilently(request: BrokerRequest, loginHint?: string): Promise<BrokerToken> {
    return this.#token('signInSilently', request, [loginHint], this.known[0]);
  }

  signInInteractively(request: BrokerRequest, loginHint?: string, selectAccount?: boolean): Promise<BrokerToken> {
    return this.#token('signInInteractively', request, [loginHint, selectAccount], this.known[0]);
  }

  async #token(
    method: keyof Broker,
    request: BrokerRequest,
    args: readonly unknown[],
    account: BrokerAccount = fakeAccount(),
  ): Promise<BrokerToken> {
    this.calls.push({ method, request, args });
    const step = this.script.shift();
    if (step instanceof Error) throw step;
    if (typeof step === 'function') await step();
    this.#minted += 1;
    return {
      accessToken: new Secret(`access-${this.#minted}`),
      expiresAt: this.now() + 3_600_000,
      idToken: fakeIdToken(claimsAbout(account)),
      account,
      ...(typeof step === 'object' ? step : {}),
    };
  }
}
