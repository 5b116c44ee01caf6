import { type DatedTrouble, type DesktopLog, openDesktopLog } from '../../claude-desktop/desktop-log.ts';
import { kindOf, type TroubleKind } from '../../claude-desktop/desktop-log-events.ts';
import { DesktopValues } from '../../claude-desktop/document.ts';
import { desktopHeader } from '../../claude-desktop/rules/credential.ts';
import { offeredModels } from '../../claude-desktop/rules/models.ts';
import { type ErrorCategory, errorCatalog } from '../../core/errors.ts';
import type { Check, Facts, Outcome } from '../check.ts';
import { combine } from '../combine.ts';
import type { DoctorContext } from '../context.ts';
import { ANY_MODEL } from '../foundry/foundry-client.ts';
import { desktopFindings } from './desktop.ts';
import { problemOf } from './desktop-troubles.ts';

/** A credential that the agent hands out now makes up for these. */
const OVER: ReadonlySet<ErrorCategory> = new Set(['sign-in', 'pending', 'policy', 'network', 'keystore']);

/**
 * A configuration that is refused prevents the helper from running, and without the helper the provider gets nothing.
 */
const CAUSES: readonly TroubleKind[] = ['configuration', 'helper', 'provider'];

/**
 * What Claude Desktop itself logged about the helper, its configuration, and its provider. What other checks find
 * isn't reported here again. `credentialCheck` is the id of the check that finds the credential.
 */
export const desktopLogCheck = (credentialCheck: 'token' | 'api-key'): Check<DoctorContext> => ({
  id: 'desktop-log',
  title: "Claude Desktop's log",
  needs: [credentialCheck, 'desktop-profile', 'desktop-helper'],
  deadlineMs: 40_000,
  async run(context, signal) {
    const log = openDesktopLog({ env: context.env });
    if (log.file === undefined) return withoutLog(log);
    const unexplained = await withoutExplained(log.current.filter(isNotOver), context, signal);
    const kind = CAUSES.find((one) => unexplained.some(({ id }) => kindOf(id) === one));
    const problems = lastOfEach(unexplained.filter(({ id }) => kindOf(id) === kind)).map((trouble) =>
      problemOf(trouble, ago(trouble.at)),
    );
    return combine(problems, soundText(log), factsOf(log));
  },
});

function withoutLog({ unreadable: [file] }: DesktopLog): Outcome {
  return file === undefined
    ? { state: 'skip', detail: 'Claude Desktop has written no log for this user', notNeeded: true }
    : { state: 'skip', detail: `${file} can't be read` };
}

const isNotOver = ({ code }: DatedTrouble): boolean => code === undefined || !OVER.has(errorCatalog[code].category);

/** The latest run of the helper is what counts; of the configuration, each key. */
function lastOfEach(troubles: readonly DatedTrouble[]): readonly DatedTrouble[] {
  const byKey = new Map(troubles.map((trouble) => [trouble.key, trouble]));
  return [...byKey.values()];
}

async function withoutExplained(
  troubles: readonly DatedTrouble[],
  context: DoctorContext,
  signal: AbortSignal,
): Promise<readonly DatedTrouble[]> {
  const reading = context.desktop();
  const faults = reading.state === 'values' ? desktopFindings(context, reading) : [];
  const serious = faults.filter(({ severity }) => severity !== 'note');
  const isExplained = ({ id, key }: DatedTrouble): boolean =>
    kindOf(id) === 'configuration' && (key === undefined ? serious.length > 0 : serious.some((one) => one.key === key));
  const left = troubles.filter((trouble) => !isExplained(trouble));
  const areRefusals = left.some(({ id }) => REFUSALS.has(id));
  return areRefusals && (await isRefusedNow(context, signal)) ? left.filter(({ id }) => !REFUSALS.has(id)) : left;
}

const REFUSALS: ReadonlySet<string> = new Set(['refused', 'forbidden', 'unhealthy']);

/** Asks Foundry once more, because this check doesn't know what the others have found. */
async function isRefusedNow(context: DoctorContext, signal: AbortSignal): Promise<boolean> {
  const reading = context.desktop();
  const client = context.messages();
  if (reading.state !== 'values' || client === undefined) return false;
  const values = new DesktopValues(reading.document);
  if (desktopHeader(values, { credential: client.credential })?.verdict === 'mismatch') return true;
  const [model = ANY_MODEL] = offeredModels(values.structure('inferenceModels'));
  try {
    const { status } = await client.countTokens(model, (await context.heldToken()).secret, signal);
    // A gateway may not offer to count tokens, and nothing has the name ANY_MODEL.
    const isNoAnswer = client.address.via === 'gateway' || model === ANY_MODEL;
    return status >= 400 && !(isNoAnswer && (status === 404 || status === 405));
  } catch {
    return true;
  }
}

function soundText({ succeededAt, current, past, file }: DesktopLog): string {
  const over = current.findLast((trouble) => !isNotOver(trouble));
  if (over !== undefined) {
    return `${ago(over.at)}, Claude Desktop got ${over.code} from the helper; the agent has a credential for it now`;
  }
  if (succeededAt !== undefined) return `Claude Desktop got a credential from the helper ${ago(succeededAt)}`;
  const history = past.length === 0 ? '' : ', only older ones';
  return `no problems with the helper in ${file}${history}`;
}

function factsOf({ file = '', startedAt, version, succeededAt, current, past }: DesktopLog): Facts {
  return {
    file,
    ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt).toISOString() }),
    ...(version === undefined ? {} : { version }),
    ...(succeededAt === undefined ? {} : { succeededAt: new Date(succeededAt).toISOString() }),
    current: current.slice(-10).map(({ id, at }) => `${id} ${new Date(at).toISOString()}`),
    past: past.length,
  };
}

function ago(at: number): string {
  const minutes = Math.round((Date.now() - at) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 120) return `${minutes} min ago`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 1440)} days ago`;
}
