import { CLOUDS } from '../../core/cloud.ts';
import { AppError, toAppError } from '../../core/errors.ts';
import { tenantOfIssuer } from '../../entra/cloud.ts';
import { mapEntraError } from '../../entra/replies/map-error.ts';
import type { JsonReply } from '../../entra/transport/https-client.ts';
import { type Check, notNeededWithApiKey, type Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import { type EntraSignIn, openSignIn } from '../entra-sign-in.ts';
import { failure } from '../failure.ts';
import { strangerRemedy } from '../route-text.ts';
import { remedyFor } from '../sign-in-remedy.ts';

export const tenantCheck: Check<DoctorContext> = {
  id: 'entra-tenant',
  title: 'Entra tenant',
  needs: ['tls'],
  async run(context) {
    const entra = context.entra();
    if (entra === undefined) return notNeededWithApiKey();
    const { reply } = await entra.metadata();
    if (reply.status !== 200) return tenantOutcome(context, entra, refusal(entra, reply));
    const directoryId = directoryIdOf(entra, reply);
    if (directoryId !== undefined) {
      return { state: 'ok', detail: `Entra knows it as ${directoryId}`, facts: { directoryId } };
    }
    const { cloud } = entra.configuration;
    const other = CLOUDS.find((one) => tenantOfIssuer(one, reply.body['issuer']) !== undefined);
    if (other === undefined) return refusalOutcome(entra, strangeReply(entra, 'metadata without a usable issuer'));
    return {
      state: 'fail',
      detail: `it belongs to the cloud "${other}", and "cloud" is "${cloud}"`,
      remedy: `set "cloud" to "${other}"`,
    };
  },
};

/** The tenant's GUID, even if the configuration names a domain. `undefined` if this isn't a tenant of this cloud. */
export function directoryIdOf({ configuration }: EntraSignIn, { body }: JsonReply): string | undefined {
  return tenantOfIssuer(configuration.cloud, body['issuer']);
}

/** Entra's refusal of the tenant. Names the setting that holds the wrong ID, if Entra tells. */
async function tenantOutcome(context: DoctorContext, entra: EntraSignIn, error: AppError): Promise<Outcome> {
  const { tenantId, clientId, cloud } = entra.configuration;
  if (error.code !== 'ERR_ENTRA_TENANT_UNKNOWN') return refusalOutcome(entra, error);
  if (isSame(tenantId, clientId)) {
    return because(failure(error, { remedy: SET_TENANT_ID }), '"tenantId" and "clientId" have the same value');
  }
  const { reply } = await openSignIn({ ...entra.configuration, tenantId: clientId }, context.send).metadata();
  if (tenantOfIssuer(cloud, reply.body['issuer']) === undefined) return refusalOutcome(entra, error);
  const remedy = `swap the values of "tenantId" (${placeOf(context, 'tenantId')}) and "clientId" (${placeOf(context, 'clientId')})`;
  return because(failure(error, { remedy }), 'the value of "clientId" is a tenant, so the two values are swapped');
}

const SET_TENANT_ID =
  'set "tenantId" to the "Directory (tenant) ID" that the app registration\'s Overview page in Entra shows';
const SET_CLIENT_ID =
  'set "clientId" to the "Application (client) ID" that the app registration\'s Overview page in Entra shows (not its object ID)';

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

const because = (outcome: Outcome, reason: string): Outcome => ({ ...outcome, detail: `${outcome.detail}; ${reason}` });

function placeOf({ resolution }: DoctorContext, key: 'tenantId' | 'clientId'): string {
  return resolution.settings[key].origin?.location ?? 'its default';
}

export const applicationCheck: Check<DoctorContext> = {
  id: 'entra-application',
  title: 'Application in Entra',
  needs: ['entra-tenant'],
  deadlineMs: 25_000,
  async run(context, signal) {
    const entra = context.entra();
    if (entra === undefined) return notNeededWithApiKey();
    const refused = await deviceCodeRefusal(context, entra, signal).catch(toAppError);
    if (refused === undefined) {
      return {
        state: 'ok',
        detail: 'the application is registered, and sign-in is allowed',
        facts: { deviceCode: true },
      };
    }
    // The browser needs neither device codes nor public client flows; the broker needs the latter, Microsoft says.
    const { signInMethod, browserSignInFallback } = entra.configuration;
    if (!isAboutDeviceCode(refused)) return applicationOutcome(entra, refused);
    const facts = { deviceCode: false };
    if (signInMethod === 'broker' && refused.code === 'ERR_ENTRA_PUBLIC_CLIENT_OFF') {
      return failure(refused, { state: 'warn', facts });
    }
    if (signInMethod !== 'device-code') {
      const detail = `the application is registered; Entra refuses device codes (${refused.detail}), which "signInMethod" ${signInMethod} doesn't need`;
      return { state: 'ok', detail, facts };
    }
    if (!browserSignInFallback) return entraOutcome(refused, entra);
    return {
      state: 'warn',
      detail: `Entra refuses device codes (${refused.detail}); users have to continue in the browser each time`,
      remedy: 'set "signInMethod" to "browser", which doesn\'t use a code',
      facts,
    };
  },
};

function applicationOutcome(entra: EntraSignIn, error: AppError): Outcome {
  if (error.code !== 'ERR_ENTRA_APP_UNKNOWN') return refusalOutcome(entra, error);
  const { tenantId, clientId } = entra.configuration;
  const remedy = `${SET_CLIENT_ID}; the application must be registered in this tenant, or consented for it`;
  const outcome = failure(error, { remedy });
  return isSame(tenantId, clientId) ? because(outcome, '"tenantId" and "clientId" have the same value') : outcome;
}

function isAboutDeviceCode({ code }: AppError): boolean {
  return [
    'ERR_DEVICE_CODE_BLOCKED',
    'ERR_POLICY_BLOCKED',
    'ERR_DEVICE_REQUIRED',
    'ERR_ENTRA_PUBLIC_CLIENT_OFF',
  ].includes(code);
}

/**
 * Requests a device code, which is shown to no one, and polls once, because some refusals come only then.
 * @throws AppError ERR_NETWORK_*
 */
async function deviceCodeRefusal(
  context: DoctorContext,
  entra: EntraSignIn,
  signal: AbortSignal,
): Promise<AppError | undefined> {
  const { clientId, scope } = entra.configuration;
  const post = (endpoint: 'devicecode' | 'token', fields: Readonly<Record<string, string>>): Promise<JsonReply> =>
    context.send()({
      method: 'POST',
      url: `${entra.authority}/oauth2/v2.0/${endpoint}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ client_id: clientId, ...fields }).toString(),
      signal,
    });
  const started = await post('devicecode', { scope: `${scope} openid profile offline_access` });
  if (started.status !== 200) return refusal(entra, started);
  const { device_code: deviceCode } = started.body;
  if (typeof deviceCode !== 'string') return strangeReply(entra, 'device code reply without a device code');
  const polled = await post('token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: deviceCode,
  });
  const { error } = polled.body;
  // RFC 8628 section 3.5: no one has entered the code, and no one will.
  return error === 'authorization_pending' || error === 'slow_down' ? undefined : refusal(entra, polled);
}

function refusal({ authority, configuration }: EntraSignIn, reply: JsonReply): AppError {
  return mapEntraError(reply, 'device_code', new URL(authority).host, Date.now(), configuration.scope);
}

/** Someone else answers, in JSON too. */
function strangeReply({ authority }: EntraSignIn, what: string): AppError {
  return new AppError('ERR_NETWORK_REPLY', { detail: `${new URL(authority).host} (${what})` });
}

/** The finding for one of Entra's replies, or for someone else's instead. */
function refusalOutcome(entra: EntraSignIn, error: AppError): Outcome {
  if (error.code !== 'ERR_NETWORK_REPLY') return entraOutcome(error, entra);
  return failure(error, { remedy: strangerRemedy(new URL(entra.authority).host) });
}

/** A refusal by Entra, with the remedy for the application's admin. */
export function entraOutcome(thrown: unknown, { configuration }: Pick<EntraSignIn, 'configuration'>): Outcome {
  const error = toAppError(thrown);
  if (error.code === 'ERR_THROTTLED') return failure(error, { state: 'warn' });
  return failure(error, { remedy: remedyFor(error, configuration) });
}
