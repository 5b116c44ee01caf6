import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CertificateAuthority } from './certificate-authority.ts';
import { applyFault, type Fault, FaultPlan } from './fault.ts';
import { jsonReply, listenHttps, type Reply, readBody, sendReply } from './https-listener.ts';

export interface FoundryServerOptions {
  readonly ca: CertificateAuthority;
  /** The Foundry resource; the host is `<resource>.services.ai.azure.com`. */
  readonly resource: string;
  /** Names of the Claude deployments. */
  readonly models: readonly string[];
  /** What Entra says of a bearer token; EntraServer.checkAccessToken fits. */
  readonly checkToken: (token: string) => string;
}

export type FoundryEndpoint = 'messages' | 'count_tokens' | 'unknown';

export interface FoundryRequest {
  readonly endpoint: FoundryEndpoint;
  readonly path: string;
  /** Names only, lower case, as sent. */
  readonly headerNames: readonly string[];
  readonly model: string | undefined;
  /** Tells tokens apart; `undefined` if no bearer token came. */
  readonly tokenId: string | undefined;
  /** HTTP status of the answer: 0 for none, `undefined` while it isn't decided. */
  status?: number;
}

/** A resource of Microsoft Foundry with Claude deployments; errors are worded as Foundry words them. */
export interface FoundryServer {
  readonly port: number;
  /** `<resource>.services.ai.azure.com` */
  readonly host: string;
  /** All requests, oldest first. */
  readonly requests: readonly FoundryRequest[];
  /** The key that opens the resource in `x-api-key` or `api-key`; `undefined` if it takes tokens only. */
  apiKey: string | undefined;
  failNext(endpoint: FoundryEndpoint, fault: Fault, times?: number): void;
  setFault(endpoint: FoundryEndpoint, fault: Fault | undefined): void;
  /** The same for all requests that name the deployment. */
  setDeploymentFault(model: string, fault: Fault | undefined): void;
  /** Names of the Claude deployments; may be changed at any time. */
  readonly deployments: Set<string>;
  /** The next streamed answer to a client that offers this tool calls it, and the one after that is the usual one. */
  callTool(name: string, input: object): void;
  /** How many requests to the endpoint were answered with this status. */
  count(endpoint: FoundryEndpoint, status?: number): number;
  close(): Promise<void>;
}

/** Starts the server on a free loopback port. */
export async function startFoundryServer(options: FoundryServerOptions): Promise<FoundryServer> {
  const host = `${options.resource.toLowerCase()}.services.ai.azure.com`;
  const requests: FoundryRequest[] = [];
  const faults = new FaultPlan<FoundryEndpoint | `deployment ${string}`>();
  const deployments = new Set(options.models);
  const toolCalls: ToolCall[] = [];
  const keys: { current: string | undefined } = { current: undefined };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = parseBody(await readBody(request));
    const endpoint = endpointOf(request);
    const seen: FoundryRequest = {
      endpoint,
      path: request.url ?? '',
      headerNames: Object.keys(request.headers),
      model: typeof body?.['model'] === 'string' ? body['model'] : undefined,
      tokenId: tokenId(request),
    };
    requests.push(seen);
    const correlationId = randomUUID();
    const answer = (): Reply =>
      withRequestId(
        answerRequest({ ...options, deployments, toolCalls, apiKey: keys.current }, endpoint, request, body),
        correlationId,
      );
    const fault = faults.take([`deployment ${seen.model}`, endpoint]);
    if (fault !== undefined) {
      seen.status = await applyFault(fault, { response, answer, correlationId });
      return;
    }
    const reply = answer();
    seen.status = reply.status;
    sendReply(response, reply);
  };

  const certificate = await options.ca.issue([host, 'localhost', '127.0.0.1']);
  const listener = await listenHttps(certificate, (request, response) => {
    // Anyone who hangs up in the middle of a request gets no answer.
    serve(request, response).catch(() => response.socket?.destroy());
  });
  return {
    port: listener.port,
    host,
    requests,
    get apiKey() {
      return keys.current;
    },
    set apiKey(key) {
      keys.current = key;
    },
    failNext: (endpoint, fault, times) => faults.failNext(endpoint, fault, times),
    setFault: (endpoint, fault) => faults.setFault(endpoint, fault),
    setDeploymentFault: (model, fault) => faults.setFault(`deployment ${model}`, fault),
    deployments,
    callTool: (name, input) => void toolCalls.push({ name, input }),
    count: (endpoint, status) =>
      requests.filter((seen) => seen.endpoint === endpoint && (status === undefined || seen.status === status)).length,
    close: () => listener.close(),
  };
}

type Body = Readonly<Record<string, unknown>> | undefined;

interface ToolCall {
  readonly name: string;
  readonly input: object;
}

