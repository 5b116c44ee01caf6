import { readFileSync } from 'node:fs';
import { checkServerIdentity } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { type TlsFault, tlsFaults } from '../../../../src/core/tls-fault.ts';
import { HANDSHAKE_FAULTS, tlsFailureOf, VERIFICATION_FAULTS } from '../../../../src/entra/transport/openssl-fault.ts';
import { endedAtProxy, mapTransportError } from '../../../../src/entra/transport/transport-error.ts';

const failure = (code: string, message = 'text', extra: object = {}) =>
  Object.assign(new Error(message), { code, ...extra });

/** Every code that Node makes of a verification error (src/crypto/crypto_common.cc), apart from UNSPECIFIED. */
const NODE_NAMES = [
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECRYPT_CRL_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'CERT_SIGNATURE_FAILURE',
  'CRL_SIGNATURE_FAILURE',
  'CERT_NOT_YET_VALID',
  'CERT_HAS_EXPIRED',
  'CRL_NOT_YET_VALID',
  'CRL_HAS_EXPIRED',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CRL_LAST_UPDATE_FIELD',
  'ERROR_IN_CRL_NEXT_UPDATE_FIELD',
  'OUT_OF_MEM',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'INVALID_CA',
  'PATH_LENGTH_EXCEEDED',
  'INVALID_PURPOSE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'HOSTNAME_MISMATCH',
];

const verification = Object.entries(VERIFICATION_FAULTS).flatMap(([fault, names]) =>
  Object.entries(names).map(([name, text]) => [name, text, fault as TlsFault] as const),
);

describe('a verification error of OpenSSL', () => {
  it.each(verification)('%s ("%s") is a TLS fault: %s', (name, text, fault) => {
    for (const cause of [failure(name, text), failure('UNSPECIFIED', text)]) {
      const error = mapTransportError(cause, { host: 'host.example', proxy: 'proxy.example:3128' });
      expect(error).toMatchObject({ code: 'ERR_NETWORK_TLS', tlsFault: fault, hint: tlsFaults[fault].hint });
      expect(error.detail).toContain(cause.code);
      expect(endedAtProxy(error)).toBe(false);
    }
    expect(tlsFailureOf(failure('UNSPECIFIED', text))?.name).toBe(`UNSPECIFIED, ${text}`);
  });

  it('has no text twice, and is in the table for each of the names in Node', () => {
    expect(new Set(verification.map(([, text]) => text)).size).toBe(verification.length);
    expect(NODE_NAMES.filter((name) => !verification.some(([known]) => known === name))).toEqual([]);
  });

  it('is called what the OpenSSL of this Node calls it', () => {
    const program = readFileSync(process.execPath);
    // The linker keeps them together. To search everything for each would take minutes on a busy computer.
    const place = program.indexOf('permitted subtree violation');
    const texts = program.toString('latin1', place - 100_000, place + 100_000);
    expect(verification.map(([, text]) => text).filter((text) => !texts.includes(text))).toEqual([]);
  });

  it("is a TLS fault even if a later OpenSSL adds it, and its text isn't shown", () => {
    const error = mapTransportError(failure('UNSPECIFIED', 'evil text'), { host: 'host.example' });
    expect(error).toMatchObject({ code: 'ERR_NETWORK_TLS', tlsFault: 'handshake' });
    expect(error.message).not.toContain('evil');
  });
});

describe('a failed handshake', () => {
  it.each<[string, TlsFault]>([
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'wrong-name'],
    ['ERR_TLS_CERT_ALTNAME_FORMAT', 'wrong-name'],
    ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'unknown-name'],
    ['ERR_SSL_EE_KEY_TOO_SMALL', 'weak'],
    ['ERR_SSL_CA_KEY_TOO_SMALL', 'weak'],
    ['ERR_SSL_CA_MD_TOO_WEAK', 'weak'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client-certificate'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'client-certificate'],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'client-certificate'],
    ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', 'client-certificate'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'client-certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'not-tls'],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'not-tls'],
    ['ERR_SSL_HTTP_REQUEST', 'not-tls'],
    ['ERR_SSL_HTTPS_PROXY_REQUEST', 'not-tls'],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'old-protocol'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'old-protocol'],
    ['ERR_SSL_NO_PROTOCOLS_AVAILABLE', 'old-protocol'],
    ['ERR_SSL_NO_SHARED_CIPHER', 'old-protocol'],
    ['ERR_SSL_WRONG_CIPHER_RETURNED', 'old-protocol'],
    ['ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY', 'old-protocol'],
    ['ERR_SSL_DH_KEY_TOO_SMALL', 'old-protocol'],
    ['ERR_TLS_DH_PARAM_SIZE', 'old-protocol'],
    ['ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED', 'old-protocol'],
    ['ERR_SSL_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED', 'old-protocol'],
    ['ERR_SSL_WRONG_SIGNATURE_TYPE', 'old-protocol'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'refused'],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'refused'],
    ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', 'refused'],
    ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'handshake'],
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'handshake'],
    ['ERR_TLS_HANDSHAKE_TIMEOUT', 'handshake'],
    ['ERR_OSSL_EVP_UNSUPPORTED', 'handshake'],
    ['ERR_SSL_SOMETHING_NEW', 'handshake'],
    ['EPROTO', 'handshake'],
  ])('%s is %s', (code, fault) => {
    expect(tlsFailureOf(failure(code))).toEqual({ fault, name: code });
  });

  it.each(HANDSHAKE_FAULTS.flatMap(({ fault, names }) => names.map((name) => [name, fault] as const)))(
    '%s, as the documentation says, is %s',
    (name, fault) => {
      expect(tlsFailureOf(failure(name))?.fault).toBe(fault);
    },
  );

  it('is known by its reason if Node calls it EPROTO', () => {
    const thrown = failure('EPROTO', 'write EPROTO ...', { library: 'SSL routines', reason: 'wrong version number' });
    expect(tlsFailureOf(thrown)).toEqual({ fault: 'not-tls', name: 'ERR_SSL_WRONG_VERSION_NUMBER' });
  });

  it('is a wrong name by the check that Node makes', () => {
    const thrown = checkServerIdentity('a.example', { subject: { CN: 'b.example' } } as never);
    expect(tlsFailureOf(thrown)?.fault).toBe('wrong-name');
  });

  it.each(['ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'HPE_INVALID_CONSTANT', 'ERR_PROXY_TUNNEL', 'ERR_INVALID_URL'])(
    'differs from %s',
    (code) => {
      expect(tlsFailureOf(failure(code))).toBeUndefined();
    },
  );
});

describe('the remedy', () => {
  it("never tells anyone to trust more if that doesn't help", () => {
    const trusting = Object.entries(tlsFaults).filter(([, { hint }]) => /install|root certificate|"caFile"/.test(hint));
    expect(trusting.map(([fault]) => fault)).toEqual(['unknown-issuer', 'incomplete-chain', 'self-signed', 'damaged']);
  });
});
