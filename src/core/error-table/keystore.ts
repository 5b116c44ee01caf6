import type { ErrorSpec } from './spec.ts';

export const KEYSTORE_ERRORS = {
  ERR_KEYSTORE_LOCKED: {
    category: 'keystore',
    message: 'the keystore is locked or refused access',
    hint: 'unlock it (sign out of the computer and in again, or open your keyring or password manager) and allow access if it asks, then try again',
    retryable: true,
  },
  ERR_KEYSTORE_WAITING: {
    category: 'keystore',
    message: 'the keystore is waiting for your permission',
    hint: 'answer the dialog of your keyring or password manager: allow access, or unlock it; then try again',
    retryable: true,
  },
  ERR_KEYSTORE_MISSING: {
    category: 'keystore',
    message: "the keystore doesn't show the entry that this program stored in it",
    hint: 'unlock your keyring or password manager, then try again; if the entry was deleted there, start a session in Claude Desktop, or run "foundry-credential-helper login"',
    retryable: true,
  },
  ERR_KEYSTORE_UNAVAILABLE: {
    category: 'keystore',
    message: 'no keystore is available',
    hint: 'on Linux, install and start a Secret Service (GNOME Keyring or KWallet) in the desktop session; on macOS and Windows, the message says why',
  },
  ERR_KEYSTORE_RECORD: {
    category: 'keystore',
    message: "what this program stored in the keystore can't be read",
    hint: 'nothing was deleted; to start afresh, run "foundry-credential-helper logout", then "foundry-credential-helper login" (for an API key, "foundry-credential-helper login --api-key")',
  },
  ERR_KEYSTORE_DAMAGED: {
    category: 'keystore',
    message: 'the stored sign-in is damaged',
    hint: 'start a session in Claude Desktop, or run "foundry-credential-helper login": the new sign-in replaces it',
  },
} as const satisfies Record<string, ErrorSpec>;
