import { parseObject } from '../core/json.ts';
import type { Secret } from '../core/secret.ts';

/** The claims of an access token that say nothing about the person. */
export interface TokenClaims {
  readonly audience: string | undefined;
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  /** Epoch seconds. */
  readonly expiresAt: number | undefined;
  readonly issuedAt: number | undefined;
}

/** RFC 7519, unverified, since that's up to the resource. `undefined` if it isn't a JSON Web Token. */
export function readClaims(token: Secret): TokenClaims | undefined {
  const [, payload, signature] = token.reveal().split('.');
  if (payload === undefined || signature === undefined) return undefined;
  const claims = parseObject(Buffer.from(payload, 'base64url').toString('utf8'));
  if (claims === undefined) return undefined;
  const text = (name: string) => shortText(claims[name]);
  const seconds = (name: string) => epochSeconds(claims[name]);
  return {
    audience: text('aud'),
    tenantId: text('tid'),
    // v1.0 and v2.0 tokens call it differently.
    clientId: text('appid') ?? text('azp'),
    expiresAt: seconds('exp'),
    issuedAt: seconds('iat'),
  };
}

/** Printable, since a terminal shows it. */
function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value) ? value : undefined;
}

function epochSeconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
