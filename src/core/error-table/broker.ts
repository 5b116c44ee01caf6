import type { ErrorSpec } from './spec.ts';

export const BROKER_ERRORS = {
  ERR_BROKER_MISSING: {
    category: 'configuration',
    message: "this computer's broker, which should sign you in, can't be used",
    hint: 'on Linux, install microsoft-identity-broker or Himmelblau; on Windows, install a package of this program that includes the broker; otherwise an admin sets "signInMethod" to "browser" or "device-code"',
    page: 'setup',
  },
  ERR_BROKER_NOT_ENROLLED: {
    category: 'policy',
    message: "this computer isn't registered with your organization",
    hint: 'register it: on Windows in Settings > Accounts > Access work or school, on Linux in the Microsoft Intune app or with Himmelblau; then try again',
    page: 'setup',
  },
  ERR_BROKER_REDIRECT: {
    category: 'configuration',
    message: "the app registration doesn't have the redirect URI of this computer's broker",
    hint: 'an admin runs deploy/azure/setup.sh again with --sign-in-method broker, or adds the redirect URI that "foundry-credential-helper doctor" names to the app registration',
    page: 'setup',
  },
  ERR_BROKER: {
    category: 'network',
    message: "this computer's broker couldn't sign you in",
    hint: 'try again; if it happens again, restart the computer; if that doesn\'t help, give the status and the tag to support, or an admin sets "signInMethod" to "browser"',
    retryable: true,
    page: 'unexpected',
  },
} as const satisfies Record<string, ErrorSpec>;
