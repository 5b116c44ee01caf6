// Which pictures there are: each shows one exhibit of the gallery in one look.
import type { BrowserContextOptions } from 'playwright-core';
import { LANGUAGES, type Language } from '../../src/sign-in-page/languages/languages.ts';
import { type Exhibit, gallery } from '../../test/integration/sign-in-page/gallery.ts';

export interface Look {
  readonly language: Language;
  readonly theme: 'light' | 'dark';
  readonly width: number;
  readonly height: number;
  /** `window`: the picture ends where the window does. */
  readonly special?: 'forced-colors' | 'print' | 'window';
}

export interface Picture {
  /** Below docs/images. */
  readonly file: string;
  readonly exhibit: Exhibit;
  readonly look: Look;
}

/** A window in which the page is as wide and high as it gets; the picture leaves out the empty space around it. */
export const plain: Look = { language: 'en', theme: 'light', width: 560, height: 900 };

/** Shown in light and dark; every other exhibit only in light. */
const MAIN = ['browser', 'waiting', 'code-copied', 'signed-in', 'other-account', 'no-network', 'blocked'];

const pictureOf = (exhibit: Exhibit, look: Look, suffix = ''): Picture => ({
  file: `sign-in/${exhibit.name}${suffix}.png`,
  exhibit,
  look,
});

export function exhibitNamed(name: string): Exhibit {
  const exhibit = gallery.find((one) => one.name === name);
  if (exhibit === undefined) throw new Error(`the gallery has no "${name}"`);
  return exhibit;
}

/** Light first, then dark where there is one. */
export function picturesOf(exhibit: Exhibit): readonly Picture[] {
  const light = pictureOf(exhibit, plain);
  return MAIN.includes(exhibit.name) ? [light, pictureOf(exhibit, { ...plain, theme: 'dark' }, '-dark')] : [light];
}

/** Both ways to sign in, in a language. */
export function picturesIn(language: Language): readonly Picture[] {
  return ['browser', 'waiting'].map((name) => pictureOf(exhibitNamed(name), { ...plain, language }, `-${language}`));
}

export const otherLanguages = LANGUAGES.filter((language) => language !== 'en');

const waiting = exhibitNamed('waiting');

/** Looks of the same page, each with its caption. */
export const otherLooks: readonly (readonly [string, Picture])[] = [
  ['A window of 320 pixels, as at 400% zoom', pictureOf(waiting, { ...plain, width: 320 }, '-narrow')],
  [
    'A window of 640 by 400 pixels, as at 200% zoom: the main action is visible without scrolling',
    pictureOf(waiting, { ...plain, width: 640, height: 400, special: 'window' }, '-zoomed'),
  ],
  [
    'Colors that the user chose in the system (forced colors)',
    pictureOf(waiting, { ...plain, special: 'forced-colors' }, '-forced-colors'),
  ],
  ['Printed from a dark page', pictureOf(waiting, { ...plain, theme: 'dark', special: 'print' }, '-print')],
];

/** All pictures of the page in the docs. */
export const docsPictures: readonly Picture[] = [
  ...gallery.flatMap(picturesOf),
  ...otherLanguages.flatMap(picturesIn),
  ...otherLooks.map(([, picture]) => picture),
];

/** For a browser whose system asks for less motion, so nothing moves. */
export function contextOptions({ language, theme, width, height, special }: Look): BrowserContextOptions {
  return {
    locale: language,
    colorScheme: theme,
    viewport: { width, height },
    reducedMotion: 'reduce',
    forcedColors: special === 'forced-colors' ? 'active' : 'none',
  };
}
