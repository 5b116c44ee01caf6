import { credentialKey } from '../agent/credentials/credential-key.ts';
import { readStateFile, type StateFile, type StoredError, shownFailure } from '../agent/tokens/state-file.ts';
import { openSystemConfiguration } from '../config/load.ts';
import { requireSettings } from '../config/resolve.ts';
import { errorFromRecord, errorToRecord } from '../core/errors.ts';
import type { AgentStatus } from '../ipc/protocol.ts';
import type { Paths } from '../platform/paths.ts';

/** The part of a status that's known while no agent runs. */
export type RememberedStatus = Pick<AgentStatus, 'endedAt' | 'problem' | 'lastFailure'>;

/** What the last agent has written down: whether and why the sign-in ended, and what failed last. Never rejects. */
export async function rememberedStatus(paths: Paths): Promise<RememberedStatus> {
  let file: StateFile | undefined;
  try {
    file = readStateFile(paths.state);
  } catch {
    // The next agent ignores it too, and logs that.
  }
  if (file === undefined) return {};
  const { ended } = file.identities[(await configuredKey(paths)) ?? ''] ?? {};
  return {
    ...(ended && { endedAt: new Date(ended.at).toISOString(), ...problemOf(ended.error) }),
    ...shownFailure(file.lastFailure),
  };
}

function problemOf(error: StoredError): Pick<AgentStatus, 'problem'> {
  const known = errorFromRecord(error);
  return known === undefined ? {} : { problem: errorToRecord(known) };
}

/** Undefined with an API key, or while the configuration doesn't say it. */
async function configuredKey(paths: Paths): Promise<string | undefined> {
  try {
    const configuration = requireSettings((await openSystemConfiguration(process.env, paths)).current());
    return configuration.credential === 'entra' ? credentialKey(configuration) : undefined;
  } catch {
    return undefined;
  }
}
