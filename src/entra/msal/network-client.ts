// MSAL's network port. MSAL's own client hides device code errors, stops polling at the first connection reset, waits
// 300 s for a reply, and accepts an empty object as success. This one follows RFC 8628 and keeps Entra's error.
import { setTimeout as setTimeoutAsync } from 'node:timers/promises';
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { type Clock, elapsedSince, type Instant, instant, systemClock } from '../../core/clock.ts';
import { AppError, toAppError } from '../../core/errors.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';
import { readDeviceAuthorization, readToken, type TokenTimes } from '../replies/entra-reply.ts';
import { type Grant, mapEntraError } from '../replies/map-error.ts';
import type { JsonReply, JsonRequest, SendJson } from '../transport/https-client.ts';
import { couldNotConnect, mapAbort } from '../transport/transport-error.ts';

export interface NetworkClientOptions {
  readonly send: SendJson;
  readonly log: EventLog;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** Called when Microsoft stops answering while the user signs in (false), and when it answers again (true). */
  readonly onReachable?: ((isReachable: boolean) => void) | undefined;
  /** Resolves after `ms` milliseconds, or rejects as soon as the signal aborts. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

interface OpenCode {
  readonly intervalMs: number;
  readonly expiresInMs: number;
  readonly issued: Instant;
}

/** RFC 8628 section 3.5. */
const SLOW_DOWN_MS = 5_000;
/** Someone may be watching the page when the network comes back. */
const MAX_BACK_OFF_MS = 15_000;
/** First pause before an authorization code is sent again. */
const REDEEM_PAUSE_MS = 1_000;
/** No authorization code is valid longer (RFC 6749 section 4.1.2). */
const MAX_CODE_LIFE_MS = 10 * 60_000;

/**
 * Makes MSAL's HTTPS requests for one refresh or one sign-in, and shares nothing with another. Owns the open device
 * code, its polling, and the token's times. MSAL calls it; `failure` and `times` are read when MSAL is done. It checks
 * every successful reply before MSAL sees it, and sends a code or a refresh token only once.
 * @throws AppError from both methods that MSAL calls
 */
export class EntraNetworkClient implements INetworkModule {
  readonly #send: SendJson;
  readonly #log: EventLog;
  readonly #signal: AbortSignal | undefined;
  readonly #clock: Clock;
  readonly #sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly #onReachable: ((isReachable: boolean) => void) | undefined;
  #isReachable = true;
  #code: OpenCode | undefined;
  #failure: AppError | undefined;
  #times: TokenTimes | undefined;
  #repliedAt: number | undefined;

  constructor({ send, log, signal, onReachable, clock = systemClock, sleep = defaultSleep }: NetworkClientOptions) {
    this.#send = send;
    this.#log = log;
    this.#signal = signal;
    this.#onReachable = onReachable;
    this.#clock = clock;
    this.#sleep = sleep;
  }

  /** The last error thrown into MSAL, which turns every error that isn't its own into `network_error`. */
  get failure(): AppError | undefined {
    return this.#failure;
  }

  /** The last token's lifetime, counted from its reply. MSAL would count from the start of the polling. */
  get times(): TokenTimes | undefined {
    return this.#times;
  }

  /**
   * When the last token was sent, in epoch milliseconds by the server's clock; by this computer's if the reply has no
   * Date.
   */
  get repliedAt(): number {
    return this.#repliedAt ?? this.#clock.now();
  }

  sendGetRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.#forMsal(() => this.#send(this.#request('GET', url, options)));
  }

  sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    const request = this.#request('POST', url, options);
    return this.#forMsal(() => {
      if (new URL(url).pathname.endsWith('/devicecode')) return this.#requestDeviceCode(request);
      const grant = new URLSearchParams(options?.body).get('grant_type');
      if (grant === 'device_code') return this.#poll(request);
      return grant === 'authorization_code' ? this.#redeemCode(request) : this.#redeem(request, 'refresh_token');
    });
  }

  async #forMsal<T>(exchange: () => Promise<JsonReply>): Promise<NetworkResponse<T>> {
    try {
      const { status, headers, body } = await exchange();
      // MSAL doesn't check the shape; entra-reply.ts has checked what MSAL relies on.
      return { status, headers: plainHeaders(headers), body: body as T };
    } catch (thrown) {
      this.#failure = toAppError(thrown);
      throw this.#failure;
    }
  }

  #request(method: 'GET' | 'POST', url: string, options: NetworkRequestOptions | undefined): JsonRequest {
    return {
      method,
      url,
      headers: options?.headers ?? {},
      body: options?.body,
      signal: this.#signal,
    };
  }

  async #requestDeviceCode(request: JsonRequest): Promise<JsonReply> {
    const reply = await this.#send(request);
    if (!isSuccess(reply)) throw this.#refusal(reply, request, 'device_code');
    const { body, intervalMs, expiresInMs } = readDeviceAuthorization(reply.body, hostOf(request));
    this.#code = { intervalMs, expiresInMs, issued: instant(this.#clock) };
    return { ...reply, body };
  }

  /** Waits while the network is down, because the user has already signed in. A code reaches Entra only once. */
  async #redeemCode(request: JsonRequest): Promise<JsonReply> {
    const begun = instant(this.#clock);
    for (let failures = 1; ; failures += 1) {
      const outcome = await this.#redeem(request, 'authorization_code').catch(toAppError);
      this.#noteOutcome(outcome);
      if (!(outcome instanceof AppError)) return outcome;
      const delayMs = Math.min(MAX_BACK_OFF_MS, REDEEM_PAUSE_MS * 2 ** (failures - 1));
      const isLate = elapsedSince(begun, this.#clock) + delayMs > MAX_CODE_LIFE_MS;
      if (isLate || !couldNotConnect(outcome)) throw outcome;
      this.#log.info('code-exchange-failed', { ...failureFields(outcome), attempt: failures, delayMs });
      await this.#pause(delayMs);
    }
  }

  /** Sends the request only once: if the reply was lost, the code or refresh token may be used up. */
  async #redeem(request: JsonRequest, grant: Grant): Promise<JsonReply> {
    const reply = await this.#send(request);
    if (!isSuccess(reply)) throw this.#refusal(reply, request, grant);
    return this.#takeToken(reply, request, grant);
  }

  /**
   * Does the whole polling inside one of MSAL's requests, because MSAL's own loop can't be aborted, ignores slow_down,
   * and never retries. A failure of the network doesn't end it before the code expires: the computer may have moved to
   * another network, and move back.
   */
  async #poll(request: JsonRequest): Promise<JsonReply> {
    const code = this.#code;
    if (code === undefined) throw new AppError('ERR_INTERNAL', { detail: 'polling without a device code' });
    let { intervalMs } = code;
    let waitMs = intervalMs;
    let failures = 0;
    let failure: AppError | undefined;
    for (;;) {
      await this.#waitForTurn(code, waitMs, failure);
      const outcome = await this.#pollOnce(request);
      this.#noteOutcome(outcome);
      if (outcome === 'authorization_pending' || outcome === 'slow_down') {
        if (outcome === 'slow_down') intervalMs += SLOW_DOWN_MS;
        waitMs = intervalMs;
        failures = 0;
        failure = undefined;
      } else if (outcome instanceof AppError) {
        failure = outcome;
        failures += 1;
        const backOffMs = Math.min(MAX_BACK_OFF_MS, intervalMs * 2 ** failures);
        waitMs = Math.max(intervalMs, failure.retryAfterMs ?? backOffMs);
        this.#log.info('poll-failed', { ...failureFields(failure), attempt: failures, delayMs: waitMs });
      } else {
        return this.#takeToken(outcome, request, 'device_code');
      }
    }
  }

  /**
   * Returns the reply with the token, the reason to keep polling, or a failure of the network.
   * @throws AppError for every other failure
   */
  async #pollOnce(request: JsonRequest): Promise<JsonReply | 'authorization_pending' | 'slow_down' | AppError> {
    let failure: AppError;
    try {
      const reply = await this.#send(request);
      if (isSuccess(reply)) return reply;
      const error = reply.body['error'];
      if (error === 'authorization_pending' || error === 'slow_down') return error;
      failure = this.#refusal(reply, request, 'device_code');
    } catch (thrown) {
      failure = toAppError(thrown);
    }
    // A proxy that keeps refusing the same password may lock the account that it belongs to.
    if (failure.category === 'network' && failure.code !== 'ERR_NETWORK_PROXY_AUTH') return failure;
    throw failure;
  }

  /** Tells when Microsoft can't be reached anymore, or can again. A busy server is one that answers. */
  #noteOutcome(outcome: unknown): void {
    const isDown = outcome instanceof AppError && outcome.category === 'network' && outcome.code !== 'ERR_THROTTLED';
    const isReachable = !isDown;
    if (isReachable === this.#isReachable) return;
    this.#isReachable = isReachable;
    this.#onReachable?.(isReachable);
  }

  async #waitForTurn(code: OpenCode, waitMs: number, failure: AppError | undefined): Promise<void> {
    const left = () => code.expiresInMs - elapsedSince(code.issued, this.#clock);
    await this.#pause(Math.max(0, Math.min(waitMs, left())));
    if (left() > 0) return;
    const detail = failure === undefined ? undefined : `the last attempt failed with ${failure.code}`;
    throw new AppError('ERR_SIGN_IN_CODE_EXPIRED', { detail, cause: failure });
  }

  async #pause(ms: number): Promise<void> {
    try {
      await this.#sleep(ms, this.#signal);
    } catch (thrown) {
      throw this.#signal?.aborted ? mapAbort(this.#signal.reason) : thrown;
    }
  }

  #takeToken(reply: JsonReply, request: JsonRequest, grant: Grant): JsonReply {
    const { body, times } = readToken(reply.body, grant, hostOf(request));
    this.#times = times;
    const date = Date.parse(String(reply.headers['date']));
    this.#repliedAt = Number.isNaN(date) ? undefined : date;
    return { ...reply, body };
  }

  #refusal(reply: JsonReply, request: JsonRequest, grant: Grant): AppError {
    const scope = new URLSearchParams(request.body).get('scope') ?? undefined;
    return mapEntraError(reply, grant, hostOf(request), this.#clock.now(), scope);
  }
}

async function defaultSleep(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeoutAsync(ms, undefined, { signal });
}

function isSuccess({ status, body }: JsonReply): boolean {
  return status === 200 && body['error'] === undefined;
}

function hostOf({ url }: JsonRequest): string {
  return new URL(url).host;
}

function plainHeaders(headers: JsonReply['headers']): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') plain[name] = value;
  }
  return plain;
}
