import { AppError, toAppError } from '../../core/errors.ts';
import { mapEntraError } from '../../entra/replies/map-error.ts';
import type { JsonReply } from '../../entra/transport/https-client.ts';
import { type Check, notNeededWithApiKey, type Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { EntraSignIn } from '../entra-sign-in.ts';
import { failure } from '../failure.ts';

const GUID_IN_ISSUER = /\/([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\//i;

export const tenantCheck: Check<DoctorContext> = {
  id: 'entra-tenant',
  title: 'Entra tenant',
  needs: ['tls'],
  async run(context) {
    const entra = context.entra();
    if (entra === undefined) return notNeededWithApiKey();
    const { reply } = await entra.metadata();
    if (reply.status !== 200) return entraOutcome(refusal(entra, reply));
    const directoryId = directoryIdOf(reply);
    if (directoryId === undefined) {
      const { host } = new URL(entra.authority);
      throw new AppError('ERR_NETWORK_REPLY', { detail: `${host} (metadata without a usable issuer)` });
    }
    return { state: 'ok', detail: `Entra knows it as ${directoryId}`, facts: { directoryId } };
  },
};

/** The tenant's GUID, even if the configuration names a domain. */
export function directoryIdOf({ body }: JsonReply): string | undefined {
  const { issuer } = body;
  return typeof issuer === 'string' ? GUID_IN_ISSUER.exec(issuer)?.[1]?.toLowerCase() : undefined;
}

export const applicationCheck: Check<DoctorContext> = {
  id: 'entra-application',
  title: 'Application in Entra',
  needs: ['entra-tenant'],
  deadlineMs: 25_000,
  async run(context, signal) {
    const entra = context.entra();
    if (entra === undefined) return notNeededWithApiKey();
    const refused = await deviceCodeRefusal(context, entra, signal);
    if (refused === undefined) {
      return { state: 'ok', detail: 'Entra knows it and offers it a sign-in', facts: { deviceCode: true } };
    }
    // The browser's way needs neither device codes nor public client flows.
    const { signInMethod, browserSignInFallback } = entra.configuration;
    if (!isAboutDeviceCode(refused)) return entraOutcome(refused);
    const facts = { deviceCode: false };
    if (signInMethod === 'browser') {
      const detail = `Entra knows it; device codes are refused (${refused.detail}), which "signInMethod" browser does not need`;
      return { state: 'ok', detail, facts };
    }
    if (!browserSignInFallback) return entraOutcome(refused);
    return {
      state: 'warn',
      detail: `device codes are refused (${refused.detail}); users have to click through to the browser each time`,
      remedy: 'set "signInMethod" to "browser", which needs no code',
      facts,
    };
  },
};

function isAboutDeviceCode({ code }: AppError): boolean {
  return ['ERR_DEVICE_CODE_BLOCKED', 'ERR_POLICY_BLOCKED', 'ERR_ENTRA_PUBLIC_CLIENT_OFF'].includes(code);
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
  if (typeof deviceCode !== 'string') return undefined;
  const polled = await post('token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: deviceCode,
  });
  const { error } = polled.body;
  // RFC 8628 section 3.5: nobody has entered the code, and nobody will.
  return error === 'authorization_pending' || error === 'slow_down' ? undefined : refusal(entra, polled);
}

function refusal({ authority, configuration }: EntraSignIn, reply: JsonReply): AppError {
  return mapEntraError(reply, 'device_code', new URL(authority).host, Date.now(), configuration.scope);
}

/** A refusal by Entra, with the remedy for the application's admin. */
export function entraOutcome(thrown: unknown): Outcome {
  const error = toAppError(thrown);
  switch (error.code) {
    case 'ERR_THROTTLED':
      return failure(error, { state: 'warn' });
    case 'ERR_POLICY_BLOCKED':
      return failure(error, {
        remedy:
          'the admin finds the Conditional Access policy in the Entra sign-in log by the correlation id; where it blocks device codes, set "signInMethod" to "browser", or "browserSignInFallback" to true, or exempt this application',
      });
    default:
      return failure(error);
  }
}
