// A statement under a signature, as cosign and other readers of in-toto attestations take it: a DSSE envelope.
import { createPublicKey, hash, type KeyObject, sign } from 'node:crypto';

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
/** Of ECDSA, by curve, as the readers expect it. Ed25519 has its own. */
const DIGESTS: Readonly<Record<string, string>> = { prime256v1: 'sha256', secp384r1: 'sha384' };

/**
 * One line of JSON (https://github.com/secure-systems-lab/dsse/blob/master/envelope.md). The key's id is the SHA-256 of
 * its public half in DER (SubjectPublicKeyInfo), in hexadecimal.
 * @param statement the bytes to sign, which readers get back unchanged
 * @throws Error if the key is neither Ed25519 nor on the curves P-256 and P-384
 */
export function signedStatement(statement: Buffer, key: KeyObject): string {
  const signature = sign(digestFor(key), signedBytes(statement), key);
  const keyid = hash('sha256', createPublicKey(key).export({ type: 'spki', format: 'der' }));
  const signatures = [{ keyid, sig: signature.toString('base64') }];
  return `${JSON.stringify({ payloadType: PAYLOAD_TYPE, payload: statement.toString('base64'), signatures })}\n`;
}

function digestFor({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'ed25519') return undefined;
  const digest = DIGESTS[asymmetricKeyDetails?.namedCurve ?? ''];
  if (digest === undefined) throw new Error('the key must be Ed25519, or ECDSA on P-256 or P-384');
  return digest;
}

/** DSSE's pre-authentication encoding: what the signature covers. */
function signedBytes(statement: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${statement.length} `), statement]);
}
