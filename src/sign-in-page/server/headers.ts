import { createHash } from 'node:crypto';
import { noticeStyle } from '../page/style.ts';

const contentSecurityPolicy = (styleSource: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styleSource}`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Sent with every response. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy("'self'"),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/**
 * For notice pages. A browser without a session can't load the stylesheet, so the hash allows their one inline style.
 */
export const noticePolicy: string = contentSecurityPolicy(
  `'sha256-${createHash('sha256').update(noticeStyle).digest('base64')}'`,
);
