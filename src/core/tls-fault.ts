// Why a TLS connection isn't trusted, and what helps. Errors, `doctor`, and docs/reference/errors.md show these texts.

interface TlsFaultSpec {
  /** About the server, in parentheses after its name: lowercase, no period. */
  readonly meaning: string;
  /** What the user or the admin can do about it. It replaces the hint of ERR_NETWORK_TLS. */
  readonly hint: string;
}

const INSTALL_ROOT =
  'if your network inspects TLS, install the root certificate of the named issuer on the computer, or name it in "caFile"; in a public network, sign in to it first';

const FIND_THE_SERVER =
  'another server answers under this name: in a public network, sign in to it first; otherwise check DNS, "proxy", and the configured host; trusting more certificates doesn\'t help';

const FAULTS = {
  'unknown-issuer': {
    meaning: "the issuer of its certificate isn't trusted",
    hint: INSTALL_ROOT,
  },
  'incomplete-chain': {
    meaning: "the issuer of its certificate isn't trusted",
    hint: `${INSTALL_ROOT}; if the named issuer is a public authority, the server must also send its intermediate certificate: tell the team that runs it`,
  },
  'self-signed': {
    meaning: "its certificate is self-signed, and this computer doesn't trust it",
    hint: 'in a public network, sign in to it first; if it\'s a server of your organization, name its certificate in "caFile"',
  },
  'wrong-name': {
    meaning: 'its certificate is for another host',
    hint: FIND_THE_SERVER,
  },
  'unknown-name': {
    meaning: 'it has no certificate for this host',
    hint: FIND_THE_SERVER,
  },
  expired: {
    meaning: "its certificate has expired, or the computer's clock is wrong",
    hint: "check the date and time of this computer; if they're right, the team that runs the server or the inspecting proxy must renew its certificate, or the certificate of an authority in its chain",
  },
  'not-yet-valid': {
    meaning: "its certificate isn't valid yet, or the computer's clock is wrong",
    hint: "check the date, time, and time zone of this computer; if they're right, the team that runs the server or the inspecting proxy must replace the certificate",
  },
  revoked: {
    meaning: 'its certificate was revoked',
    hint: "don't trust this connection; the team that runs the server or the inspecting proxy must replace the certificate",
  },
  'revocation-unknown': {
    meaning: "the revocation status of its certificate can't be checked",
    hint: 'the team that runs the certificate authority must publish a current revocation list, reachable from this computer',
  },
  weak: {
    meaning: "its certificate, or an authority's, is too weak",
    hint: 'the team that runs the server or the inspecting proxy must issue certificates with SHA-256 and RSA keys of at least 2,048 bits, or ECDSA',
  },
  'not-allowed': {
    meaning: "an authority in its chain isn't allowed to vouch for it, or the certificate isn't for servers",
    hint: 'the team that runs the server or the inspecting proxy must issue another certificate: one for server authentication, by an authority whose constraints (names, path length, purpose) include it',
  },
  damaged: {
    meaning: "its certificate is damaged, or its signature doesn't match its issuer",
    hint: 'if the issuer was set up again under its old name, replace its old certificate on this computer and in "caFile"; otherwise the team that runs the server or the inspecting proxy must replace the certificate',
  },
  'old-protocol': {
    meaning: 'no TLS version or cipher in common',
    hint: 'the team that runs the server or the inspecting proxy must turn on TLS 1.2 or later with current ciphers',
  },
  'not-tls': {
    meaning: "it doesn't speak TLS",
    hint: 'a server without TLS answers on this port: check the port and "proxy" (the address of a proxy without TLS begins with http://); in a public network, sign in to it first',
  },
  'client-certificate': {
    meaning: 'it wants a client certificate, and this program has none',
    hint: 'ask the team that runs the server or the inspecting proxy to exempt this host from client certificates',
  },
  refused: {
    meaning: 'it refused the TLS handshake',
    hint: "the server or the inspecting proxy has no TLS version or cipher in common with this program, which needs TLS 1.2 or later, or it wants a client certificate, which this program doesn't have: ask the team that runs it to check its log",
  },
  handshake: {
    meaning: 'the TLS handshake failed',
    hint: 'ask the network team to check that the firewall and the inspecting proxy let this host through; in a public network, sign in to it first',
  },
} as const satisfies Record<string, TlsFaultSpec>;

export type TlsFault = keyof typeof FAULTS;

export const tlsFaults: Readonly<Record<TlsFault, TlsFaultSpec>> = FAULTS;

/** Whether a value from outside names a fault that this version knows. */
export function isTlsFault(value: unknown): value is TlsFault {
  return typeof value === 'string' && Object.hasOwn(FAULTS, value);
}
