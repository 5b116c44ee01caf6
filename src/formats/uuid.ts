import { createHash } from 'node:crypto';

/** This product's own namespace for name-based UUIDs. */
const NAMESPACE = 'b06f1d5a-2d3c-4c6e-9f0b-6a1f0c7e5d42';

/** RFC 9562 version 5: the same name has the same UUID, so the same answers make the same profile. */
export function uuidV5(name: string, namespace: string = NAMESPACE): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex').slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5').toUpperCase();
}
