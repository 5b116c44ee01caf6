import { foundryErrors } from '../../../support/servers/foundry-errors.ts';
import { configure, profile, type SeededFault } from './row.ts';

const foundryFault =
  (name: keyof typeof foundryErrors): NonNullable<SeededFault['seed']> =>
  ({ foundry }) => {
    foundry.setFault('count_tokens', foundryErrors[name]);
    return undefined;
  };

export const foundryFaults: readonly SeededFault[] = [
  {
    fault: 'the resource name is wrong',
    seed: (world) => {
      configure({ foundryResource: 'contoso-fuondry' })(world);
      const inferenceGatewayBaseUrl = 'https://contoso-fuondry.services.ai.azure.com/anthropic';
      return profile({ inferenceGatewayBaseUrl })(world);
    },
    check: 'foundry-endpoint',
    cause: /contoso-fuondry\.services\.ai\.azure\.com cannot be reached/,
    remedy: /check inferenceGatewayBaseUrl/,
  },
  {
    fault: 'the resource lets only its own network in',
    seed: foundryFault('networkRule'),
    check: 'foundry-endpoint',
    cause: /network rules of the Foundry resource/,
    remedy: /VPN/,
  },
  {
    fault: 'the role is missing (403)',
    seed: ({ foundry }) => {
      // Whoever brings no token meets the 401 first.
      foundry.failNext('count_tokens', foundryErrors.tokenRefused);
      foundry.setFault('count_tokens', foundryErrors.roleMissing);
      return undefined;
    },
    check: 'foundry-role',
    cause: /lacks the role.*HTTP 403 PermissionDenied/,
    remedy: /"Cognitive Services User"/,
  },
  {
    fault: 'the role is missing (401)',
    seed: foundryFault('roleMissingAs401'),
    check: 'foundry-role',
    cause: /lacks the role.*HTTP 401 PermissionDenied/,
    remedy: /"Cognitive Services User"/,
  },
  {
    fault: 'Foundry does not take the token (401)',
    seed: ({ entra }) => {
      entra.revokeAccessTokens();
      return undefined;
    },
    check: 'foundry-role',
    cause: /does not accept the token/,
    remedy: /"scope"/,
  },
  {
    fault: 'the resource is of another tenant',
    seed: foundryFault('otherTenant'),
    check: 'foundry-role',
    cause: /belongs to another tenant/,
    remedy: /set "tenantId"/,
  },
  {
    fault: 'a deployment does not exist',
    seed: configure({ models: ['claude-sonnet-5', 'claude-sonet-5', 'claude-opus-4-8'] }),
    check: 'deployment:claude-sonet-5',
    cause: /no deployment of this name.*DeploymentNotFound/,
    remedy: /deployment names, not model names/,
  },
];
