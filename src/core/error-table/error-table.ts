// Every failure that the product can report, with its words for each reader. docs/reference/errors.md is generated
// from it.
import { AGENT_ERRORS } from './agent.ts';
import { BROKER_ERRORS } from './broker.ts';
import { CONFIGURATION_ERRORS } from './configuration.ts';
import { KEYSTORE_ERRORS } from './keystore.ts';
import { NETWORK_ERRORS } from './network.ts';
import { POLICY_ERRORS } from './policy.ts';
import { RESOURCE_ERRORS } from './resource.ts';
import { SIGN_IN_ERRORS } from './sign-in.ts';
import type { ErrorSpec, PageFailure } from './spec.ts';
import { USAGE_ERRORS } from './usage.ts';

/** Codes are public: admins match on them. Add freely; never rename or reuse one. */
const ERRORS = {
  ...USAGE_ERRORS,
  ...CONFIGURATION_ERRORS,
  ...SIGN_IN_ERRORS,
  ...RESOURCE_ERRORS,
  ...AGENT_ERRORS,
  ...NETWORK_ERRORS,
  ...KEYSTORE_ERRORS,
  ...POLICY_ERRORS,
  ...BROKER_ERRORS,
} as const;

export type ErrorCode = keyof typeof ERRORS;

export const errorCatalog: Readonly<Record<ErrorCode, ErrorSpec>> = ERRORS;

/** What the failure is for the reader of the sign-in page: for an error that isn't expected there, something unexpected. */
export function pageFailureOf(code: ErrorCode): PageFailure {
  return errorCatalog[code].page ?? 'unexpected';
}
