// What D-Bus says if a call fails: errors of the bus, of its activation (D-Bus Specification, "Message Bus Starting
// Services"), and of `dbus-native`.
import { isCode } from '../../../core/errno.ts';
import { BrokerFailure, type BrokerFault } from '../broker.ts';

interface Meaning {
  readonly fault: BrokerFault;
  /** In words for an admin. */
  readonly detail: string;
}

const NOT_INSTALLED: Meaning = { fault: 'Missing', detail: 'no identity broker is installed on this computer' };
const NO_BUS: Meaning = { fault: 'Missing', detail: "this session's D-Bus session bus can't be reached" };
const NOT_STARTED: Meaning = { fault: 'Gone', detail: "the identity broker couldn't be started" };
const TOO_SLOW: Meaning = { fault: 'TimedOut', detail: "the identity broker didn't answer in time" };
const WITHOUT_METHOD: Meaning = { fault: 'Malformed', detail: "the identity broker doesn't have the method" };

const BUS_ERRORS: Readonly<Record<string, Meaning>> = {
  ServiceUnknown: NOT_INSTALLED,
  // `dbus-broker`, the bus of Red Hat, answers this for a broker that is installed but doesn't start.
  NameHasNoOwner: NOT_STARTED,
  'Spawn.ServiceNotFound': NOT_INSTALLED,
  AccessDenied: { fault: 'Missing', detail: "the session bus doesn't let this program call the identity broker" },
  // Session buses don't limit how long a call takes, so this means that the broker left the bus.
  NoReply: { fault: 'Gone', detail: 'the identity broker ended before it answered' },
  Disconnected: { fault: 'Gone', detail: 'the connection to the session bus ended' },
  TimedOut: TOO_SLOW,
  Timeout: TOO_SLOW,
  UnknownObject: WITHOUT_METHOD,
  UnknownInterface: WITHOUT_METHOD,
  UnknownMethod: WITHOUT_METHOD,
};

const BUS_ERROR = 'org.freedesktop.DBus.Error.';
const SYSTEMD_ERROR = 'org.freedesktop.systemd1.';
/** What systemd says of a unit that isn't there. */
const NO_UNIT = ['NoSuchUnit', 'LoadFailed', 'UnitMasked'];
/** D-Bus Specification, "Error names". */
const ERROR_NAME = /^[\w.]{1,255}$/;
const CONNECT_ERRORS = ['ENOENT', 'ECONNREFUSED', 'EACCES', 'EPERM', 'ENOTSOCK'];

/** Never repeats what the service says, which may name accounts, except in `context`. */
export function toBrokerFailure(thrown: unknown): BrokerFailure {
  const error = thrown instanceof Error ? thrown : new Error('not an error');
  const name = 'dbusName' in error ? String(error.dbusName) : '';
  const meaning = meaningOf(error, name);
  if (meaning !== undefined) return new BrokerFailure(meaning.fault, { detail: meaning.detail, cause: thrown });
  return new BrokerFailure('Unexpected', {
    context: error.message,
    detail: ERROR_NAME.test(name) ? name : undefined,
    cause: thrown,
  });
}

function meaningOf(error: Error, name: string): Meaning | undefined {
  if (isCode(error, 'ETIMEDOUT')) return TOO_SLOW;
  if (isCode(error.cause, ...CONNECT_ERRORS)) return NO_BUS;
  if (name.startsWith(SYSTEMD_ERROR)) {
    return NO_UNIT.includes(name.slice(SYSTEMD_ERROR.length)) ? NOT_INSTALLED : NOT_STARTED;
  }
  if (!name.startsWith(BUS_ERROR)) return undefined;
  const kind = name.slice(BUS_ERROR.length);
  return BUS_ERRORS[kind] ?? (kind.startsWith('Spawn.') ? NOT_STARTED : undefined);
}
