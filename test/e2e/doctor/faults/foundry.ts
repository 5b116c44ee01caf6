import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEtcFolder } from '../../../support/harness/etc-folder.ts';
import { canUnshareMounts } from '../../../support/harness/mount-namespace.ts';
import type { World } from '../../../support/harness/world.ts';
import { foundryErrors } from '../../../support/servers/foundry-errors.ts';
import { jsonReply, listenHttps, sendReply } from '../../../support/servers/https-listener.ts';
import {
  command,
  configure,
  editConfig,
  editProfile,
  healthyProfile,
  inTurn,
  login,
  type Seeded,
  type SeededFault,
} from './row.ts';

type FoundryError = keyof typeof foundryErrors;

const foundryFault =
  (name: FoundryError) =>
  ({ foundry }: World): undefined =>
    void foundry.setFault('count_tokens', foundryErrors[name]);

/** What the admin, or time, has to do. */
const recovers = ({ foundry }: World): undefined => {
  foundry.setFault('count_tokens', undefined);
  for (const model of healthyProfile.inferenceModels) foundry.setDeploymentFault(model, undefined);
};

const everyDeployment =
  (name: FoundryError) =>
  ({ foundry }: World): undefined => {
    for (const model of healthyProfile.inferenceModels) foundry.setDeploymentFault(model, foundryErrors[name]);
  };

const addressOf = (resource: string): string => `https://${resource}.services.ai.azure.com/anthropic`;

/** Has both Claude Desktop and this program call the resource. */
const callResource = (resource: string) =>
  inTurn(editConfig({ foundryResource: resource }), editProfile({ inferenceGatewayBaseUrl: addressOf(resource) }));

/** A resource of Azure OpenAI has the host, and doesn't answer requests for Claude. */
async function resourceWithoutClaude(world: World): Promise<Seeded> {
  const host = 'contoso-openai.services.ai.azure.com';
  const unknown = jsonReply(404, { error: { code: 'api_not_supported', message: 'API not supported.' } });
  const listener = await listenHttps(await world.ca.issue([host]), (_, response) => sendReply(response, unknown));
  world.proxy.routes.set(`${host}:443`, listener.port);
  await callResource('contoso-openai')(world);
  return { close: () => listener.close() };
}

