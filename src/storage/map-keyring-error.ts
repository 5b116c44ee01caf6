// The one place that reads @napi-rs/keyring's error texts (2.1.2): it has no codes. Those of the Secret Service were
// observed with gnome-keyring and libdbus, those of the Keychain are Apple's SecErrorMessages.
import { AppError, type ErrorCode } from '../core/errors.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  /** Replaces the library's text with a better one. */
  readonly detail?: string;
}

const rules: readonly Rule[] = [
  // The same text for a request to unlock and for KeePassXC's request for access.
  {
    pattern: /prompt was dismissed/,
    code: 'ERR_KEYSTORE_LOCKED',
    detail: "its dialog was dismissed or couldn't be shown",
  },
  { pattern: /Secret\.Error\.IsLocked|is locked/i, code: 'ERR_KEYSTORE_LOCKED' },
  { pattern: /Did not receive a reply|NoReply/, code: 'ERR_KEYSTORE_WAITING', detail: "it hasn't answered yet" },
  {
    pattern: /Secret Service: no result found/,
    code: 'ERR_KEYSTORE_UNAVAILABLE',
    detail: 'it has no default keyring yet; create one in the keyring program',
  },
  {
    pattern: /not provided by any \.service files|ServiceUnknown/,
    code: 'ERR_KEYSTORE_UNAVAILABLE',
    detail: 'no Secret Service is running',
  },
  {
    pattern: /DBUS_SESSION_BUS_ADDRESS|Failed to connect to socket|Connection was disconnected/,
    code: 'ERR_KEYSTORE_UNAVAILABLE',
    detail: "there's no D-Bus session bus",
  },
  { pattern: /default keychain could not be found/i, code: 'ERR_KEYSTORE_UNAVAILABLE' },
  {
    pattern: /^Entry is matched by \d+ credentials/,
    code: 'ERR_KEYSTORE_RECORD',
    detail: "there's a second entry with the same name, from another program; remove it in the keyring program",
  },
];

/**
 * Tells a locked keystore, one that waits for an answer, a missing one, and an unusable entry apart. The rest is
 * "unavailable".
 */
export function mapKeyringError(cause: unknown, kind: 'keychain' | 'secret-service'): AppError {
  if (cause instanceof AppError) return cause;
  const text = cause instanceof Error ? cause.message : '';
  const rule = rules.find(({ pattern }) => pattern.test(text));
  if (rule !== undefined) return new AppError(rule.code, { detail: rule.detail ?? text, cause });
  // Apple's texts may be translated. The library says "Couldn't access platform storage" if there's no keychain.
  // Anything else is refused access: locked, wrong password, canceled, interaction not allowed.
  const isRefusal = kind === 'keychain' && text.startsWith('Platform failure');
  return new AppError(isRefusal ? 'ERR_KEYSTORE_LOCKED' : 'ERR_KEYSTORE_UNAVAILABLE', { detail: text, cause });
}
