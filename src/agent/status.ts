// What `status` reports about the agent and the sign-in.
import { type ErrorRecord, errorToRecord, toAppError } from '../core/errors.ts';
import type { UnwritableFile } from '../core/unwritable.ts';
import { commit, version } from '../core/version.ts';
import { assertCaFile } from '../entra/transport/trust-store.ts';
import type { AgentStatus, CredentialKind } from '../ipc/protocol.ts';
import type { ApiKeyCredential } from './credentials/api-key-credential.ts';
import { credentialKey, partsOfKey } from './credentials/credential-key.ts';
import type { EntraCredential } from './credentials/entra-credential.ts';
import type { Credential } from './current-credential.ts';
import { notAllowed } from './tokens/active-record.ts';
import type { RecordSummary } from './tokens/refresh-token-store.ts';
import { type CredentialState, type StoredFailure, shownFailure } from './tokens/state-file.ts';

export interface StatusParts {
  /** What the current configuration asks for. @throws AppError ERR_CONFIG_* */
  readonly credential: () => Credential;
  /** What is known of every tenant and client, by `credentialKey`. */
  readonly states: () => Readonly<Record<string, CredentialState>>;
  readonly lastFailure: () => StoredFailure | undefined;
  readonly startedAt: Date;
  /** The agent's files that can't be written now. */
  readonly unwritable: () => readonly UnwritableFile[];
}

/** Never rejects: whatever prevents the user from getting a token is part of the answer. */
export async function agentStatus({
  credential: current,
  states,
  startedAt,
  ...parts
}: StatusParts): Promise<AgentStatus> {
  const unwritable = parts.unwritable();
  const agent = {
    agent: { pid: process.pid, version, commit, startedAt: startedAt.toISOString() },
    ...(unwritable.length === 0 ? {} : { unwritable }),
    ...shownFailure(parts.lastFailure()),
  };
  let kind: CredentialKind | undefined;
  try {
    const credential = current();
    kind = credential.kind;
    return {
      ...agent,
      ...otherSignIns(states(), credential),
      ...(await (credential.kind === 'api-key' ? apiKeyStatus(credential) : entraStatus(credential))),
    };
  } catch (thrown) {
    const known = kind === undefined ? {} : { credential: kind };
    return { ...agent, ...known, signIn: 'unknown', problem: errorToRecord(toAppError(thrown)) };
  }
}

/** Sign-ins of other tenants and clients that are kept too. */
function otherSignIns(
  states: Readonly<Record<string, CredentialState>>,
  credential: Credential,
): Pick<AgentStatus, 'others'> {
  const present = credential.kind === 'entra' ? credentialKey(credential.configuration) : undefined;
  const others = Object.entries(states).flatMap(([key, { username, lastGrantAt }]) =>
    key === present || username === undefined || lastGrantAt === undefined
      ? []
      : [{ ...partsOfKey(key), account: { username }, lastUsedAt: new Date(lastGrantAt).toISOString() }],
  );
  return others.length === 0 ? {} : { others };
}

async function apiKeyStatus(apiKey: ApiKeyCredential): Promise<Omit<AgentStatus, 'agent'>> {
  const isKept = (await apiKey.load()) !== undefined;
  return {
    credential: 'api-key',
    ...(isKept ? { signIn: 'signed-in' } : { signIn: 'signed-out', problem: { code: 'ERR_API_KEY_MISSING' } }),
  };
}

function refusal(check: () => void): Pick<AgentStatus, 'problem'> {
  try {
    check();
    return {};
  } catch (thrown) {
    return { problem: errorToRecord(toAppError(thrown)) };
  }
}

/** What a refresh would fail with now: what it can't use, otherwise what the last one failed with. */
function currentProblem(credential: EntraCredential): ErrorRecord | undefined {
  const unready = refusal(() => credential.assertReady()).problem;
  if (unready !== undefined) return unready;
  const { backOff, lastProblem } = credential.refresher;
  // What is wrong with the settings is checked above, so an earlier refusal may be outdated.
  return backOff?.error ?? (lastProblem?.code.startsWith('ERR_CONFIG_') ? undefined : lastProblem);
}

/** Doesn't load what keeps them if there's nothing to say. */
async function resourcesOf(credential: EntraCredential): Promise<Pick<AgentStatus, 'resources'>> {
  if (!credential.hasResources) return {};
  const resources = (await credential.resources()).status();
  return resources.length === 0 ? {} : { resources };
}

/** When the sign-in will end, if that's known. Entra decides, so an end in the past is no longer worth saying. */
function futureEnd({ refresher: { foreseenEnd } }: EntraCredential): Pick<AgentStatus, 'ends'> {
  if (foreseenEnd === undefined || foreseenEnd.at <= Date.now()) return {};
  return { ends: { at: new Date(foreseenEnd.at).toISOString(), reason: foreseenEnd.reason } };
}

async function entraStatus(credential: EntraCredential): Promise<Omit<AgentStatus, 'agent'>> {
  const { refresher, records, signIn, configuration } = credential;
  const { tenantId, clientId, caFile } = configuration;
  const token = refresher.current();
  const { backOff, lastRefusal } = refresher;
  const problem = currentProblem(credential);
  const base = {
    credential: 'entra' as const,
    tenantId,
    clientId,
    ...(lastRefusal && { refusedAt: new Date(lastRefusal.at).toISOString() }),
    ...(backOff && { backOff: { attempt: backOff.attempt, until: new Date(backOff.until).toISOString() } }),
    ...(problem && { problem }),
    ...futureEnd(credential),
    ...(token && {
      token: {
        expiresOn: refresher.expiresOn(token),
        remainingSeconds: Math.floor(refresher.remainingMs(token) / 1000),
      },
    }),
    // The next refresh will fail with it, as a helper's will.
    ...(caFile === undefined ? {} : refusal(() => assertCaFile(caFile))),
    ...(records.unsaved && { unsaved: true }),
    ...(await resourcesOf(credential)),
  };
  let stored: RecordSummary | undefined;
  try {
    stored = await records.summary();
  } catch (thrown) {
    return { ...base, signIn: 'unknown', problem: errorToRecord(toAppError(thrown)) };
  }
  switch (stored?.kind) {
    case 'active':
      if (!credential.allowsKeptBy(stored.isBroker)) {
        const why = problem ?? errorToRecord(notAllowed());
        return { ...base, signIn: signIn.pending ? 'pending' : 'signed-out', problem: why };
      }
      return {
        ...base,
        signIn: signIn.pending ? 'pending' : 'signed-in',
        account: { username: stored.account.username },
        ...(stored.isBroker ? { broker: true } : {}),
        ...refusal(() => credential.assertAccepted(stored.account)),
      };
    case 'ended':
      return {
        ...base,
        signIn: signIn.pending ? 'pending' : 'ended',
        account: { username: stored.account.username },
        endedAt: new Date(stored.at).toISOString(),
        problem: {
          code: stored.code,
          detail: stored.detail,
          reason: stored.reason,
          correlationId: stored.correlationId,
        },
      };
    case 'damaged':
      return { ...base, signIn: 'unknown', problem: { code: 'ERR_KEYSTORE_DAMAGED' } };
    case 'newer':
      return { ...base, signIn: 'unknown', problem: { code: 'ERR_KEYSTORE_RECORD' } };
    default:
      return { ...base, signIn: signIn.pending ? 'pending' : 'signed-out' };
  }
}
