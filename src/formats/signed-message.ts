// Signed profiles: a CMS message (RFC 5652) around the profile, as DER, BER, or PEM. Loaded only if such a file is given.
import { type BaseBlock, Constructed, fromBER, ObjectIdentifier, OctetString, Sequence } from 'asn1js';
import { UnparsableFile } from './unparsable-file.ts';

const SIGNED_DATA = '1.2.840.113549.1.7.2';
/** EnvelopedData, EncryptedData, AuthEnvelopedData. */
const ENCRYPTED: readonly string[] = ['1.2.840.113549.1.7.3', '1.2.840.113549.1.7.6', '1.2.840.113549.1.9.16.1.23'];

/**
 * What the message signs. The signature isn't checked.
 * @throws UnparsableFile if it is encrypted, holds a signature alone, or is damaged
 */
export function signedContent(bytes: Buffer): Buffer {
  const message = childrenOf(parse(fromPem(bytes) ?? bytes));
  const type = message[0] instanceof ObjectIdentifier ? message[0].getValue() : '';
  if (ENCRYPTED.includes(type)) throw new UnparsableFile('is encrypted: check the profile before you encrypt it');
  if (type !== SIGNED_DATA) throw new UnparsableFile('is a CMS message, but not a signed one');
  const [, , encapsulated] = childrenOf(childrenOf(message[1])[0]);
  const [, wrapper] = childrenOf(encapsulated);
  if (wrapper === undefined) throw new UnparsableFile('is a signature without the profile it signs');
  const [content] = childrenOf(wrapper);
  if (!(content instanceof OctetString)) throw damaged();
  return Buffer.from(content.getValue());
}

function fromPem(bytes: Buffer): Buffer | undefined {
  const [, , body] = /-----BEGIN (PKCS7|CMS)-----([\s\S]*?)-----END \1-----/.exec(bytes.toString('latin1')) ?? [];
  return body === undefined ? undefined : Buffer.from(body, 'base64');
}

function parse(bytes: Buffer): BaseBlock {
  let offset: number;
  let result: BaseBlock;
  try {
    // The library keeps views of the buffer that it's given.
    ({ offset, result } = fromBER(new Uint8Array(bytes)));
  } catch (cause) {
    throw damaged(cause);
  }
  if (offset === -1) throw damaged();
  return result;
}

/** The elements inside a SEQUENCE or an explicit tag; none if it is neither. */
function childrenOf(block: BaseBlock | undefined): readonly BaseBlock[] {
  return block instanceof Sequence || block instanceof Constructed ? block.valueBlock.value : [];
}

const damaged = (cause?: unknown): UnparsableFile => new UnparsableFile('is a damaged signed profile', { cause });
