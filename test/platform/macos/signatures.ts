import { adHocSignatureProblems } from '../../../installers/macos/check.ts';
import { type CodeDirectory, parseCodeDirectory, parseSuperBlob } from '../../../installers/macos/code-signature.ts';
import { IDENTIFIER } from '../../../installers/macos/executable.ts';
import { parseMachO } from '../../../installers/macos/mach-o.ts';
import { signAdHoc } from '../../../installers/macos/sign.ts';

/** As the product is signed. */
export function sign(bytes: Buffer): Buffer {
  return signAdHoc(bytes, IDENTIFIER);
}

/** As the product's signature is checked. */
export function problems(bytes: Buffer): string[] {
  return adHocSignatureProblems(bytes, IDENTIFIER);
}

/** A copy with one bit changed. */
export function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

export function codeDirectory(bytes: Buffer): CodeDirectory {
  const { signature } = parseMachO(bytes);
  return parseCodeDirectory(parseSuperBlob(bytes.subarray(signature?.offset)).blobs[0]?.bytes ?? Buffer.alloc(0));
}
