import type { Secret } from '../../core/secret.ts';
import type { JsonReply } from '../../entra/transport/https-client.ts';
import { aboutWay } from '../about-way.ts';
import type { Check, Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import { ANY_MODEL, type MessagesClient } from '../foundry/foundry-client.ts';
import { foundryOutcome } from '../foundry/foundry-outcome.ts';
import { isNotOffered, meaningOf, type ReplyMeaning, replyName } from '../foundry/foundry-reply.ts';
import { once } from '../once.ts';
import { unknownAddress } from '../unknown-address.ts';
import { networkFault } from '../unreachable.ts';
import { deploymentChecks, deploymentNames } from './deployments.ts';

export const endpointCheck: Check<DoctorContext> = {
  id: 'foundry-endpoint',
  title: 'Foundry endpoint',
  needs: ['tls'],
  deadlineMs: 75_000,
  async run(context) {
    const client = context.messages();
    if (client === undefined) return unknownAddress(context);
    const outcome = await endpointOutcome(client).catch(networkFault(client));
    return aboutWay(context, new URL(client.address.url), outcome);
  },
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

/**
 * Whether the server accepts the credential, and then each deployment. A fault that all of them share is reported once.
 * @param credentialCheck the id of the check that finds the credential
 */
export function accessChecks(
  context: DoctorContext,
  credentialCheck: 'token' | 'api-key',
): readonly Check<DoctorContext>[] {
  const access = once(() => accessTo(context));
  const roleCheck: Check<DoctorContext> = {
    id: 'foundry-role',
    title: 'Access to Foundry',
    needs: [credentialCheck, 'foundry-endpoint'],
    deadlineMs: 45_000,
    run: access,
  };
  return [roleCheck, ...deploymentChecks(context, access)];
}

async function accessTo(context: DoctorContext): Promise<Outcome> {
  const client = context.messages();
  if (client === undefined) return unknownAddress(context);
  const [model = ANY_MODEL] = deploymentNames(context);
  const { secret } = await context.heldToken();
  return accessOutcome(client, model, secret).catch(networkFault(client));
}

async function accessOutcome(client: MessagesClient, model: string, secret: Secret): Promise<Outcome> {
  const { host, via, setting } = client.address;
  const counted = await client.countTokens(model, secret);
  const reply = await lastWord(client, secret, counted);
  const meaning = meaningOf(reply, via);
  const who = via === 'foundry' ? 'Foundry' : host;
  const detail = `${who} accepts the ${client.credential === 'entra' ? 'token' : 'API key'}`;
  // The server checks the permission before it looks for the deployment.
  if (HAS_PASSED.includes(meaning)) return { state: 'ok', detail };
  if (meaning !== 'api-unsupported' || via !== 'foundry') return foundryOutcome(reply, detail, client);
  return {
    state: 'fail',
    detail: `${host} answers, but doesn't offer Claude's Messages API (${replyName(reply)})`,
    remedy: `check ${setting}: it must lead to a Foundry resource that has Claude deployments`,
    facts: { status: reply.status, meaning },
  };
}

/** Answers that may be about the one deployment that was asked for, and not about access. */
const MAY_BE_THE_DEPLOYMENT: readonly ReplyMeaning[] = ['throttled', 'service-fault', 'refused'];

/** The answer that proves access. No deployment is named ANY_MODEL, so asking for it costs nothing. */
async function lastWord(client: MessagesClient, secret: Secret, counted: JsonReply): Promise<JsonReply> {
  const meaning = meaningOf(counted, client.address.via);
  if (isNotOffered(meaning)) return client.sendMessage(ANY_MODEL, secret);
  return MAY_BE_THE_DEPLOYMENT.includes(meaning) ? client.countTokens(ANY_MODEL, secret) : counted;
}
