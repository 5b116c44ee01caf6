import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { renderNoticePage, renderReturnPage } from '../../../../src/sign-in-page/page/page.ts';
import { palette, style } from '../../../../src/sign-in-page/page/style.ts';
import { noticePolicy } from '../../../../src/sign-in-page/server/headers.ts';

/** WCAG 2.2, contrast ratio of two sRGB colors. */
function contrast(first: string, second: string): number {
  const [light, dark] = [luminance(first), luminance(second)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe.each(Object.entries(palette))('%s colors', (_, colors) => {
  it.each([
    ['text', 'card'],
    ['text', 'inset'],
    ['text', 'attention-tint'],
    ['muted', 'card'],
    ['muted', 'inset'],
    ['muted', 'page'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-strong'],
    ['accent', 'tint'],
    ['good', 'good-tint'],
    ['good', 'inset'],
    ['accent', 'inset'],
    ['attention', 'inset'],
    ['attention', 'card'],
    ['attention', 'attention-tint'],
  ] as const)('%s can be read on %s', (front, back) => {
    expect(contrast(colors[front], colors[back])).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ['control', 'card'],
    ['control', 'inset'],
    ['accent', 'card'],
    ['accent', 'inset'],
  ] as const)('%s as a border or focus ring is seen on %s', (front, back) => {
    expect(contrast(colors[front], colors[back])).toBeGreaterThanOrEqual(3);
  });
});

it.each([
  ['notice', renderNoticePage('notHere', 'en')],
  ['return', renderReturnPage('/p/x', 'en')],
])('allows the inline style of the %s page by its very hash', (_, page) => {
  const inline = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? '';
  expect(inline).toContain('body {');
  expect(noticePolicy).toContain(`style-src 'sha256-${createHash('sha256').update(inline).digest('base64')}';`);
});

it('knows only the directions of a text, not left and right', () => {
  expect(style).not.toMatch(
    /[\s;{-](?:left|right)\s*:|(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)/,
  );
});
