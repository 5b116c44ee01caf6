// Faults that more than one step of the matrix meets.
import type { Fault } from '../../support/servers/fault.ts';
import { answers, type Trouble } from './troubles.ts';

/** The server's choice, so that an id that the client made up wouldn't pass for it. */
const CORRELATION_ID = 'c0ffee00-1111-4222-8333-444444444444';

type Options = Omit<Extract<Fault, { kind: 'aadsts' }>, 'kind' | 'code'>;

export const aadsts = (code: number, options: Options = {}): Trouble =>
  answers({ kind: 'aadsts', code, correlationId: CORRELATION_ID, ...options });

export const oauthError = (error: string, status?: number): Trouble =>
  answers({ kind: 'oauth-error', error, ...(status === undefined ? {} : { status }) });

export const http = (status: number, headers: Readonly<Record<string, string>> = {}): Trouble =>
  answers({ kind: 'http', status, headers, body: { error: 'temporarily_unavailable' } });

export const html = (status: number, headers: Readonly<Record<string, string>> = {}): Trouble =>
  answers({
    kind: 'http',
    status,
    headers: { 'content-type': 'text/html', ...headers },
    body: '<!doctype html><title>Service unavailable</title>',
  });

/** A date at least `seconds` ahead; HTTP dates have whole seconds (RFC 9110 section 5.6.7). */
export const retryAtDate = (status: number, seconds: number): Trouble =>
  answers(() => ({
    kind: 'http',
    status,
    headers: { 'retry-after': new Date(Date.now() + (seconds + 1) * 1000).toUTCString() },
    body: {},
  }));

export const without = (field: string): Trouble => answers({ kind: 'missing-field', field });

export const changed = (field: string, value: unknown): Trouble => answers({ kind: 'changed-field', field, value });
