// One bounded HTTPS exchange using node:https. Not fetch: it hides causes, ignores proxies, and waits 300 s for a
// reply.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import { AppError } from '../../core/errors.ts';
import { parseObject } from '../../core/json.ts';
import { mapAbort, mapTransportError } from './transport-error.ts';

export interface JsonRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Also accepts a refusal without JSON: any 401, or an empty body with a status of 400 or higher. */
  readonly plainRefusals?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface JsonReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Empty for a 429 or 5xx without a JSON object, as gateways send them, and for `plainRefusals`. */
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Resolves for any HTTP status if the body is a JSON object.
 * @throws AppError ERR_NETWORK_*; if the request is aborted, the reason as `mapAbort` maps it
 */
export type SendJson = (request: JsonRequest) => Promise<JsonReply>;

export interface HttpsClientOptions {
  readonly agent: Agent;
  /** `host:port` of the agent's proxy, named in errors. */
  readonly proxy?: string | undefined;
  /** Milliseconds for the whole exchange, from the DNS lookup to the last byte received. */
  readonly timeoutMs: number;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Makes any number of exchanges through this agent. */
export function createHttpsClient(options: HttpsClientOptions): SendJson {
  return (request) => sendJson(options, request);
}

async function sendJson({ agent, proxy, timeoutMs }: HttpsClientOptions, request: JsonRequest): Promise<JsonReply> {
  if (request.signal?.aborted) throw mapAbort(request.signal.reason);
  const { host } = new URL(request.url);
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]);
  const progress: Progress = { connected: false };
  try {
    const response = await openResponse(agent, request, signal, progress);
    return toJsonReply(host, response, await readBody(host, response), request.plainRefusals === true);
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    if (request.signal?.aborted) throw mapAbort(request.signal.reason);
    // Node emits 'socket' after the tunnel is open, so an earlier failure is the proxy's.
    const peer = { host, proxy: progress.connected ? undefined : proxy };
    throw mapTransportError(deadline.aborted ? deadline.reason : thrown, peer);
  }
}

interface Progress {
  connected: boolean;
}

function openResponse(
  agent: Agent,
  { method, url, headers, body }: JsonRequest,
  signal: AbortSignal,
  progress: Progress,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, {
      method,
      agent,
      headers: {
        accept: 'application/json',
        ...headers,
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
    });
    // The request's own `signal` option does nothing until the proxy has answered CONNECT (Node 26.10).
    const onAbort = (): void => {
      reject(signal.reason);
      outgoing.destroy(toError(signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    // A signal that outlives the exchange would keep the request with its body.
    outgoing.on('close', () => signal.removeEventListener('abort', onAbort));
    outgoing.on('socket', (socket) => {
      progress.connected = true;
      // Node's parser, which listens first, has copied what it needs from these bytes, and tokens are in them.
      socket.on('data', (bytes: Buffer) => bytes.fill(0));
    });
    outgoing.on('error', reject);
    outgoing.on('response', resolve);
    outgoing.end(body);
  });
}

async function readBody(host: string, response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new AppError('ERR_NETWORK_REPLY', { detail: `${host} sent more than 1 MiB` });
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  const text = whole.toString('utf8');
  // Tokens are in here, and freed memory isn't overwritten.
  for (const bytes of [whole, ...chunks]) bytes.fill(0);
  return text;
}

function toJsonReply(
  host: string,
  { statusCode = 0, headers }: IncomingMessage,
  text: string,
  plainRefusals: boolean,
): JsonReply {
  const body = parseObject(text);
  if (body !== undefined) return { status: statusCode, headers, body };
  // 511 means that a public network wants its own sign-in (RFC 6585 section 6). That isn't throttling, so nobody should
  // wait.
  if (statusCode === 429 || (statusCode >= 500 && statusCode !== 511)) return { status: statusCode, headers, body: {} };
  const isPlainRefusal = statusCode === 401 || (statusCode >= 400 && text === '');
  if (plainRefusals && isPlainRefusal) return { status: statusCode, headers, body: {} };
  const mediaType = /^[\w.+-]+\/[\w.+-]+/.exec(headers['content-type'] ?? '')?.[0] ?? 'no content type';
  throw new AppError('ERR_NETWORK_REPLY', { detail: `${host} (HTTP ${statusCode}, ${mediaType}, not a JSON object)` });
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted');
}
