// A check for each deployment that this product or Claude Desktop is configured to use.
import { DesktopValues } from '../../claude-desktop/document.ts';
import { offeredModels } from '../../claude-desktop/rules/models.ts';
import { modelNames } from '../../config/models.ts';
import { looksLikeSecret } from '../../core/looks-like-secret.ts';
import type { Secret } from '../../core/secret.ts';
import { type Check, type Outcome, skippedBecauseOf } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { MessagesClient } from '../foundry/foundry-client.ts';
import { deploymentOutcome } from '../foundry/foundry-outcome.ts';
import { isNotOffered, meaningOf } from '../foundry/foundry-reply.ts';
import { once } from '../once.ts';
import { unknownAddress } from '../unknown-address.ts';
import { networkFault } from '../unreachable.ts';

/** @param access what the check of the credential has found */
export function deploymentChecks(
  context: DoctorContext,
  access: () => Promise<Outcome>,
): readonly Check<DoctorContext>[] {
  const models = deploymentNames(context);
  const answers = once(() => askForEach(context, models));
  return models.map((model, index) => ({
    id: idOf(model),
    title: `Deployment ${model}`,
    needs: ['foundry-role'],
    deadlineMs: 45_000,
    async run() {
      // A warning there is about every request.
      if ((await access()).state !== 'ok') return skippedBecauseOf('foundry-role', SEE_ACCESS);
      const outcomes = await answers();
      const shared = sharedFault(outcomes);
      if (shared === undefined) return outcomes[index] ?? unknownAddress(context);
      if (index === 0) return { ...shared, detail: `${models.join(', ')}: ${shared.detail}` };
      return skippedBecauseOf(idOf(models[0] ?? ''), `see "Deployment ${models[0]}": all deployments have this fault`);
    },
  }));
}

const idOf = (model: string): string => `deployment:${model}`;

const SEE_ACCESS = 'see "Access to Foundry", which is about every deployment';

async function askForEach(context: DoctorContext, models: readonly string[]): Promise<readonly Outcome[]> {
  const client = context.messages();
  if (client === undefined) return [];
  const { secret } = await context.heldToken();
  return Promise.all(
    models.map((model) => ask(client, { model, secret, live: context.live }).catch(networkFault(client))),
  );
}

/** What's wrong with every one of several deployments in the same way. */
function sharedFault([first, ...others]: readonly Outcome[]): Outcome | undefined {
  if (first === undefined || others.length === 0 || !('remedy' in first)) return undefined;
  return others.every(({ state, detail }) => state === first.state && detail === first.detail) ? first : undefined;
}

interface Question {
  readonly model: string;
  readonly secret: Secret;
  readonly live: boolean;
}

async function ask(client: MessagesClient, { model, secret, live }: Question): Promise<Outcome> {
  const counted = await client.countTokens(model, secret);
  const meaning = meaningOf(counted, client.address.via);
  const mayBeThere = meaning === 'ok' || meaning === 'bad-request' || isNotOffered(meaning);
  if (live && mayBeThere) {
    const reply = await client.sendMessage(model, secret);
    return deploymentOutcome(reply, "it's there and has answered a message", client);
  }
  if (meaning === 'gateway-path-unknown') return notCounted(client);
  return deploymentOutcome(counted, "it's there and takes requests", client);
}

const LIVE = 'run "foundry-credential-helper doctor --live", which spends one output token per deployment';

/** The endpoint's check has said so already if the gateway says it to callers without a token too. */
async function notCounted(client: MessagesClient): Promise<Outcome> {
  const detail = "the gateway doesn't offer count_tokens, so this couldn't be checked";
  if (isNotOffered(meaningOf(await client.probe(), client.address.via))) {
    return skippedBecauseOf('foundry-endpoint', `${detail}; ${LIVE}`);
  }
  return { state: 'warn', detail, remedy: LIVE, facts: { judged: false } };
}

/** The names in this program's settings, then those that only Claude Desktop's profile has. */
export function deploymentNames(context: DoctorContext): readonly string[] {
  const desktop = context.desktop();
  const desktopModels =
    desktop.state === 'values' ? offeredModels(new DesktopValues(desktop.document).structure('inferenceModels')) : [];
  const named = [...modelNames(context.resolution.settings.models.value), ...desktopModels];
  return [...new Set(named.filter(isShowable))];
}

/** People read these names, and a profile may hold anything. */
const isShowable = (name: string): boolean => /^[\w.@:-]{1,64}$/.test(name) && !looksLikeSecret(name);
