// The identity broker of a Linux computer, as a real service on a D-Bus session bus. It issues tokens of the local Entra
// server. Like Microsoft's, it returns a token again while that has five minutes left, unless the request names it as the
// one to renew.
import { createClient, type MessageBus } from 'dbus-native';
import type { EntraTenant } from './entra-tenant.ts';
import type { Account } from './entra-tokens.ts';
import {
  accountReply,
  type BrokerErrorReply,
  type BrokerMaker,
  type BrokerOutcome,
  brokerRefusals,
  errorReply,
  type IssuedReply,
  type SignedInAccount,
  tokenReply,
} from './identity-broker-replies.ts';

const NAME = 'com.microsoft.identity.broker1';
const PATH = '/com/microsoft/identity/broker1';
const INTERFACE = 'com.microsoft.identity.Broker1';
/** Registered for applications that use a broker on Linux. */
const REDIRECT_URI = 'https://login.microsoftonline.com/common/oauth2/nativeclient';
/** With less than this left, a token isn't returned again. */
const REUSABLE_MS = 300_000;

type Fields = Readonly<Record<string, unknown>>;

/** One call as it came. */
export interface ReceivedCall {
  readonly method: string;
  readonly protocolVersion: string;
  readonly correlationId: string;
  /** The JSON of the request, which holds tokens if one is renewed. */
  readonly request: Fields;
  /** `authParameters` of the request; empty if it has none. */
  readonly parameters: Fields;
}

/** Decides what becomes of each request; gets the request. */
type Outcome = BrokerOutcome | ((call: ReceivedCall) => BrokerOutcome);

export interface IdentityBrokerOptions {
  /** Issues the tokens: `world.entra`, or a tenant without a server. */
  readonly tenant: EntraTenant;
  /** Default: the tenant's first user. */
  readonly accounts?: readonly SignedInAccount[];
  readonly silently?: Outcome;
  readonly interactively?: Outcome;
  readonly maker?: BrokerMaker;
}

/** Starts it on the bus with this address (`DBUS_SESSION_BUS_ADDRESS`). @throws Error if another one is there */
export async function startIdentityBroker(busAddress: string, options: IdentityBrokerOptions): Promise<IdentityBroker> {
  const broker = new IdentityBroker(busAddress, options);
  await broker.start();
  return broker;
}

/** The public fields may be changed at any time and hold for the next request. */
export class IdentityBroker {
  readonly tenant: EntraTenant;
  maker: BrokerMaker;
  /** The computer's own account first. */
  accounts: readonly SignedInAccount[];
  /** Of `getAccounts`. `token` lists the accounts. */
  listing: BrokerOutcome = 'token';
  silently: Outcome;
  /** `never` is an open dialog, which `cancelInteractiveFlow` closes. */
  interactively: Outcome;
  /** The account that the user chooses in the dialog; default: the requested one if there is one, otherwise the first. */
  chosen: SignedInAccount | undefined;
  redirectUris: readonly string[] = [REDIRECT_URI];
  /** All calls so far. */
  readonly calls: ReceivedCall[] = [];

  readonly #busAddress: string;
  readonly #dialogs = new Map<string, (reply: object) => void>();
  readonly #issued = new Map<string, IssuedReply>();
  #bus: MessageBus | undefined;

  constructor(busAddress: string, options: IdentityBrokerOptions) {
    const { tenant, accounts, silently = 'token', interactively = 'token', maker = 'microsoft' } = options;
    this.tenant = tenant;
    this.maker = maker;
    this.accounts = accounts ?? [{ username: tenant.account().username }];
    this.silently = silently;
    this.interactively = interactively;
    this.#busAddress = busAddress;
  }

  /** The calls of one method, for example `acquireTokenSilently`. */
  callsOf(method: string): readonly ReceivedCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** How many dialogs are open. */
  get openDialogs(): number {
    return this.#dialogs.size;
  }

