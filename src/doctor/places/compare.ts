// Two places can give two results: the agent's, which decides whether Claude Desktop gets its token, and this
// terminal's, which is what the person who runs doctor can try. If they differ, the difference is the finding.
import { type Finding, type Outcome, skippedBecauseOf } from '../check.ts';
import { EXCHANGE_DEADLINE_MS, exchangeError } from '../checks/exchange.ts';
import type { DoctorContext } from '../context.ts';
import { once } from '../once.ts';
import { wayText } from '../route-text.ts';
import { attempt } from '../runner.ts';
import { type Difference, differenceRemedy, differences, differenceText, isAboutNetwork } from './differences.ts';
import type { SettingView } from './settings-view.ts';

/** The checks of the way to the first server. */
const NETWORK_CHECKS: readonly string[] = ['dns', 'proxy', 'tls'];
/** Those whose failure other settings may explain. */
const SETTINGS_CHECKS: readonly string[] = ['configuration', 'entra-tenant', 'entra-application', 'foundry-endpoint'];
/** One of these isn't skipped: with Entra the first, with an API key the second. */
const CREDENTIAL_CHECKS: readonly string[] = ['sign-in', 'api-key'];
/** Claude Desktop's profile is right for one of the two credentials. */
const HEADER_CHECK = 'desktop-header';

/** @returns what makes of each of the agent's findings one that says where this terminal differs */
export function compareWithTerminal(
  context: DoctorContext,
  agentSettings: readonly SettingView[],
): (finding: Finding) => Promise<Finding> {
  const found = differences(agentSettings, context.settings());
  const network = found.filter(isAboutNetwork);
  const others = found.filter((one) => !isAboutNetwork(one));
  const reachesHere = once(() => reachesServer(context));
  const isOtherCredential = others.some(({ name }) => name === 'credential');
  // Said once, where it first matters: what comes after usually fails for the same reason.
  let saidIn: string | undefined;
  return async (finding) => {
    if (NETWORK_CHECKS.includes(finding.id)) {
      if (finding.state === 'fail')
        return (await reachesHere()) ? worksHere(finding, network.length > 0 ? network : found) : finding;
      return finding.id === 'proxy' ? withOtherWay(finding, await wayHere(context), network) : finding;
    }
    const { id, title, state } = finding;
    if (id === HEADER_CHECK && state === 'fail' && isOtherCredential && saidIn !== undefined) {
      return { id, title, ...skippedBecauseOf(saidIn, 'agent and terminal disagree on "credential"') };
    }
    const matters =
      (SETTINGS_CHECKS.includes(id) && state === 'fail') || (CREDENTIAL_CHECKS.includes(id) && state !== 'skip');
    if (saidIn !== undefined || others.length === 0 || !matters) return finding;
    saidIn = id;
    return withOtherSettings(finding, id === 'configuration' ? found : others);
  };
}

/** Whether the first server answers with the settings of this terminal. */
async function reachesServer(context: DoctorContext): Promise<boolean> {
  const outcome = await attempt<DoctorContext>(
    {
      deadlineMs: EXCHANGE_DEADLINE_MS,
      async run() {
        const server = context.firstServer();
        const error = server === undefined ? undefined : await exchangeError(server);
        if (error !== undefined) throw error;
        return { state: server === undefined ? 'skip' : 'ok', detail: '' };
      },
    },
    context,
  );
  return outcome.state === 'ok';
}

function worksHere(finding: Finding, found: readonly Difference[]): Finding {
  if (finding.state !== 'fail') return finding;
  const reason = found.length === 0 ? '' : `: ${differenceText(found)}`;
  return {
    ...finding,
    detail: `for the agent, ${finding.detail}; in this terminal, the same connection works${reason}`,
    remedy: found.length === 0 ? finding.remedy : differenceRemedy(found),
    facts: { ...finding.facts, worksInTerminal: true, differentSettings: found.map(({ name }) => name) },
  };
}

/** The agent's way works, so another one here isn't a fault. */
function withOtherWay(finding: Finding, here: string | undefined, network: readonly Difference[]): Finding {
  const theirs = finding.facts?.['way'];
  if (here === undefined || theirs === undefined || here === theirs) return finding;
  const reason = network.length === 0 ? '' : ` (${differenceText(network)})`;
  return { ...finding, detail: `${finding.detail}; this terminal would go another way: ${here}${reason}` };
}

async function wayHere(context: DoctorContext): Promise<string | undefined> {
  try {
    const server = context.firstServer();
    return server && wayText(await context.route(server.url));
  } catch {
    return undefined;
  }
}

function withOtherSettings(finding: Finding, found: readonly Difference[]): Finding {
  const detail = `${finding.detail}; the agent's environment isn't this terminal's, so it sees another configuration: ${differenceText(found)}`;
  const remedy = differenceRemedy(found);
  const facts = { ...finding.facts, differentSettings: found.map(({ name }) => name) };
  const outcome: Outcome =
    finding.state === 'fail'
      ? { state: 'fail', detail, remedy: `${remedy}; ${finding.remedy}`, facts }
      : { state: 'warn', detail, remedy, facts };
  return { ...outcome, id: finding.id, title: finding.title };
}
