// One bounded HTTPS exchange using node:https. Not fetch: it hides causes, ignores proxies, and waits 300 s for a
// reply.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { AppError } from '../../core/errors.ts';
import { parseObject } from '../../core/json.ts';
import { BodyEncodingError, BodyTooLargeError, contentEncodings, decodeBody } from './decode-body.ts';
import type { HttpsAgent, HttpsRequestOptions } from './https-agent.ts';
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
  readonly agent: HttpsAgent;
  /** `host:port` of the agent's proxy, named in errors. */
  readonly proxy?: string | undefined;
  /** Milliseconds for the whole exchange, from the DNS lookup to the last byte received. */
  readonly timeoutMs: number;
}

/** Of the body as it's sent, and of what it decodes to. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Of all headers together. The same limit as curl's. */
const MAX_HEADER_BYTES = 300 * 1024;

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
    return toJsonReply(host, response, await readText(host, response), request.plainRefusals === true);
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    if (request.signal?.aborted) throw mapAbort(request.signal.reason);
    // The agent hands over the socket after the TLS handshake. What failed before may be the proxy's fault.
    const peer = { host, proxy: progress.connected ? undefined : proxy };
    throw mapTransportError(deadline.aborted ? deadline.reason : thrown, peer);
  }
}

interface Progress {
  connected: boolean;
}

function openResponse(
  agent: HttpsAgent,
  { method, url, headers, body }: JsonRequest,
  signal: AbortSignal,
  progress: Progress,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options: HttpsRequestOptions = {
      method,
      agent,
      headers: {
        accept: 'application/json',
        // Without it, a server may send any encoding (RFC 9110 section 12.5.3).
        'accept-encoding': 'identity',
        ...headers,
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
      maxHeaderSize: MAX_HEADER_BYTES,
      setupSignal: signal,
    };
    const outgoing = httpsRequest(url, options);
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

/** Returns the error instead of throwing it if the body can't be decoded, since some replies count without one. */
async function readText(host: string, response: IncomingMessage): Promise<string | BodyEncodingError> {
  const chunks: Buffer[] = [];
  try {
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw new BodyTooLargeError();
    }
    return await textOf(Buffer.concat(chunks), response.headers['content-encoding']);
  } catch (thrown) {
    if (thrown instanceof BodyEncodingError) return thrown;
    if (!(thrown instanceof BodyTooLargeError)) throw thrown;
    throw new AppError('ERR_NETWORK_REPLY', { detail: `${host} sent more than 1 MiB` });
  } finally {
    // Tokens are in here, and freed memory isn't overwritten.
    for (const bytes of chunks) bytes.fill(0);
  }
}

async function textOf(body: Buffer, encodingHeader: string | undefined): Promise<string> {
  const buffers = [body];
  try {
    const decoded = await decodeBody(body, contentEncodings(encodingHeader), MAX_BODY_BYTES);
    buffers.push(decoded);
    return decoded.toString('utf8');
  } finally {
    for (const bytes of buffers) bytes.fill(0);
  }
}

function toJsonReply(
  host: string,
  { statusCode = 0, headers }: IncomingMessage,
  text: string | BodyEncodingError,
  plainRefusals: boolean,
): JsonReply {
  const body = typeof text === 'string' ? parseObject(text) : undefined;
  if (body !== undefined) return { status: statusCode, headers, body };
  // 511 means that a public network wants its own sign-in (RFC 6585 section 6). That isn't throttling, so no one should
  // wait.
  if (statusCode === 429 || (statusCode >= 500 && statusCode !== 511)) return { status: statusCode, headers, body: {} };
  const isPlainRefusal = statusCode === 401 || (statusCode >= 400 && text === '');
  if (plainRefusals && isPlainRefusal) return { status: statusCode, headers, body: {} };
  const mediaType = /^[\w.+-]+\/[\w.+-]+/.exec(headers['content-type'] ?? '')?.[0] ?? 'no content type';
  const fault = typeof text === 'string' ? 'not a JSON object' : text.message;
  throw new AppError('ERR_NETWORK_REPLY', { detail: `${host} (HTTP ${statusCode}, ${mediaType}, ${fault})` });
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted');
}
