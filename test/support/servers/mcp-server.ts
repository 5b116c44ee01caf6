// An MCP server with one tool, over streamable HTTP without a session, for those with a token for its own audience.
// https://modelcontextprotocol.io/specification/2025-06-18/basic/transports
import { type AnyReply, jsonReply } from './https-listener.ts';
import {
  type AdmittedRequest,
  type ProtectedResource,
  type ProtectedResourceOptions,
  startProtectedResource,
} from './protected-resource.ts';

/** What its tool `greet` answers. */
export const GREETING = 'Greetings from the MCP server.';

export type McpServerOptions = Omit<ProtectedResourceOptions, 'answer'>;

export interface McpServer extends ProtectedResource {
  /** Address for clients. */
  readonly url: string;
  /** The methods that it answered, oldest first. */
  readonly methods: readonly string[];
}

/** Starts the server on a free loopback port; clients find it by its host name. */
export async function startMcpServer(options: McpServerOptions): Promise<McpServer> {
  const methods: string[] = [];
  const resource = await startProtectedResource({
    ...options,
    answer: (request) => {
      const { method } = callOf(request) ?? {};
      if (method !== undefined) methods.push(method);
      return answer(request);
    },
  });
  return { ...resource, methods, url: `https://${options.host}/mcp` };
}

interface Call {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly protocolVersion?: string };
}

function callOf({ method, body }: AdmittedRequest): Call | undefined {
  return method === 'POST' ? (JSON.parse(body.toString()) as Call) : undefined;
}

function answer(request: AdmittedRequest): AnyReply {
  const call = callOf(request);
  // It has nothing to say on its own, so it offers no stream.
  if (call === undefined) return { status: 405, headers: { allow: 'POST' }, body: '' };
  if (call.id === undefined) return { status: 202, headers: {}, body: '' };
  const result = resultOf(call);
  return jsonReply(200, {
    jsonrpc: '2.0',
    id: call.id,
    ...(result === undefined ? { error: { code: -32601, message: 'Method not found' } } : { result }),
  });
}

function resultOf({ method, params }: Call): object | undefined {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'greeter', version: '1.0.0' },
      };
    case 'ping':
      return {};
    case 'tools/list':
      return { tools: [{ name: 'greet', description: 'Greets', inputSchema: { type: 'object', properties: {} } }] };
    case 'tools/call':
      return { content: [{ type: 'text', text: GREETING }] };
    default:
      return undefined;
  }
}
