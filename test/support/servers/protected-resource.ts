// What every service has in common that takes Entra's tokens for its own audience and no other: an MCP server, a
// telemetry collector, a git server.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { CertificateAuthority } from './certificate-authority.ts';
import type { EntraServer } from './entra-server.ts';
import { validateToken } from './entra-token-validation.ts';
import { type AnyReply, jsonReply, listenHttps, readBytes, sendReply } from './https-listener.ts';

export interface ProtectedResourceOptions {
  readonly ca: CertificateAuthority;
  readonly entra: EntraServer;
  /** Name in its certificate, such as `mcp.contoso.com`. */
  readonly host: string;
  /** The only audience that it takes tokens for, such as `api://mcp.contoso.com`. */
  readonly audience: string;
  /** Answers a request whose token is good. */
  answer(request: AdmittedRequest): AnyReply | Promise<AnyReply>;
}

export interface AdmittedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request and what became of it. */
export interface ResourceRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Tells tokens apart; `undefined` if there was none. */
  readonly tokenId: string | undefined;
  /** What the token says that it's for, whether it's good or not. */
  readonly audience: string | undefined;
  readonly body: string;
  readonly status: number;
}

export interface ProtectedResource {
  readonly host: string;
  readonly port: number;
  readonly audience: string;
  /** All requests, in the order in which they were answered. */
  readonly requests: readonly ResourceRequest[];
  close(): Promise<void>;
}

/** Starts the service on a free loopback port. Of Entra, it knows only the public keys and what was revoked. */
export async function startProtectedResource(options: ProtectedResourceOptions): Promise<ProtectedResource> {
  const { ca, host, audience } = options;
  const requests: ResourceRequest[] = [];
  const listener = await listenHttps(await ca.issue([host]), (request, response) => {
    serve(options, requests, request, response).catch((error: unknown) => {
      // A mistake in a test must not look like a fault that a client should tolerate.
      console.error(`${host}:`, error);
      response.socket?.destroy();
    });
  });
  return { host, audience, requests, port: listener.port, close: () => listener.close() };
}

async function serve(
  options: ProtectedResourceOptions,
  requests: ResourceRequest[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', headers } = request;
  const url = new URL(request.url ?? '/', `https://${options.host}`);
  const body = await readBytes(request);
  const token = tokenOf(headers);
  const reply = (await isGood(token, options))
    ? await options.answer({ method, url, headers, body })
    : refusal(url, options.host);
  requests.push({
    method,
    path: `${url.pathname}${url.search}`,
    headers,
    tokenId: token === undefined ? undefined : createHash('sha256').update(token).digest('hex').slice(0, 8),
    audience: audienceOf(token),
    body: body.toString(),
    status: reply.status,
  });
  sendReply(response, reply);
}

/** A bearer token, or one in place of a password, as git servers take it. */
function tokenOf({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  const [, bearer] = /^Bearer (\S+)$/.exec(authorization) ?? [];
  const [, basic] = /^Basic (\S+)$/.exec(authorization) ?? [];
  return bearer ?? (basic === undefined ? undefined : /:(.*)$/s.exec(Buffer.from(basic, 'base64').toString())?.[1]);
}

async function isGood(token: string | undefined, { ca, entra, audience }: ProtectedResourceOptions): Promise<boolean> {
  if (token === undefined) return false;
  const issuer = { tenantId: entra.tenantId, port: entra.port, ca: ca.pem };
  const claims = await validateToken(token, { audiences: [audience], clientIds: [entra.clientId] }, issuer);
  return claims !== undefined && entra.checkAccessToken(token, audience) === 'valid';
}

function audienceOf(token = ''): string | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const { aud } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly aud?: string };
    return aud;
  } catch {
    return undefined;
  }
}

/** Clients look for a description of OAuth before they give up. There's none: a token comes from outside or not at all. */
function refusal(url: URL, host: string): AnyReply {
  if (url.pathname.startsWith('/.well-known/')) return jsonReply(404, {});
  return jsonReply(
    401,
    { error: 'invalid_token' },
    { 'www-authenticate': `Bearer realm="${host}", error="invalid_token", Basic realm="${host}"` },
  );
}
