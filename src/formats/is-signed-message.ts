/** Whether a file looks like a CMS message, in which profiles are signed or encrypted. */
export function isSignedMessage(bytes: Buffer): boolean {
  // A SEQUENCE longer than 127 bytes, or of indefinite length.
  if (bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80) return true;
  return /^\s*-----BEGIN (?:PKCS7|CMS)-----/.test(bytes.subarray(0, 1000).toString('latin1'));
}