function answerRequest(
  {
    deployments,
    toolCalls,
    ...access
  }: Access & { readonly deployments: ReadonlySet<string>; readonly toolCalls: ToolCall[] },
  endpoint: FoundryEndpoint,
  request: IncomingMessage,
  body: Body,
): Reply {
  const refusal = refuse(request, endpoint, access);
  if (refusal !== undefined) return refusal;
  const model = body?.['model'];
  if (typeof model !== 'string' || !Array.isArray(body?.['messages'])) {
    return anthropicError(400, 'invalid_request_error', 'model: Field required');
  }
  if (!deployments.has(model)) {
    return foundryError(404, 'DeploymentNotFound', 'The API deployment for this resource does not exist.');
  }
  if (endpoint === 'count_tokens') return jsonReply(200, { input_tokens: 14 });
  if (typeof body?.['max_tokens'] !== 'number') {
    return anthropicError(400, 'invalid_request_error', 'max_tokens: Field required');
  }
  if (body?.['stream'] !== true) return jsonReply(200, message(model));
  const [call] = toolCalls;
  if (call === undefined || !offers(body, call.name)) return eventStream(model);
  toolCalls.shift();
  return eventStream(model, call);
}

function offers(body: Body, name: string): boolean {
  const tools = body?.['tools'];
  return Array.isArray(tools) && tools.some((tool: { readonly name?: unknown }) => tool.name === name);
}

function tokenId({ headers: { authorization } }: IncomingMessage): string | undefined {
  const [, token] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
  return token === undefined ? undefined : createHash('sha256').update(token).digest('hex').slice(0, 8);
}

interface Access {
  readonly checkToken: FoundryServerOptions['checkToken'];
  readonly apiKey: string | undefined;
}

function refuse(request: IncomingMessage, endpoint: FoundryEndpoint, access: Access): Reply | undefined {
  if (endpoint === 'unknown') return foundryError(404, 'api_not_supported', 'API not supported by this resource.');
  const { 'anthropic-version': version } = request.headers;
  return (
    refuseCredential(request, access) ??
    (version === undefined
      ? anthropicError(400, 'invalid_request_error', 'anthropic-version: header is required')
      : undefined)
  );
}

function refuseCredential({ headers }: IncomingMessage, { checkToken, apiKey }: Access): Reply | undefined {
  const { authorization } = headers;
  const key = headers['x-api-key'] ?? headers['api-key'];
  if (authorization === undefined && key !== undefined) {
    return key === apiKey
      ? undefined
      : foundryError(401, '401', 'Access denied due to invalid subscription key or wrong API endpoint.');
  }
  const [, token] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
  if (token === undefined || checkToken(token) !== 'valid') {
    return jsonReply(401, {
      statusCode: 401,
      message:
        'Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com/ or https://ai.azure.com/), or have expired.',
    });
  }
  return undefined;
}

function endpointOf({ method, url = '' }: IncomingMessage): FoundryEndpoint {
  switch (`${method} ${new URL(url, 'https://localhost').pathname}`) {
    case 'POST /anthropic/v1/messages':
      return 'messages';
    case 'POST /anthropic/v1/messages/count_tokens':
      return 'count_tokens';
    default:
      return 'unknown';
  }
}

function message(model: string) {
  return {
    id: `msg_${randomUUID().replaceAll('-', '').slice(0, 24)}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: 'Hello from your Foundry deployment.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 14, output_tokens: 9 },
  } as const;
}

/**
 * The same message, or a tool's call, as server-sent events
 * (https://platform.claude.com/docs/en/build-with-claude/streaming).
 */
function eventStream(model: string, call?: ToolCall): Reply {
  const { content, stop_reason: endOfTurn, usage, ...rest } = message(model);
  const [{ text }] = content;
  const [block, delta, stopReason] =
    call === undefined
      ? ([{ type: 'text', text: '' }, { type: 'text_delta', text }, endOfTurn] as const)
      : ([
          { type: 'tool_use', id: `toolu_${rest.id.slice(4)}`, name: call.name, input: {} },
          { type: 'input_json_delta', partial_json: JSON.stringify(call.input) },
          'tool_use',
        ] as const);
  const events = [
    {
      type: 'message_start',
      message: { ...rest, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: usage.output_tokens },
    },
    { type: 'message_stop' },
  ];
  const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  return { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' }, body };
}

function foundryError(status: number, code: string, text: string): Reply {
  return jsonReply(status, { error: { code, message: text } });
}

function anthropicError(status: number, type: string, text: string): Reply {
  return jsonReply(status, { type: 'error', error: { type, message: text } });
}

function withRequestId(reply: Reply, id: string): Reply {
  return { ...reply, headers: { ...reply.headers, 'request-id': `req_${id}`, 'apim-request-id': id } };
}

function parseBody(text: string): Body {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}
