// Which scopes tokens may be handed out for. A resource's name alone means its scope `<resource>/.default`: every
// permission of it that was granted (https://learn.microsoft.com/entra/identity-platform/scopes-oidc).
import { AppError } from '../core/errors.ts';

const RESOURCE = '(?:(?:https|api):\\/\\/[a-z0-9._:-]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})';
const RESOURCE_ONLY = new RegExp(`^${RESOURCE}$`, 'i');

/**
 * A resource, or a scope of it: an absolute https:// or api:// address, or the GUID of an application. The characters
 * of a scope are those of RFC 6749 section 3.3.
 */
export const RESOURCE_OR_SCOPE = new RegExp(
  `^${RESOURCE}(?:\\/[\\x21\\x23-\\x3e\\x40-\\x5b\\x5d-\\x7e]*[\\x21\\x23-\\x2e\\x30-\\x3e\\x40-\\x5b\\x5d-\\x7e])?$`,
  'i',
);

/** The scope that a resource or scope means. */
export function toScope(resource: string): string {
  return RESOURCE_ONLY.test(resource) ? `${resource}/.default` : resource;
}

/** The settings that decide what tokens are for. */
export interface Resources {
  readonly scope: string;
  readonly allowedResources?: readonly string[] | undefined;
}

/**
 * The configured scope that a client's words mean, as the configuration spells it. Without `resource`, it's `scope`.
 * @throws AppError ERR_RESOURCE_NOT_ALLOWED
 */
export function allowedScope(resource: string | undefined, { scope, allowedResources = [] }: Resources): string {
  if (resource === undefined) return scope;
  const wanted = toScope(resource).toLowerCase();
  const found = [scope, ...allowedResources].find((allowed) => allowed.toLowerCase() === wanted);
  if (found === undefined) throw new AppError('ERR_RESOURCE_NOT_ALLOWED', { detail: resource });
  return found;
}
