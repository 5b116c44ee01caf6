import { modelNames } from '../../claude-desktop/model-names.ts';
import { type ErrorCode, errorCatalog, toAppError } from '../../core/errors.ts';
import type { Check, Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { FoundryClient } from '../foundry/foundry-client.ts';
import { foundryOutcome } from '../foundry/foundry-outcome.ts';
import { meaningOf } from '../foundry/foundry-reply.ts';

/** Stands for a deployment where none is named: the role is looked at before the deployment. */
const ANY_MODEL = 'doctor-probe';

export const endpointCheck: Check<DoctorContext> = {
  id: 'foundry-endpoint',
  title: 'Foundry endpoint',
  needs: ['tls'],
  deadlineMs: 75_000,
  async run(context, signal) {
    const client = context.foundry();
    if (client === undefined) return unknownEndpoint(context);
    try {
      // Without a token: whoever refuses that is there.
      const reply = await client.countTokens(ANY_MODEL, undefined, signal);
      if (meaningOf(reply) === 'network-rule') return foundryOutcome(reply, '');
      return { state: 'ok', detail: `${client.host} answers`, facts: { host: client.host, status: reply.status } };
    } catch (thrown) {
      return unreachable(thrown, client);
    }
  },
};

function unknownEndpoint(context: DoctorContext): Outcome {
  const { cloud } = context.configuration();
  const detail =
    cloud === 'public'
      ? '"foundryResource" is not set'
      : `Claude in Foundry is not known to exist in the cloud "${cloud}"`;
  return { state: 'skip', detail };
}

/** The error table speaks of the sign-in service; here it is another host. */
function unreachable(thrown: unknown, { host }: FoundryClient): Outcome {
  const { code, message, detail: where } = toAppError(thrown);
  return {
    state: 'fail',
    detail: `${host} cannot be reached: ${where ?? message}`,
    remedy: UNREACHABLE_REMEDIES[code]?.(host) ?? errorCatalog[code].hint,
    facts: { host, code },
  };
}

const allow = (host: string): string => `check "foundryResource"; allow ${host}:443 in proxy and firewall`;

const UNREACHABLE_REMEDIES: Partial<Record<ErrorCode, (host: string) => string>> = {
  ERR_NETWORK: allow,
  ERR_NETWORK_PROXY: allow,
  ERR_NETWORK_DNS: () =>
    'check "foundryResource"; for a private endpoint connect to the VPN, and let the admin check the DNS zone privatelink.services.ai.azure.com',
};

export const roleCheck: Check<DoctorContext> = {
  id: 'foundry-role',
  title: 'Role in Foundry',
  needs: ['token', 'foundry-endpoint'],
  deadlineMs: 30_000,
  async run(context, signal) {
    const client = context.foundry();
    if (client === undefined) return unknownEndpoint(context);
    const [model = ANY_MODEL] = deploymentNames(context);
    const { secret } = await context.heldToken();
    const reply = await client.countTokens(model, secret, signal);
    const accepted = 'Foundry accepts the token';
    // Both answers come after the permission was looked at.
    if (['deployment-unknown', 'bad-request'].includes(meaningOf(reply))) return { state: 'ok', detail: accepted };
    return foundryOutcome(reply, accepted);
  },
};

/** A check for each deployment that this product or Claude Desktop is configured to use. */
export function deploymentChecks(context: DoctorContext): readonly Check<DoctorContext>[] {
  return deploymentNames(context).map((model) => ({
    id: `deployment:${model}`,
    title: `Deployment ${model}`,
    needs: ['foundry-role'],
    deadlineMs: 45_000,
    run: (_, signal) => checkDeployment(context, model, signal),
  }));
}

async function checkDeployment(context: DoctorContext, model: string, signal: AbortSignal): Promise<Outcome> {
  const client = context.foundry();
  if (client === undefined) return unknownEndpoint(context);
  const { secret } = await context.heldToken();
  const counted = await client.countTokens(model, secret, signal);
  const meaning = meaningOf(counted);
  if (!context.live || (meaning !== 'ok' && meaning !== 'api-unsupported' && meaning !== 'bad-request')) {
    return foundryOutcome(counted, 'it is there and takes requests');
  }
  const reply = await client.sendMessage(model, secret, signal);
  return foundryOutcome(reply, 'it is there and has answered a message');
}

function deploymentNames(context: DoctorContext): readonly string[] {
  const desktop = context.desktop();
  const desktopModels = desktop.state === 'values' ? modelNames(desktop.values['inferenceModels']) : [];
  return [...new Set([...(context.resolution.settings.models.value ?? []), ...desktopModels])];
}
