// The format of `<state>/agent.json`, which holds no secret.
import { join } from 'node:path';
import * as v from 'valibot';
import { type AppError, errorFromRecord, errorToRecord } from '../../core/errors.ts';
import type { LastFailure } from '../../core/last-failure.ts';
import { readPrivateFile } from '../../platform/private-file.ts';

/** Epoch milliseconds that are a date. */
const momentSchema = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15));

const errorSchema = v.object({
  code: v.string(),
  detail: v.optional(v.string()),
  reason: v.optional(v.string()),
  tlsFault: v.optional(v.string()),
  correlationId: v.optional(v.string()),
});

/** Consecutive failed refreshes, when the last one failed (epoch ms), and how long the next must wait from then on. */
const backOffSchema = v.object({
  attempt: v.number(),
  since: v.number(),
  delayMs: v.number(),
  serverAsked: v.boolean(),
  error: errorSchema,
});

/** A resource other than the configured one. The fields mean the same as those of a tenant and client. */
const resourceStateSchema = v.object({
  backOff: v.optional(backOffSchema),
  lastGrantAt: v.optional(v.number()),
  lastAskedAt: v.optional(v.number()),
  claims: v.optional(v.string()),
});

const credentialStateSchema = v.object({
  backOff: v.optional(backOffSchema),
  /** When the sign-in ended (epoch ms) and why. The keystore has this too, but it may be locked or may ask its user. */
  ended: v.fallback(v.optional(v.object({ at: momentSchema, error: errorSchema })), undefined),
  /** Epoch ms of the last successful refresh or sign-in. */
  lastGrantAt: v.optional(v.number()),
  /** Epoch ms at which someone last asked for a token. */
  lastAskedAt: v.optional(v.number()),
  username: v.optional(v.string()),
  /** The account that signed in last, and the `accountHint` of then. */
  account: v.optional(v.object({ hint: v.optional(v.string()), objectId: v.string(), tenantId: v.string() })),
  /** What Entra asks of the next sign-in (OpenID Connect `claims`). Not a secret: it's in addresses too. */
  claims: v.optional(v.string()),
  /** The user has signed out since, so a broker doesn't sign them in again before they start a session. */
  signedOut: v.optional(v.boolean()),
  /** Epoch ms at which the user was told that this sign-in has ended. */
  remindedAt: v.optional(v.number()),
  /** Epoch ms at which the user last proved who they are, as policies count it. */
  signedInAt: v.fallback(v.optional(momentSchema), undefined),
  /** The end that Entra reports (epoch ms). `isFixed`: a refresh doesn't move it. */
  reportedEnd: v.fallback(
    v.optional(v.object({ at: momentSchema, reason: v.picklist(['password', 'session']), isFixed: v.boolean() })),
    undefined,
  ),
  /** How long sign-ins last that Entra ends because of their age: at least and at most this many milliseconds. */
  life: v.fallback(v.optional(v.object({ atLeastMs: v.number(), atMostMs: v.number() })), undefined),
  /** The end (epoch ms) that the user has been told about ahead of time. */
  endTold: v.fallback(v.optional(v.object({ at: momentSchema, reason: v.string() })), undefined),
  /** By scope. A new sign-in and a sign-out forget them. */
  resources: v.fallback(v.optional(v.record(v.string(), resourceStateSchema)), undefined),
});

const fileSchema = v.object({
  version: v.literal(1),
  identities: v.record(v.string(), credentialStateSchema),
  /** The last attempt that failed, whatever it was for: one, not a list. */
  lastFailure: v.fallback(
    v.optional(
      v.object({
        at: momentSchema,
        client: v.string(),
        context: v.optional(v.string()),
        error: errorSchema,
        recoveredAt: v.optional(momentSchema),
      }),
    ),
    undefined,
  ),
});

export type ResourceState = v.InferOutput<typeof resourceStateSchema>;
export type CredentialState = v.InferOutput<typeof credentialStateSchema>;
export type StoredError = v.InferOutput<typeof errorSchema>;
export type StateFile = v.InferOutput<typeof fileSchema>;
export type StoredFailure = NonNullable<StateFile['lastFailure']>;

export function stateFilePath(folder: string): string {
  return join(folder, 'agent.json');
}

/** Undefined if there's no file. @throws if it can't be read, belongs to someone else, or has another format */
export function readStateFile(folder: string): StateFile | undefined {
  const bytes = readPrivateFile(stateFilePath(folder));
  return bytes === undefined ? undefined : v.parse(fileSchema, JSON.parse(bytes.toString('utf8')));
}

/** An error as the file keeps it: without the accounts that it names. */
export function publicRecord({ code, detail, reason, tlsFault, correlationId }: AppError): StoredError {
  const fields = Object.entries({ detail, reason, tlsFault, correlationId });
  return { code, ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)) };
}

/** The last failure as `status` reports it. Of an unknown version's error, the code is shown. */
export function shownFailure(failure: StoredFailure | undefined): { readonly lastFailure?: LastFailure } {
  if (failure === undefined) return {};
  const { at, client, context, error, recoveredAt } = failure;
  const known = errorFromRecord(error);
  if (known === undefined) return {};
  return {
    lastFailure: {
      at: new Date(at).toISOString(),
      client,
      ...(context === undefined ? {} : { context }),
      ...errorToRecord(known),
      ...(recoveredAt === undefined ? {} : { recoveredAt: new Date(recoveredAt).toISOString() }),
    },
  };
}
