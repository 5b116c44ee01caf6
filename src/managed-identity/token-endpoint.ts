import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sameSecret } from '../core/constant-time.ts';
import { describeFailure, toAppError } from '../core/errors.ts';
import { LoopbackServer } from '../platform/loopback-server.ts';
import { RateLimit } from './rate-limit.ts';
import { parseTokenRequest, type TokenRequest } from './token-request.ts';

export interface EndpointToken {
  readonly token: string;
  /** RFC 3339. */
  readonly expiresOn: string;
}

export interface TokenEndpointOptions {
  /** @throws AppError whose text the client shows to its user */
  readonly token: (request: TokenRequest) => Promise<EndpointToken>;
  /** Milliseconds from a clock that never goes back. Default: `performance.now`. */
  readonly now?: () => number;
}

/** The variables through which a command finds the endpoint. */
export interface EndpointEnvironment {
  readonly IDENTITY_ENDPOINT: string;
  readonly IDENTITY_HEADER: string;
}

const limits = { headBytes: 8 * 1024, keepAliveMs: 5_000 } as const;
/** A client asks once and keeps the token. One that asks more often than this is in a loop. */
const RATE = { requests: 60, perMs: 10_000 } as const;
const PATH = '/msi/token';

/**
 * Tokens for Azure SDKs by Azure App Service's managed-identity protocol. Owns an HTTP server on 127.0.0.1 and the
 * secret that its clients must send. `exec` starts it before its command and closes it afterward. Requests without the
 * secret neither count against the command's allowance nor keep its connections out.
 * https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference: a GET with
 * `api-version=2019-08-01`, `resource`, and the header X-IDENTITY-HEADER, whose value keeps other programs' requests
 * out. A client's request is refused with 400: Azure SDKs show its message immediately, but keep asking for 20 s after
 * 404, 429, or 5xx. Other methods than GET, which no client uses, get 405.
 */
export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;
  readonly #secret = randomBytes(32).toString('base64url');
  readonly #rate: RateLimit;
  readonly #server: LoopbackServer;
  #authority = '';

  constructor(options: TokenEndpointOptions) {
    this.#options = options;
    this.#rate = new RateLimit({ ...RATE, now: options.now ?? (() => performance.now()) });
    this.#server = new LoopbackServer({
      ...limits,
      onRequest: (request, response) => void this.#serve(request, response),
    });
  }

  /** Listens on a free port of 127.0.0.1. @throws the system's error if there is none */
  async start(): Promise<EndpointEnvironment> {
    this.#authority = await this.#server.start();
    return { IDENTITY_ENDPOINT: `http://${this.#authority}${PATH}`, IDENTITY_HEADER: this.#secret };
  }

  /** Also ends the connections that are open. */
  close(): void {
    void this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { token, expiresOn, resource } = await this.#answer(request);
      const expiresOnSec = Math.floor(Date.parse(expiresOn) / 1000);
      send(response, 200, {
        access_token: token,
        expires_on: String(expiresOnSec),
        resource,
        token_type: 'Bearer',
      });
    } catch (thrown) {
      if (request.destroyed && !request.complete) return;
      const status = thrown instanceof WrongMethod ? 405 : 400;
      send(response, status, refusal(thrown, status));
    }
  }

  async #answer(request: IncomingMessage): Promise<EndpointToken & { readonly resource: string }> {
    // Only a browser sent here by another site's page has a different Host, or an Origin.
    if (request.headers.host !== this.#authority || request.headers.origin !== undefined) throw new Refusal('host');
    if (request.method !== 'GET') throw new WrongMethod(`only GET ${PATH} is served`);
    if (!sameSecret(String(request.headers['x-identity-header'] ?? ''), this.#secret)) {
      throw new Refusal("the header X-IDENTITY-HEADER isn't the one that this command was given");
    }
    this.#server.vouchFor(request);
    // Counts only requests with the secret, so no one else can use up the command's share.
    if (!this.#rate.take()) throw new Refusal('too many requests; the client should keep the token it has');
    const [, path, query] = /^([^?]*)\??(.*)$/.exec(request.url ?? '') ?? [];
    if (path !== PATH) throw new Refusal(`only GET ${PATH} is served`);
    const parsed = parseTokenRequest(new URLSearchParams(query));
    if (typeof parsed === 'string') throw new Refusal(parsed);
    return { ...(await this.#options.token(parsed)), resource: parsed.resource };
  }
}

/** Refuses a request before the agent is asked. */
class Refusal extends Error {}
class WrongMethod extends Refusal {}

/** The shape of App Service's errors; clients show `message`. */
function refusal(thrown: unknown, statusCode: number): object {
  if (thrown instanceof Refusal) return { statusCode, message: thrown.message };
  const message = describeFailure(thrown).text.trim().replace('\n', '; ');
  return { statusCode, message, correlationId: toAppError(thrown).correlationId };
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 405 ? { Allow: 'GET' } : {}),
    ...(status >= 400 ? { Connection: 'close' } : {}),
  });
  response.end(text);
}