  /** Starts it, or starts it again after it left. @throws Error if another one is on the bus */
  async start(): Promise<void> {
    const bus = createClient({ busAddress: this.#busAddress, authMethods: ['EXTERNAL'], fdTransport: false });
    bus.connection.on('error', () => undefined);
    bus.exportInterface(this.#methods(), PATH, { name: INTERFACE, methods: SIGNATURES });
    const reply = await bus.requestName(NAME, DO_NOT_QUEUE);
    if (reply !== PRIMARY_OWNER) throw new Error('another identity broker is on this bus');
    this.#bus = bus;
  }

  /** Leaves the bus, and answers nothing that it was asked. */
  stop(): void {
    this.#dialogs.clear();
    this.#bus?.connection.stream.destroy();
    this.#bus = undefined;
  }

  /** Forgets the tokens that it would return again. */
  forgetTokens(): void {
    this.#issued.clear();
  }

  #methods() {
    const handle = (method: string, answer: (call: ReceivedCall) => object | Promise<unknown>) => {
      return async (protocolVersion: string, correlationId: string, json: string) => {
        const request = JSON.parse(json) as Fields;
        const parameters = (request['authParameters'] ?? {}) as Fields;
        const call = { method, protocolVersion, correlationId, request, parameters };
        this.calls.push(call);
        const reply = await answer(call);
        return typeof reply === 'string' ? reply : JSON.stringify(reply);
      };
    };
    return {
      getLinuxBrokerVersion: handle('getLinuxBrokerVersion', () => ({ linuxBrokerVersion: '2.0.4' })),
      getAccounts: handle('getAccounts', (call) => this.#resolve(this.listing, call, () => this.#list())),
      acquireTokenSilently: handle('acquireTokenSilently', (call) =>
        this.#resolve(decide(this.silently, call), call, () => this.#issue(call, this.#requested(call))),
      ),
      acquireTokenInteractively: handle('acquireTokenInteractively', (call) =>
        this.#resolve(decide(this.interactively, call), call, () =>
          this.#issue(call, this.chosen ?? this.#requested(call) ?? this.accounts[0]),
        ),
      ),
      cancelInteractiveFlow: handle('cancelInteractiveFlow', ({ correlationId }) => {
        this.#dialogs.get(correlationId)?.(errorReply(brokerRefusals.canceledByApplication));
        return {};
      }),
      removeAccount: handle('removeAccount', () => ({})),
      signOutSilently: handle('signOutSilently', () => ({})),
    };
  }

  #resolve(outcome: BrokerOutcome, call: ReceivedCall, answer: () => object): object | Promise<unknown> {
    if (outcome === 'token') return answer();
    if (outcome === 'never') return this.#wait(call);
    if (outcome === 'gone') {
      this.stop();
      return new Promise(() => undefined);
    }
    if (typeof outcome === 'string') return errorReply(brokerRefusals[outcome]);
    if ('text' in outcome) return Promise.resolve(outcome.text);
    if ('dbusError' in outcome) throw Object.assign(new Error(outcome.message), { dbusName: outcome.dbusError });
    return errorReply(outcome);
  }

  #wait({ correlationId }: ReceivedCall): Promise<object> {
    return new Promise((resolve) => {
      this.#dialogs.set(correlationId, (reply) => {
        this.#dialogs.delete(correlationId);
        resolve(reply);
      });
    });
  }

  #list(): object {
    return { accounts: this.accounts.map((account) => accountReply(this.tenant, this.maker, account)) };
  }

  /** The account that the request names: by its identifiers if it has them, otherwise by its user name. */
  #requested({ request, parameters }: ReceivedCall): SignedInAccount | undefined {
    const { homeAccountId, username } = (parameters['account'] ?? request['account'] ?? {}) as Fields;
    const hint = String(username ?? parameters['username'] ?? '').toLowerCase();
    return this.accounts.find((account) => {
      const reply = accountReply(this.tenant, this.maker, account) as Fields;
      return homeAccountId === undefined
        ? account.username.toLowerCase() === hint
        : reply['homeAccountId'] === homeAccountId;
    });
  }

  #issue({ parameters }: ReceivedCall, signedIn: SignedInAccount | undefined): object {
    const refusal = this.#refusal(parameters);
    if (refusal !== undefined) return errorReply(refusal);
    if (signedIn === undefined) return errorReply(brokerRefusals.accountNotFound);
    const account = this.tenant.account(signedIn.username);
    return tokenReply(this, account, this.#token(parameters, account), signedIn);
  }

  #refusal({ clientId, redirectUri }: Fields): BrokerErrorReply | undefined {
    if (clientId !== this.tenant.clientId) return brokerRefusals.unknownApplication;
    return this.redirectUris.includes(String(redirectUri)) ? undefined : brokerRefusals.redirectUri;
  }

  #token({ requestedScopes, accessTokenToRenew, decodedClaims }: Fields, account: Account): IssuedReply {
    const scope = String((requestedScopes as readonly string[] | undefined)?.[0]);
    const key = `${account.oid} ${scope}`;
    const kept = this.#issued.get(key);
    const isReusable = kept !== undefined && kept.expiresOn - Date.now() >= REUSABLE_MS;
    if (isReusable && accessTokenToRenew !== kept.accessToken && !decodedClaims) return kept;
    const session = { account, clientId: this.tenant.clientId, revoked: false };
    const issued = {
      accessToken: this.tenant.issueAccessToken(session, scope.replace(/\/[^/]*$/, '')),
      expiresOn: Date.now() + this.tenant.accessTokenLifetimeSec * 1000,
    };
    this.#issued.set(key, issued);
    return issued;
  }
}

function decide(outcome: Outcome, call: ReceivedCall): BrokerOutcome {
  return typeof outcome === 'function' ? outcome(call) : outcome;
}

/** D-Bus Specification, "org.freedesktop.DBus.RequestName". */
const DO_NOT_QUEUE = 4;
const PRIMARY_OWNER = 1;

const METHODS = [
  'getLinuxBrokerVersion',
  'getAccounts',
  'acquireTokenSilently',
  'acquireTokenInteractively',
  'cancelInteractiveFlow',
  'removeAccount',
  'signOutSilently',
];
const SIGNATURES = Object.fromEntries(
  METHODS.map((name) => [
    name,
    ['sss', 's', ['protocolVersion', 'correlationId', 'request'], ['response']] satisfies [
      string,
      string,
      string[],
      string[],
    ],
  ]),
);
