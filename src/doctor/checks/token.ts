import { toAppError } from '../../core/errors.ts';
import { calledAddress } from '../called-address.ts';
import { type Check, type Facts, notNeededWithApiKey } from '../check.ts';
import { combine, type Problem } from '../combine.ts';
import type { DoctorContext, HeldToken } from '../context.ts';
import type { EntraConfiguration, EntraSignIn } from '../entra-sign-in.ts';
import { failure } from '../failure.ts';
import type { TokenClaims } from '../token-claims.ts';
import { directoryIdOf, entraOutcome } from './entra.ts';

/** The audiences that Foundry names when it refuses another one, and the first one's application ID. */
const FOUNDRY_AUDIENCES = [
  'https://cognitiveservices.azure.com',
  'https://ai.azure.com',
  '7d312290-28c8-473c-a0ed-8e53749b6d6d',
];

/** Decodes the token that the agent hands out, but never shows it. */
export const tokenCheck: Check<DoctorContext> = {
  id: 'token',
  title: 'Token',
  needs: ['sign-in'],
  // Twice the time that the agent may take, and the pause between: see `tokenOfNow`.
  deadlineMs: 75_000,
  async run(context) {
    const entra = context.entra();
    if (entra === undefined) return notNeededWithApiKey();
    let held: HeldToken;
    try {
      held = await context.heldToken();
    } catch (thrown) {
      const error = toAppError(thrown);
      // Without a token, even a pause of Entra's prevents everything else from working.
      return error.code === 'ERR_THROTTLED' ? failure(error) : entraOutcome(error, entra);
    }
    if (held.claims === undefined) {
      return { state: 'ok', detail: 'the agent hands one out, in a form that only the resource can read' };
    }
    const { configuration } = entra;
    const isForGateway = calledAddress(context)?.via === 'gateway';
    const problems = [
      ...(isForGateway ? gatewayAudience(held.claims, configuration) : foundryAudience(held.claims, configuration)),
      ...ownerProblems(held.claims, configuration, await knownDirectoryId(entra)),
      ...expiryProblems(held.claims),
    ];
    const minutes = Math.floor(remainingSeconds(held.claims) / 60);
    return combine(problems, `valid for ${minutes} min, for ${held.claims.audience}`, claimFacts(held.claims));
  },
};

async function knownDirectoryId(entra: EntraSignIn): Promise<string | undefined> {
  try {
    return directoryIdOf(entra, (await entra.metadata()).reply);
  } catch {
    return undefined;
  }
}

function foundryAudience({ audience }: TokenClaims, { scope, cloud }: EntraConfiguration): Problem[] {
  const found = withoutSlash(audience ?? '');
  if (cloud === 'public' ? FOUNDRY_AUDIENCES.includes(found) : found === resourceOf(scope)) return [];
  const remedy = scope.startsWith('api:')
    ? 'set "baseUrl" to the address of the gateway that "scope" belongs to, or remove "scope"; then "foundry-credential-helper agent stop" and "foundry-credential-helper login"'
    : 'remove "scope", whose default is right for Foundry; then "foundry-credential-helper agent stop" and "foundry-credential-helper login"';
  return [{ state: 'fail', detail: `it's for "${found}", which Foundry doesn't accept`, remedy }];
}

/** Only the gateway knows which audience it accepts; here the token must be for what "scope" asks for. */
function gatewayAudience({ audience }: TokenClaims, { scope }: EntraConfiguration): Problem[] {
  const found = withoutSlash(audience ?? '');
  const wanted = resourceOf(scope);
  if (found === wanted || isApplicationOf(wanted, found)) return [];
  return [
    {
      state: 'fail',
      detail: `it's for "${found}", not for "${wanted}", which "scope" asks for`,
      remedy: 'run "foundry-credential-helper agent stop", then "foundry-credential-helper login" again',
    },
  ];
}

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** A v2.0 token names the application by its ID, whatever its App ID URI. */
function isApplicationOf(resource: string, audience: string): boolean {
  if (!resource.startsWith('api://') || !GUID.test(audience)) return false;
  const name = resource.slice('api://'.length);
  return !GUID.test(name) || name.toLowerCase() === audience.toLowerCase();
}

/** `api://contoso` of `api://contoso/.default`. */
const resourceOf = (scope: string): string => withoutSlash(scope.replace(/\/[^/]*$/, ''));

function ownerProblems(
  { tenantId, clientId }: TokenClaims,
  configuration: EntraConfiguration,
  directoryId: string | undefined,
): Problem[] {
  const problems: Problem[] = [];
  const remedy =
    'run "foundry-credential-helper logout", then "foundry-credential-helper login" with an account of the configured organization';
  if (directoryId !== undefined && tenantId?.toLowerCase() !== directoryId) {
    problems.push({ state: 'fail', detail: `it's from tenant ${tenantId ?? '(none)'}, not ${directoryId}`, remedy });
  }
  if (clientId?.toLowerCase() !== configuration.clientId.toLowerCase()) {
    problems.push({ state: 'fail', detail: `it was issued to application ${clientId ?? '(none)'}`, remedy });
  }
  return problems;
}

function expiryProblems(claims: TokenClaims): Problem[] {
  if (remainingSeconds(claims) > 0) return [];
  return [
    {
      state: 'fail',
      detail: "by this computer's clock it has expired",
      remedy:
        'set date and time from the internet; then run "foundry-credential-helper agent stop" and "foundry-credential-helper doctor" again',
    },
  ];
}

function remainingSeconds({ expiresAt = 0 }: TokenClaims): number {
  return expiresAt - Date.now() / 1000;
}

function claimFacts({ audience, tenantId, clientId, expiresAt }: TokenClaims): Facts {
  return {
    ...(audience === undefined ? {} : { audience }),
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(expiresAt === undefined ? {} : { expiresOn: new Date(expiresAt * 1000).toISOString() }),
  };
}

const withoutSlash = (text: string): string => text.replace(/\/+$/, '');
