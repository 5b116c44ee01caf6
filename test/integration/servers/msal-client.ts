// MSAL as the product uses it, on the production authority, but with the smallest network client that works.
import { Agent, type RequestOptions, request } from 'node:https';
import {
  type AccountInfo,
  type AuthenticationResult,
  type INetworkModule,
  type NetworkRequestOptions,
  type NetworkResponse,
  PublicClientApplication,
} from '@azure/msal-node';

export const SCOPES = ['https://cognitiveservices.azure.com/.default'];

export interface MsalClientOptions {
  readonly tenantId: string;
  readonly clientId: string;
  readonly proxyUrl: string;
  readonly ca: string;
}

/** A client whose cache is its memory; `post` sends a form to the token endpoint without MSAL. */
export class MsalClient {
  readonly application: PublicClientApplication;
  readonly #options: MsalClientOptions;

  constructor(options: MsalClientOptions) {
    this.#options = options;
    this.application = new PublicClientApplication({
      auth: { clientId: options.clientId, authority: `https://login.microsoftonline.com/${options.tenantId}` },
      system: { networkClient: this.#network() },
    });
  }

  /** Device code grant; `onCode` is what the user does with the code. */
  async signIn(onCode: (userCode: string) => void | Promise<void>): Promise<AuthenticationResult> {
    const result = await new Promise<AuthenticationResult | null>((resolve, reject) => {
      const deviceCodeCallback = ({ userCode }: { userCode: string }) => {
        Promise.resolve(onCode(userCode)).catch(reject);
      };
      this.application.acquireTokenByDeviceCode({ scopes: SCOPES, deviceCodeCallback }).then(resolve, reject);
    });
    if (result === null) throw new Error('MSAL gave no result');
    return result;
  }

  async refresh(account: AccountInfo): Promise<AuthenticationResult> {
    return await this.application.acquireTokenSilent({ account, scopes: SCOPES, forceRefresh: true });
  }

  /** The refresh token that MSAL holds. */
  refreshToken(): string {
    const cache = JSON.parse(this.application.getTokenCache().serialize()) as {
      RefreshToken: Record<string, { secret: string }>;
    };
    return Object.values(cache.RefreshToken)[0]?.secret ?? '';
  }

  /** Uses a refresh token past MSAL, as a second program that had copied it would. */
  redeem(refreshToken: string): Promise<NetworkResponse<Record<string, unknown>>> {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: this.#options.clientId,
      refresh_token: refreshToken,
      scope: [...SCOPES, 'openid', 'offline_access'].join(' '),
    });
    const url = `https://login.microsoftonline.com/${this.#options.tenantId}/oauth2/v2.0/token`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return send('POST', url, this.#agent(), { headers, body: form.toString() });
  }

  #agent(): Agent {
    const { proxyUrl, ca } = this.#options;
    return new Agent({ ca, proxyEnv: { HTTPS_PROXY: proxyUrl } });
  }

  #network(): INetworkModule {
    const agent = this.#agent();
    return {
      sendGetRequestAsync: (url, options) => send('GET', url, agent, options),
      sendPostRequestAsync: (url, options) => send('POST', url, agent, options),
    };
  }
}

/** One HTTPS request with a JSON answer. */
export function send<T>(
  method: string,
  url: string,
  agent: Agent,
  options: NetworkRequestOptions & Pick<RequestOptions, 'timeout'> = {},
): Promise<NetworkResponse<T>> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers: options.headers ?? {} }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const headers = Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
        );
        const text = Buffer.concat(chunks).toString('utf8');
        try {
          resolve({ status: response.statusCode ?? 0, headers, body: JSON.parse(text) as T });
        } catch (error) {
          reject(error);
        }
      });
    });
    sent.on('error', reject);
    sent.end(options.body);
  });
}
