import { DesktopValues } from '../../claude-desktop/document.ts';
import { offeredModels } from '../../claude-desktop/rules/models.ts';
import { modelNames } from '../../config/models.ts';
import { toAppError } from '../../core/errors.ts';
import { looksLikeSecret } from '../../core/looks-like-secret.ts';
import type { RoutePlan } from '../../core/route.ts';
import type { Secret } from '../../core/secret.ts';
import type { Check, Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import { ANY_MODEL, type MessagesClient } from '../foundry/foundry-client.ts';
import { foundryOutcome } from '../foundry/foundry-outcome.ts';
import { meaningOf, type ReplyMeaning } from '../foundry/foundry-reply.ts';
import { directRemedy } from '../route-text.ts';
import { unknownAddress } from '../unknown-address.ts';
import { unreachable } from '../unreachable.ts';

export const endpointCheck: Check<DoctorContext> = {
  id: 'foundry-endpoint',
  title: 'Foundry endpoint',
  needs: ['tls'],
  deadlineMs: 75_000,
  async run(context) {
    const client = context.messages();
    if (client === undefined) return unknownAddress(context);
    const plan = await context.route(new URL(client.address.url));
    return endpointOutcome(client).catch(networkFault(client, plan));
  },
};

/** The error table's hints are about the sign-in service. @throws what isn't about the network */
const networkFault =
  ({ address }: MessagesClient, plan?: RoutePlan) =>
  (thrown: unknown): Outcome => {
    const error = toAppError(thrown);
    if (error.category !== 'network') throw error;
    return unreachable(error, address, { remedy: plan && directRemedy(plan, error) });
  };

/** Asks without a credential: a server that refuses that is there. */
async function endpointOutcome(client: MessagesClient): Promise<Outcome> {
  const { host, from, via } = client.address;
  const reply = await client.probe();
  const meaning = meaningOf(reply, via);
  const isUnknownPath = meaning === 'gateway-path-unknown';
  if (
    meaning === 'network-rule' ||
    meaning === 'gateway-forbidden' ||
    (isUnknownPath && (await isPathUnknown(client)))
  ) {
    return foundryOutcome(reply, '', client);
  }
  const facts = { host, from, via, status: reply.status };
  if (isUnknownPath) return { state: 'warn', ...withoutCounting(host), facts };
  if (via === 'gateway' && HAS_PASSED.includes(meaning)) return { state: 'warn', ...openGateway(host), facts };
  return { state: 'ok', detail: `${host} answers`, facts };
}

const withoutCounting = (host: string) => ({
  detail: `${host} answers, but has no operation POST /v1/messages/count_tokens, which Claude Code and this check use`,
  remedy: 'add the operation to the API of the gateway; docs/how-to/api-management.md lists both',
});

/** Answers that come only from a resource that accepted the caller. */
const HAS_PASSED: readonly ReplyMeaning[] = ['ok', 'deployment-unknown', 'bad-request'];

const openGateway = (host: string) => ({
  detail: `${host} passes on requests that carry no token: everyone who reaches it can use Foundry`,
  remedy: 'have its policy check the token first; docs/how-to/api-management.md has the policy',
});

async function isPathUnknown(client: MessagesClient): Promise<boolean> {
  return meaningOf(await client.probeMessages(), client.address.via) === 'gateway-path-unknown';
}

/** `credentialCheck` is the id of the check that finds the credential. */
export const roleCheck = (credentialCheck: 'token' | 'api-key'): Check<DoctorContext> => ({
  id: 'foundry-role',
  title: 'Access to Foundry',
  needs: [credentialCheck, 'foundry-endpoint'],
  deadlineMs: 30_000,
  async run(context, signal) {
    const client = context.messages();
    if (client === undefined) return unknownAddress(context);
    const [model = ANY_MODEL] = deploymentNames(context);
    const { secret } = await context.heldToken();
    return accessOutcome(client, model, secret, signal).catch(networkFault(client));
  },
});

async function accessOutcome(
  client: MessagesClient,
  model: string,
  secret: Secret,
  signal: AbortSignal,
): Promise<Outcome> {
  const { host, via } = client.address;
  const counted = await client.countTokens(model, secret, signal);
  // No deployment has this name, so nothing is spent.
  const reply = isNotOffered(meaningOf(counted, via)) ? await client.sendMessage(ANY_MODEL, secret, signal) : counted;
  const who = via === 'foundry' ? 'Foundry' : host;
  const detail = `${who} accepts the ${client.credential === 'entra' ? 'token' : 'API key'}`;
  // The server checks the permission before it looks for the deployment.
  if (HAS_PASSED.includes(meaningOf(reply, via))) return { state: 'ok', detail };
  return foundryOutcome(reply, detail, client);
}

const isNotOffered = (meaning: ReplyMeaning): boolean =>
  meaning === 'api-unsupported' || meaning === 'gateway-path-unknown';

/** A check for each deployment that this product or Claude Desktop is configured to use. */
export function deploymentChecks(context: DoctorContext): readonly Check<DoctorContext>[] {
  return deploymentNames(context).map((model) => ({
    id: `deployment:${model}`,
    title: `Deployment ${model}`,
    needs: ['foundry-role'],
    deadlineMs: 45_000,
    async run(_, signal) {
      const client = context.messages();
      if (client === undefined) return unknownAddress(context);
      const { secret } = await context.heldToken();
      const question = { model, secret, live: context.live };
      return deploymentOutcome(client, question, signal).catch(networkFault(client));
    },
  }));
}

async function deploymentOutcome(
  client: MessagesClient,
  { model, secret, live }: { readonly model: string; readonly secret: Secret; readonly live: boolean },
  signal: AbortSignal,
): Promise<Outcome> {
  const counted = await client.countTokens(model, secret, signal);
  const meaning = meaningOf(counted, client.address.via);
  const mayBeThere = meaning === 'ok' || meaning === 'bad-request' || isNotOffered(meaning);
  if (live && mayBeThere) {
    const reply = await client.sendMessage(model, secret, signal);
    return foundryOutcome(reply, 'it is there and has answered a message', client);
  }
  if (meaning === 'gateway-path-unknown') return NOT_COUNTED;
  if (meaning === 'gateway-throttled') return { state: 'skip', detail: "the gateway's rate limit is reached" };
  return foundryOutcome(counted, 'it is there and takes requests', client);
}

const NOT_COUNTED: Outcome = {
  state: 'warn',
  detail: 'the gateway does not offer count_tokens, which leaves the question open',
  remedy: 'run "foundry-credential-helper doctor --live", which spends one output token per deployment',
};

function deploymentNames(context: DoctorContext): readonly string[] {
  const desktop = context.desktop();
  const desktopModels =
    desktop.state === 'values' ? offeredModels(new DesktopValues(desktop.document).structure('inferenceModels')) : [];
  const named = [...modelNames(context.resolution.settings.models.value), ...desktopModels];
  return [...new Set(named.filter(isShowable))];
}

/** People read these names, and a profile may hold anything. */
const isShowable = (name: string): boolean => /^[\w.@:-]{1,64}$/.test(name) && !looksLikeSecret(name);
