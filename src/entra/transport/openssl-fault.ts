// The only place that knows OpenSSL's and Node's names for failed TLS connections.
import { errnoOf } from '../../core/errno.ts';
import type { TlsFault } from '../../core/tls-fault.ts';

/**
 * OpenSSL's verification errors: their names without `X509_V_ERR_`, and their texts (crypto/x509/x509_txt.c). Node has a
 * code for a third of them. The others come as `UNSPECIFIED` with the text as the message.
 */
export const VERIFICATION_FAULTS: Readonly<Partial<Record<TlsFault, Readonly<Record<string, string>>>>> = {
  'unknown-issuer': {
    UNABLE_TO_GET_ISSUER_CERT: 'unable to get issuer certificate',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unable to get local issuer certificate',
    SELF_SIGNED_CERT_IN_CHAIN: 'self-signed certificate in certificate chain',
    CERT_UNTRUSTED: 'certificate not trusted',
  },
  'incomplete-chain': { UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unable to verify the first certificate' },
  'self-signed': { DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed certificate' },
  'wrong-name': {
    HOSTNAME_MISMATCH: 'hostname mismatch',
    IP_ADDRESS_MISMATCH: 'IP address mismatch',
    EMAIL_MISMATCH: 'email address mismatch',
  },
  expired: { CERT_HAS_EXPIRED: 'certificate has expired' },
  'not-yet-valid': { CERT_NOT_YET_VALID: 'certificate is not yet valid' },
  revoked: { CERT_REVOKED: 'certificate revoked' },
  'revocation-unknown': {
    UNABLE_TO_GET_CRL: 'unable to get certificate CRL',
    UNABLE_TO_GET_CRL_ISSUER: 'unable to get CRL issuer certificate',
    UNABLE_TO_DECRYPT_CRL_SIGNATURE: "unable to decrypt CRL's signature",
    CRL_SIGNATURE_FAILURE: 'CRL signature failure',
    CRL_NOT_YET_VALID: 'CRL is not yet valid',
    CRL_HAS_EXPIRED: 'CRL has expired',
    CRL_PATH_VALIDATION_ERROR: 'CRL path validation error',
    ERROR_IN_CRL_LAST_UPDATE_FIELD: "format error in CRL's lastUpdate field",
    ERROR_IN_CRL_NEXT_UPDATE_FIELD: "format error in CRL's nextUpdate field",
    KEYUSAGE_NO_CRL_SIGN: 'key usage does not include CRL signing',
    UNHANDLED_CRITICAL_CRL_EXTENSION: 'unhandled critical CRL extension',
    DIFFERENT_CRL_SCOPE: 'different CRL scope',
    OCSP_VERIFY_NEEDED: 'OCSP verification needed',
    OCSP_VERIFY_FAILED: 'OCSP verification failed',
    OCSP_CERT_UNKNOWN: 'OCSP unknown cert',
    NO_VALID_SCTS: 'Certificate Transparency required, but no valid SCTs found',
  },
  weak: {
    EE_KEY_TOO_SMALL: 'EE certificate key too weak',
    CA_KEY_TOO_SMALL: 'CA certificate key too weak',
    CA_MD_TOO_WEAK: 'CA signature digest algorithm too weak',
    EC_KEY_EXPLICIT_PARAMS: 'Certificate public key has explicit ECC parameters',
    SUITE_B_INVALID_VERSION: 'Suite B: certificate version invalid',
    SUITE_B_INVALID_ALGORITHM: 'Suite B: invalid public key algorithm',
    SUITE_B_INVALID_CURVE: 'Suite B: invalid ECC curve',
    SUITE_B_INVALID_SIGNATURE_ALGORITHM: 'Suite B: invalid signature algorithm',
    SUITE_B_LOS_NOT_ALLOWED: 'Suite B: curve not allowed for this LOS',
    SUITE_B_CANNOT_SIGN_P_384_WITH_P_256: 'Suite B: cannot sign P-384 with P-256',
  },
  'not-allowed': {
    INVALID_PURPOSE: 'unsuitable certificate purpose',
    CERT_REJECTED: 'certificate rejected',
    CERT_CHAIN_TOO_LONG: 'certificate chain too long',
    PATH_LENGTH_EXCEEDED: 'path length constraint exceeded',
    PROXY_PATH_LENGTH_EXCEEDED: 'proxy path length constraint exceeded',
    PROXY_CERTIFICATES_NOT_ALLOWED: 'proxy certificates not allowed, please set the appropriate flag',
    PROXY_SUBJECT_NAME_VIOLATION: 'proxy subject name violation',
    INVALID_CA: 'invalid CA certificate',
    INVALID_NON_CA: 'invalid non-CA certificate (has CA markings)',
    KEYUSAGE_NO_CERTSIGN: 'key usage does not include certificate signing',
    KEYUSAGE_NO_DIGITAL_SIGNATURE: 'key usage does not include digital signature',
    PERMITTED_VIOLATION: 'permitted subtree violation',
    EXCLUDED_VIOLATION: 'excluded subtree violation',
    SUBTREE_MINMAX: 'name constraints minimum and maximum not supported',
    UNSUPPORTED_CONSTRAINT_TYPE: 'unsupported name constraint type',
    UNSUPPORTED_CONSTRAINT_SYNTAX: 'unsupported or invalid name constraint syntax',
    UNSUPPORTED_NAME_SYNTAX: 'unsupported or invalid name syntax',
    UNNESTED_RESOURCE: "RFC 3779 resource not subset of parent's resources",
    NO_EXPLICIT_POLICY: 'no explicit policy',
    PATH_LOOP: 'path loop',
    CA_CERT_MISSING_KEY_USAGE: 'CA cert does not include key usage extension',
    CA_BCONS_NOT_CRITICAL: 'Basic Constraints of CA cert not marked critical',
    PATHLEN_INVALID_FOR_NON_CA: 'Path length invalid for non-CA cert',
    PATHLEN_WITHOUT_KU_KEY_CERT_SIGN: 'Path length given without key usage keyCertSign',
    KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA: 'Key usage keyCertSign invalid for non-CA cert',
    UNHANDLED_CRITICAL_EXTENSION: 'unhandled critical extension',
    DANE_NO_MATCH: 'no matching DANE TLSA records',
  },
  damaged: {
    UNABLE_TO_DECRYPT_CERT_SIGNATURE: "unable to decrypt certificate's signature",
    UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: 'unable to decode issuer public key',
    CERT_SIGNATURE_FAILURE: 'certificate signature failure',
    NO_ISSUER_PUBLIC_KEY: "issuer certificate doesn't have a public key",
    ERROR_IN_CERT_NOT_BEFORE_FIELD: "format error in certificate's notBefore field",
    ERROR_IN_CERT_NOT_AFTER_FIELD: "format error in certificate's notAfter field",
    SUBJECT_ISSUER_MISMATCH: 'subject issuer mismatch',
    AKID_SKID_MISMATCH: 'authority and subject key identifier mismatch',
    AKID_ISSUER_SERIAL_MISMATCH: 'authority and issuer serial number mismatch',
    INVALID_EXTENSION: 'invalid or inconsistent certificate extension',
    INVALID_POLICY_EXTENSION: 'invalid or inconsistent certificate policy extension',
    UNSUPPORTED_EXTENSION_FEATURE: 'unsupported extension feature',
    UNSUPPORTED_SIGNATURE_ALGORITHM: 'Cannot find certificate signature algorithm',
    SIGNATURE_ALGORITHM_MISMATCH: 'subject signature algorithm and issuer public key algorithm mismatch',
    SIGNATURE_ALGORITHM_INCONSISTENCY: 'cert info signature and signature algorithm mismatch',
    ISSUER_NAME_EMPTY: 'Issuer name empty',
    SUBJECT_NAME_EMPTY: 'Subject name empty',
    MISSING_AUTHORITY_KEY_IDENTIFIER: 'Missing Authority Key Identifier',
    MISSING_SUBJECT_KEY_IDENTIFIER: 'Missing Subject Key Identifier',
    EMPTY_SUBJECT_ALT_NAME: 'Empty Subject Alternative Name extension',
    EMPTY_SUBJECT_SAN_NOT_CRITICAL: 'Subject empty and Subject Alt Name extension not critical',
    AUTHORITY_KEY_IDENTIFIER_CRITICAL: 'Authority Key Identifier marked critical',
    SUBJECT_KEY_IDENTIFIER_CRITICAL: 'Subject Key Identifier marked critical',
    EXTENSIONS_REQUIRE_VERSION_3: 'Using cert extension requires at least X509v3',
  },
  handshake: {
    UNSPECIFIED: 'unspecified certificate verification error',
    OUT_OF_MEM: 'out of memory',
    APPLICATION_VERIFICATION: 'application verification failure',
    INVALID_CALL: 'invalid certificate verification context',
    STORE_LOOKUP: 'issuer certificate lookup error',
  },
};

/** OpenSSL's reasons for a failed handshake, as Node writes them behind `ERR_SSL_`, or a code of Node's own. */
interface HandshakeFault {
  readonly fault: TlsFault;
  readonly pattern: RegExp;
  /** The usual ones, to search for. */
  readonly names: readonly string[];
}

/** The first match counts. */
export const HANDSHAKE_FAULTS: readonly HandshakeFault[] = [
  { fault: 'wrong-name', pattern: /^ERR_TLS_CERT_ALTNAME_/, names: ['ERR_TLS_CERT_ALTNAME_INVALID'] },
  { fault: 'unknown-name', pattern: /UNRECOGNIZED_NAME/, names: ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME'] },
  {
    fault: 'weak',
    pattern: /^ERR_SSL_(EE_KEY_TOO_SMALL|CA_KEY_TOO_SMALL|CA_MD_TOO_WEAK)/,
    names: ['ERR_SSL_EE_KEY_TOO_SMALL', 'ERR_SSL_CA_MD_TOO_WEAK'],
  },
  {
    fault: 'client-certificate',
    pattern: /CERTIFICATE_REQUIRED|ALERT_(BAD|NO|UNSUPPORTED)_CERTIFICATE|ALERT_CERTIFICATE_|ALERT_UNKNOWN_CA/,
    names: ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE'],
  },
  {
    fault: 'not-tls',
    pattern: /WRONG_VERSION_NUMBER|HTTPS?_(PROXY_)?REQUEST|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL|BAD_RECORD_TYPE/,
    names: ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'],
  },
  {
    fault: 'refused',
    pattern: /ALERT_(HANDSHAKE_FAILURE|ACCESS_DENIED)/,
    names: ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'ERR_SSL_TLSV1_ALERT_ACCESS_DENIED'],
  },
  {
    fault: 'old-protocol',
    pattern: /PROTOCOL|VERSION|CIPHER|INSUFFICIENT_SECURITY|KEY_TOO_SMALL|DH_PARAM_SIZE/,
    names: ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'ERR_SSL_DH_KEY_TOO_SMALL'],
  },
  {
    fault: 'old-protocol',
    pattern: /LEGACY_(SIGALG|RENEGOTIATION)|SIGNATURE_ALGORITHMS|WRONG_(SIGNATURE_TYPE|CURVE)/,
    names: ['ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED'],
  },
  { fault: 'handshake', pattern: /^/, names: ['EPROTO'] },
];

const TLS_CODE = /^ERR_(TLS|SSL|OSSL)_|^EPROTO$/;

const rows = Object.entries(VERIFICATION_FAULTS).flatMap(([fault, names]) =>
  Object.entries(names).map(([name, text]) => ({ name, text, fault: fault as TlsFault })),
);
const byName = new Map(rows.map(({ name, fault }) => [name, fault]));
const byText = new Map(rows.map(({ text, fault }) => [text, fault]));

export interface TlsFailure {
  readonly fault: TlsFault;
  /** OpenSSL's or Node's words for it, to search for. None of them comes from the network. */
  readonly name: string;
}

/** What kind of TLS failure an error of `node:tls` is; `undefined` for any other error. */
export function tlsFailureOf(thrown: unknown): TlsFailure | undefined {
  const code = errnoOf(thrown) ?? '';
  const { message = '', reason } = thrown instanceof Error ? (thrown as Error & { reason?: unknown }) : {};
  if (code === 'UNSPECIFIED') {
    const fault = byText.get(message);
    return fault === undefined ? { fault: 'handshake', name: code } : { fault, name: `${code}, ${message}` };
  }
  const verification = byName.get(code);
  if (verification !== undefined) return { fault: verification, name: code };
  // On some ways out of OpenSSL, Node gives only EPROTO as the code, and the reason as a property.
  const name = code === 'EPROTO' && typeof reason === 'string' ? `ERR_SSL_${codeOf(reason)}` : code;
  const handshake = TLS_CODE.test(name) ? HANDSHAKE_FAULTS.find(({ pattern }) => pattern.test(name)) : undefined;
  return handshake && { fault: handshake.fault, name };
}

function codeOf(reason: string): string {
  return reason
    .toUpperCase()
    .replace(/[^A-Z\d/]+/g, '_')
    .slice(0, 64);
}
