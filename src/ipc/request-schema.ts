// What a request must look like. Only the server parses: a client trusts the types of protocol.ts.
import * as v from 'valibot';
import { AppError } from '../core/errors.ts';
import { parseHelperContext } from '../core/helper-context.ts';
import { SIGN_IN_METHODS } from '../core/sign-in-method.ts';
import type { Request } from './protocol.ts';

const MAX_SESSION_LENGTH = 500;
const MAX_KEY_LENGTH = 100;
const MAX_RESOURCE_LENGTH = 1_000;

const milliseconds = v.pipe(v.number(), v.minValue(0));

const resource = v.pipe(v.string(), v.maxLength(MAX_RESOURCE_LENGTH));

const claudeCode = v.object({
  session: v.pipe(
    v.string(),
    v.transform((session) => session.slice(0, MAX_SESSION_LENGTH)),
  ),
  ttlMs: milliseconds,
});

/** Fields that it doesn't name are those of other versions and are left out. */
const requestSchema: v.GenericSchema<unknown, Request> = v.variant('method', [
  v.object({
    method: v.literal('helper-output'),
    // A context that this version doesn't know is unattended.
    context: v.pipe(
      v.string(),
      v.transform((name) => parseHelperContext(name)),
    ),
    elapsedMs: milliseconds,
    claudeCode: v.exactOptional(claudeCode),
  }),
  v.object({ method: v.literal('access-token'), client: v.exactOptional(v.picklist(['token', 'doctor'])) }),
  v.object({
    method: v.literal('endpoint-token'),
    resource: v.exactOptional(v.string()),
    clientId: v.exactOptional(v.string()),
  }),
  v.object({
    method: v.literal('resource-token'),
    client: v.picklist(['headers', 'git-credential', 'token']),
    resource: v.exactOptional(resource),
    connection: v.exactOptional(v.pipe(v.string(), v.maxLength(MAX_SESSION_LENGTH))),
  }),
  v.object({
    method: v.literal('sign-in'),
    openBrowser: v.boolean(),
    signInMethod: v.exactOptional(v.picklist(SIGN_IN_METHODS)),
    resource: v.exactOptional(resource),
  }),
  v.object({ method: v.literal('set-api-key'), apiKey: v.string() }),
  v.object({ method: v.literal('sign-out') }),
  v.object({ method: v.literal('status') }),
  v.object({ method: v.literal('diagnose'), key: v.pipe(v.string(), v.maxLength(MAX_KEY_LENGTH)), live: v.boolean() }),
  v.object({ method: v.literal('stop') }),
]);

/** @throws AppError ERR_AGENT_PROTOCOL that names the field and never repeats its value */
export function parseRequest(raw: unknown): Request {
  const result = v.safeParse(requestSchema, raw, { abortEarly: true });
  if (result.success) return result.output;
  throw new AppError('ERR_AGENT_PROTOCOL', { detail: faultAt(v.getDotPath(result.issues[0])) });
}

function faultAt(path: string | null): string {
  if (path === null) return 'not a request of this protocol';
  return path === 'method' ? 'unknown method' : `the field "${path}" is missing or malformed`;
}
