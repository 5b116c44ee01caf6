// What can go wrong with an answer, as data; the servers apply it in place of, or on top of, the true answer.
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EntraErrorOptions, entraErrorReply } from './entra-errors.ts';
import { htmlReply, type Reply, sendReply } from './https-listener.ts';

export type Fault =
  /** An Entra error by its AADSTS number; `error`, `suberror` and status as Entra has them unless overridden. */
  | ({ readonly kind: 'aadsts'; readonly code: number } & EntraErrorOptions)
  /** An OAuth error that has no AADSTS number, such as `slow_down`. */
  | { readonly kind: 'oauth-error'; readonly error: string; readonly status?: number }
  /** Any status, with a body (an object is sent as JSON) and headers such as `retry-after`. */
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly body?: string | object;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** A page where JSON was expected, as a captive portal or a proxy sends it; status 200 unless given. */
  | { readonly kind: 'html'; readonly status?: number }
  /** Status and length fit, but the text stops in the middle of the true answer. */
  | { readonly kind: 'half-json' }
  /** Status 200 and `{}`. */
  | { readonly kind: 'empty-object' }
  /** The true answer without one field. */
  | { readonly kind: 'missing-field'; readonly field: string }
  /** The true answer with another value in one field. */
  | { readonly kind: 'changed-field'; readonly field: string; readonly value: unknown }
  /** The connection is reset before the server has done anything. */
  | { readonly kind: 'reset' }
  /** The server does its work, so a refresh token is used up, and then resets the connection. */
  | { readonly kind: 'lost-answer' }
  /** Nothing is ever answered. */
  | { readonly kind: 'no-answer' }
  /** Headers and half of the body arrive, the rest never. */
  | { readonly kind: 'stalled-body' }
  /** After `ms` milliseconds comes the true answer, or the other fault. */
  | { readonly kind: 'delay'; readonly ms: number; readonly answerWith?: Fault };

export interface FaultContext {
  readonly response: ServerResponse;
  /** Makes the true answer, with all that it changes on the server. At most called once. */
  readonly answer: () => Reply | Promise<Reply>;
  readonly correlationId: string;
}

/** Answers with the fault. Resolves to the HTTP status that was sent, or 0 when there was none. */
export async function applyFault(fault: Fault, context: FaultContext): Promise<number> {
  const { response, answer } = context;
  switch (fault.kind) {
    case 'delay':
      await sleep(fault.ms, undefined, { ref: false });
      return fault.answerWith === undefined ? send(response, await answer()) : applyFault(fault.answerWith, context);
    case 'reset':
      reset(response);
      return 0;
    case 'lost-answer':
      await answer();
      reset(response);
      return 0;
    case 'no-answer':
      return 0;
    case 'stalled-body': {
      const reply = await answer();
      response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) });
      response.write(reply.body.slice(0, reply.body.length / 2));
      return reply.status;
    }
    default:
      return send(response, await spoiledReply(fault, context));
  }
}

type ReplyFault = Exclude<Fault, { kind: 'delay' | 'reset' | 'lost-answer' | 'no-answer' | 'stalled-body' }>;

async function spoiledReply(fault: ReplyFault, { answer, correlationId }: FaultContext): Promise<Reply> {
  switch (fault.kind) {
    case 'aadsts':
      return entraErrorReply(fault.code, { correlationId, ...fault });
    case 'oauth-error':
      return jsonLike(fault.status ?? 400, { error: fault.error });
    case 'http':
      return typeof fault.body === 'string'
        ? { status: fault.status, headers: { 'content-type': 'text/plain', ...fault.headers }, body: fault.body }
        : jsonLike(fault.status, fault.body ?? {}, fault.headers);
    case 'html':
      return htmlReply(
        fault.status ?? 200,
        '<!doctype html><title>Network login</title><p>Please accept the terms.</p>',
      );
    case 'empty-object':
      return jsonLike(200, {});
    case 'half-json': {
      const reply = await answer();
      return { ...reply, body: reply.body.slice(0, Math.ceil(reply.body.length / 2)) };
    }
    case 'missing-field':
      return withField(await answer(), fault.field, undefined);
    case 'changed-field':
      return withField(await answer(), fault.field, fault.value);
  }
}

function jsonLike(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

function withField(reply: Reply, field: string, value: unknown): Reply {
  const body = JSON.parse(reply.body) as Record<string, unknown>;
  // Without this a test would go green over a misspelt field.
  if (!(field in body) && value === undefined) throw new Error(`the answer has no field "${field}" to leave out`);
  return { ...reply, body: JSON.stringify({ ...body, [field]: value }) };
}

function send(response: ServerResponse, reply: Reply): number {
  sendReply(response, reply);
  return reply.status;
}

function reset(response: ServerResponse): void {
  response.socket?.destroy();
}

/** Which fault the next request to an endpoint meets: queued ones first, then the permanent one. */
export class FaultPlan<Endpoint extends string> {
  readonly #queued = new Map<Endpoint, Fault[]>();
  readonly #standing = new Map<Endpoint, Fault>();

  /** The next `times` requests to the endpoint meet the fault. */
  failNext(endpoint: Endpoint, fault: Fault, times = 1): void {
    const queue = this.#queued.get(endpoint) ?? [];
    queue.push(...Array.from({ length: times }, () => fault));
    this.#queued.set(endpoint, queue);
  }

  /** All requests to the endpoint meet the fault, until it is set to `undefined`. */
  setFault(endpoint: Endpoint, fault: Fault | undefined): void {
    if (fault === undefined) this.#standing.delete(endpoint);
    else this.#standing.set(endpoint, fault);
  }

  /** Takes the fault for a request that any of the given endpoints describes, the most precise one first. */
  take(endpoints: readonly Endpoint[]): Fault | undefined {
    for (const endpoint of endpoints) {
      const fault = this.#queued.get(endpoint)?.shift();
      if (fault !== undefined) return fault;
    }
    return endpoints.map((endpoint) => this.#standing.get(endpoint)).find((fault) => fault !== undefined);
  }
}