/** Names are asked only of this computer, which has no name server. */
function withoutNameServer({ sandbox }: World): Seeded {
  const { seenBy } = createEtcFolder(sandbox.root);
  const file = join(sandbox.root, 'etc/resolv.conf');
  rmSync(file, { force: true });
  writeFileSync(file, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  return { seenBy };
}

export const foundryFaults: readonly SeededFault[] = [
  {
    fault: 'the resource name is wrong',
    seed: callResource('contoso-fuondry'),
    check: 'foundry-endpoint',
    cause:
      /^contoso-fuondry\.services\.ai\.azure\.com can't be reached: through the proxy \S+ \(HTTP 403\); this proxy comes from/,
    remedy: /^check inferenceGatewayBaseUrl and "foundryResource";/,
    repair: callResource('contoso-foundry'),
  },
  {
    fault: 'the resource was renamed',
    runIf: canUnshareMounts,
    world: {
      foundryResource: 'contoso-ai',
      config: { foundryResource: 'contoso-foundry', noProxy: ['contoso-foundry.services.ai.azure.com'] },
    },
    seed: withoutNameServer,
    check: 'foundry-endpoint',
    cause: /^contoso-foundry\.services\.ai\.azure\.com can't be reached: E[A-Z_]+$/,
    remedy: /^check inferenceGatewayBaseUrl and "foundryResource"; for a private endpoint connect to the VPN/,
    repair: async (world, seeded) => {
      await callResource('contoso-ai')(world);
      return seeded;
    },
  },
  {
    fault: "the gateway's name is gone",
    seed: inTurn(
      editConfig({ baseUrl: 'https://ai.contoso.invalid/anthropic', noProxy: ['ai.contoso.invalid'] }),
      editProfile({ inferenceGatewayBaseUrl: 'https://ai.contoso.invalid/anthropic' }),
    ),
    check: 'foundry-endpoint',
    cause: /^ai\.contoso\.invalid can't be reached: E[A-Z_]+$/,
    remedy: /^check inferenceGatewayBaseUrl and "baseUrl";/,
    repair: inTurn(
      editConfig({ baseUrl: addressOf('contoso-foundry') }),
      editProfile({ inferenceGatewayBaseUrl: addressOf('contoso-foundry') }),
    ),
  },
  {
    fault: 'Foundry hangs',
    seed: ({ foundry }) => void foundry.setFault('count_tokens', { kind: 'no-answer' }),
    check: 'foundry-endpoint',
    cause: /^contoso-foundry\.services\.ai\.azure\.com didn't answer within 10 s$/,
    remedy: /try again later/,
    repair: recovers,
  },
  {
    fault: 'the resource lets only its own network in',
    seed: foundryFault('networkRule'),
    check: 'foundry-endpoint',
    cause: /network rules of the Foundry resource/,
    remedy: /^connect to the company network or VPN/,
    repair: recovers,
  },
  {
    fault: 'the role is missing (403)',
    seed: ({ foundry }) => {
      // Anyone who brings no token meets the 401 first.
      foundry.failNext('count_tokens', foundryErrors.tokenRefused);
      foundry.setFault('count_tokens', foundryErrors.roleMissing);
      return undefined;
    },
    check: 'foundry-role',
    cause: /lacks the role.*HTTP 403 PermissionDenied/,
    remedy: /"Cognitive Services User"/,
    repair: recovers,
  },
  {
    fault: 'the role is missing (401)',
    seed: foundryFault('roleMissingAs401'),
    check: 'foundry-role',
    cause: /lacks the role.*HTTP 401 PermissionDenied/,
    remedy: /"Cognitive Services User"/,
    repair: recovers,
  },
  {
    fault: 'the role is assigned on another resource',
    seed: foundryFault('claudeRoleMissing'),
    check: 'foundry-role',
    cause: /lacks the role on the Foundry resource \(HTTP 401 PermissionDenied\)/,
    remedy: /at the scope of the Foundry resource that is called; .*a role on another resource or on a project/,
    repair: recovers,
  },
  {
    fault: "the role was assigned a minute ago and doesn't count yet",
    seed: ({ foundry }) => {
      foundry.failNext('count_tokens', foundryErrors.tokenRefused);
      foundry.failNext('count_tokens', foundryErrors.roleMissing);
      return undefined;
    },
    check: 'foundry-role',
    cause: /lacks the role/,
    remedy: /It takes up to 5 minutes; then run "foundry-credential-helper doctor" again/,
    repair: () => undefined,
  },
  {
    fault: 'Foundry does not take the token (401)',
    seed: ({ entra }) => {
      entra.revokeAccessTokens();
      return undefined;
    },
    check: 'foundry-role',
    cause: /doesn't accept the token/,
    remedy: /then run "foundry-credential-helper agent stop" and "foundry-credential-helper login"$/,
    repair: inTurn(command('agent', 'stop'), login),
  },
  {
    fault: 'the resource is of another tenant',
    seed: foundryFault('otherTenant'),
    check: 'foundry-role',
    cause: /belongs to a different tenant/,
    remedy: /set "tenantId" .* then run "foundry-credential-helper login"$/,
    repair: inTurn((world) => editConfig({ tenantId: world.entra.tenantDomain })(world), login, recovers),
  },
  {
    fault: 'Foundry refuses everything',
    seed: foundryFault('refused'),
    check: 'foundry-role',
    cause: /^Foundry refuses the request \(HTTP 403 Forbidden\)$/,
    remedy: /have an admin look up the request ID/,
    repair: recovers,
  },
  {
    fault: 'the resource has no Claude',
    seed: resourceWithoutClaude,
    check: 'foundry-role',
    cause: /^contoso-openai\.services\.ai\.azure\.com answers, but doesn't offer Claude's Messages API/,
    remedy: /^check inferenceGatewayBaseUrl and "foundryResource": it must lead to a Foundry resource/,
    repair: callResource('contoso-foundry'),
  },
  {
    fault: 'the rate limit of the resource is reached',
    seed: foundryFault('throttled'),
    check: 'foundry-role',
    state: 'warn',
    cause: /^the quota is used up for the moment \(HTTP 429 RateLimitReached\)$/,
    remedy: /^wait a minute/,
    repair: recovers,
  },
  {
    fault: 'the service has a fault (500)',
    seed: foundryFault('serverFault'),
    check: 'foundry-role',
    state: 'warn',
    cause: /^the service has a temporary fault.*HTTP 500/,
    remedy: /^try again later/,
    repair: recovers,
  },
  {
    fault: "a deployment doesn't exist",
    seed: configure({ models: ['claude-sonnet-5', 'claude-sonet-5', 'claude-opus-4-8'] }),
    check: 'deployment:claude-sonet-5',
    cause: /no deployment of this name.*DeploymentNotFound/,
    remedy: /correct "models" .*deployment names, not model names/,
    repair: editConfig({ models: ['claude-sonnet-5', 'claude-opus-4-8'] }),
  },
  {
    fault: 'a deployment was deleted',
    seed: ({ foundry }) => void foundry.deployments.delete('claude-opus-4-8'),
    check: 'deployment:claude-opus-4-8',
    cause: /^the resource has no deployment of this name/,
    remedy: /^correct "models" \(and inferenceModels of Claude Desktop\)/,
    repair: inTurn(editConfig({ models: ['claude-sonnet-5'] }), editProfile({ inferenceModels: ['claude-sonnet-5'] })),
  },
  {
    fault: 'all deployments were deleted',
    seed: ({ foundry }) => void foundry.deployments.clear(),
    check: 'deployment:claude-sonnet-5',
    cause: /^claude-sonnet-5, claude-opus-4-8: the resource has no deployment of this name/,
    remedy: /^correct "models"/,
    repair: inTurn(
      ({ foundry }) => void foundry.deployments.add('claude-haiku-4-5'),
      editConfig({ models: ['claude-haiku-4-5'] }),
      editProfile({ inferenceModels: ['claude-haiku-4-5'] }),
    ),
  },
  {
    fault: 'a deployment is disabled',
    seed: ({ foundry }) => void foundry.setDeploymentFault('claude-sonnet-5', foundryErrors.refused),
    check: 'deployment:claude-sonnet-5',
    cause: /^Foundry refuses calls to this deployment, which may be disabled \(HTTP 403 Forbidden\)$/,
    remedy: /turn it on or deploy it again/,
    repair: recovers,
  },
  {
    fault: 'all deployments are disabled',
    seed: everyDeployment('refused'),
    check: 'deployment:claude-sonnet-5',
    cause: /^claude-sonnet-5, claude-opus-4-8: Foundry refuses calls to this deployment/,
    remedy: /turn it on or deploy it again/,
    repair: recovers,
  },
  {
    fault: 'the quota of each deployment is used up',
    seed: everyDeployment('throttled'),
    check: 'deployment:claude-sonnet-5',
    state: 'warn',
    cause: /^claude-sonnet-5, claude-opus-4-8: the quota is used up for the moment \(HTTP 429 RateLimitReached\)$/,
    remedy: /^wait a minute/,
    repair: recovers,
  },
  {
    fault: "the resource doesn't offer count_tokens (404)",
    seed: foundryFault('apiUnsupported'),
    check: 'deployment:claude-sonnet-5',
    state: 'warn',
    cause: /^claude-sonnet-5, claude-opus-4-8: the resource doesn't offer count_tokens, so this couldn't be checked/,
    remedy: /^run "foundry-credential-helper doctor --live"/,
    repair: () => ({ args: ['--live'] }),
  },
  {
    fault: "the resource doesn't take this version of the API (400)",
    seed: foundryFault('versionRefused'),
    check: 'deployment:claude-sonnet-5',
    state: 'warn',
    cause: /^claude-sonnet-5, claude-opus-4-8: Foundry accepts the credential, but not this request/,
    remedy: /^run "foundry-credential-helper doctor --live"/,
    repair: () => ({ args: ['--live'] }),
  },
];
