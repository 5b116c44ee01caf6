import { readFileBytes } from '../formats/text-file.ts';

/** A picture for the sign-in page. */
export interface Logo {
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp';
  readonly bytes: Buffer;
}

export type LogoReading =
  | { readonly state: 'logo'; readonly logo: Logo }
  /** Completes `<path> …`. */
  | { readonly state: 'unusable'; readonly reason: string };

const MAX_BYTES = 256 * 1024;

/** Reads `organizationLogo`. Its first bytes decide the type. SVG is refused because it can contain scripts. Never throws. */
export function readLogoFile(path: string): LogoReading {
  const file = readFileBytes(path, { followLinks: true });
  if (file.state === 'absent') return { state: 'unusable', reason: "doesn't exist" };
  if (file.state === 'unreadable') return { state: 'unusable', reason: file.reason };
  if (file.bytes.length > MAX_BYTES) return { state: 'unusable', reason: 'is larger than 256 KiB' };
  const type = imageType(file.bytes);
  if (type === undefined) return { state: 'unusable', reason: "isn't a PNG, JPEG, or WebP picture" };
  return { state: 'logo', logo: { type, bytes: file.bytes } };
}

/** https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern */
function imageType(bytes: Buffer): Logo['type'] | undefined {
  const text = bytes.toString('latin1', 0, 16);
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  return /^RIFF.{4}WEBPVP/s.test(text) ? 'image/webp' : undefined;
}
