// The identity broker of a Linux computer: microsoft-identity-broker, which comes with Microsoft Intune, or himmelblau.
// Load this module only when it's needed, as it loads the D-Bus library.
import type { Secret } from '../../../core/secret.ts';
import type { Broker, BrokerAccount, BrokerRequest, BrokerToken } from '../broker.ts';
import { chooseAccount, usableAccounts } from '../choose-account.ts';
import { BrokerConnection } from './broker-connection.ts';
import { readAccounts, readToken } from './broker-reply.ts';
import { accountsRequest, interactiveRequest, type RequestedAccount, silentRequest } from './broker-request.ts';

/** Includes the start of the broker and its exchange with Entra. */
const SILENT_MS = 30_000;
/** As long as a device code lives. */
const INTERACTIVE_MS = 900_000;

/**
 * Each call has its own connection, so nothing stays open in between.
 * @param env of the user's session, whose bus the broker is on
 */
export function openLinuxBroker(env: NodeJS.ProcessEnv): Promise<Broker> {
  return Promise.resolve(new LinuxBroker(env));
}

class LinuxBroker implements Broker {
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  accounts(request: BrokerRequest): Promise<readonly BrokerAccount[]> {
    return this.#connected(request, SILENT_MS, (connection) => listAccounts(connection, request));
  }

  acquireSilently(request: BrokerRequest, account: RequestedAccount, replaces?: Secret): Promise<BrokerToken> {
    return this.#connected(request, SILENT_MS, (connection) => acquire(connection, request, account, replaces));
  }

  signInSilently(request: BrokerRequest, loginHint?: string): Promise<BrokerToken> {
    return this.#connected(request, SILENT_MS, async (connection) => {
      const accounts = await listAccounts(connection, request);
      return acquire(connection, request, chooseAccount(accounts, { authority: request.authority, loginHint }));
    });
  }

  signInInteractively(request: BrokerRequest, loginHint?: string, selectAccount = false): Promise<BrokerToken> {
    return this.#connected(request, INTERACTIVE_MS, async (connection) => {
      const account = selectAccount ? undefined : findAccount(await listAccounts(connection, request), loginHint);
      const body = interactiveRequest(request, { account, loginHint: selectAccount ? undefined : loginHint });
      const reply = await connection.call('acquireTokenInteractively', body);
      return readToken(reply, { account, mayDiffer: true, environment: hostOf(request) });
    });
  }

  async #connected<T>(
    request: BrokerRequest,
    patienceMs: number,
    work: (connection: BrokerConnection) => Promise<T>,
  ): Promise<T> {
    const connection = BrokerConnection.open(this.#env, request, patienceMs);
    try {
      return await work(connection);
    } finally {
      connection.close();
    }
  }
}

async function listAccounts(connection: BrokerConnection, request: BrokerRequest): Promise<readonly BrokerAccount[]> {
  const reply = await connection.call('getAccounts', accountsRequest(request));
  return usableAccounts(readAccounts(reply, hostOf(request)), request.authority);
}

async function acquire(
  connection: BrokerConnection,
  request: BrokerRequest,
  account: RequestedAccount,
  replaces?: Secret,
): Promise<BrokerToken> {
  const reply = await connection.call('acquireTokenSilently', silentRequest(request, account, replaces));
  return readToken(reply, { account, mayDiffer: false, environment: hostOf(request) });
}

/** The account that the dialog is for, so that it asks only for what's missing. himmelblau has no dialog without one. */
function findAccount(accounts: readonly BrokerAccount[], loginHint: string | undefined): BrokerAccount | undefined {
  const named = accounts.find(({ username }) => username.toLowerCase() === loginHint?.toLowerCase());
  return named ?? (loginHint === undefined && accounts.length === 1 ? accounts[0] : undefined);
}

function hostOf({ authority }: BrokerRequest): string {
  return new URL(authority).host;
}
