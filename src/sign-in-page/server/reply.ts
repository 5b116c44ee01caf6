import type { ServerResponse } from 'node:http';
import { noticePolicy, securityHeaders } from './headers.ts';

/** A reply of the sign-in page's server before it's sent. */
export interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

export const content = {
  html: 'text/html; charset=utf-8',
  text: 'text/plain; charset=utf-8',
  json: 'application/json; charset=utf-8',
  css: 'text/css; charset=utf-8',
  script: 'text/javascript; charset=utf-8',
} as const;

export const notFound: Reply = { status: 404, type: content.text, body: 'Not found\n' };

export function ok(type: string, body: string | Buffer): Reply {
  return { status: 200, type, body };
}

export function seeOther(location: string): Reply {
  return { status: 303, headers: { Location: location } };
}

/** A page with its style inline, for a browser without a session. */
export function notice(status: number, body: string): Reply {
  return { status, type: content.html, body, headers: { 'Content-Security-Policy': noticePolicy } };
}

export function wrongMethod(allowed: string): Reply {
  return { status: 405, headers: { Allow: allowed } };
}

export function sendReply(response: ServerResponse, { status, type, body = '', headers = {} }: Reply): void {
  response.writeHead(status, {
    ...securityHeaders,
    ...(type === undefined ? {} : { 'Content-Type': type }),
    'Content-Length': Buffer.byteLength(body),
    ...(status >= 400 ? { Connection: 'close' } : {}),
    ...headers,
  });
  response.end(body);
}
