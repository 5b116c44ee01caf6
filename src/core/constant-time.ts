import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares in constant time. Both are hashed first, because timingSafeEqual requires equal lengths. */
export function sameSecret(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
