// What can go wrong with a token for a resource other than Foundry. None of it ends the sign-in.
import type { ErrorSpec } from './spec.ts';

export const RESOURCE_ERRORS = {
  ERR_RESOURCE_NOT_ALLOWED: {
    category: 'configuration',
    message: "this program isn't allowed to hand out tokens for this resource",
    hint: 'an admin adds the resource to "allowedResources"; "foundry-credential-helper config show" lists the ones that are allowed',
  },
  ERR_RESOURCE_UNKNOWN: {
    category: 'configuration',
    message: "Entra doesn't know this resource, or this permission of it, in your tenant",
    hint: 'check its entry in "allowedResources": it must be the application ID URI of the resource, then a slash, then .default or the name of a permission; if it\'s right, an admin adds the application to the tenant: az ad sp create --id APPLICATION-ID',
  },
  ERR_RESOURCE_CONSENT_REQUIRED: {
    category: 'policy',
    message: "an admin hasn't approved this program for this resource yet",
    hint: 'in Entra, an admin opens App registrations > API permissions of the application that "clientId" names, adds the delegated permission of the resource, and grants admin consent; on the command line: az ad app permission add, then az ad app permission admin-consent --id CLIENT-ID; the sign-in for Foundry isn\'t affected',
  },
  ERR_RESOURCE_STEP_REQUIRED: {
    category: 'sign-in',
    message: 'Entra asks for another sign-in step for this resource',
    hint: 'run "foundry-credential-helper login --resource RESOURCE"; until then, the sign-in for Foundry keeps working',
  },
} as const satisfies Record<string, ErrorSpec>;
