// The picture at the top of the README: both ways to sign in, next to each other.
import { exhibitNamed, type Picture, picturesOf } from './looks.ts';

export const overviewParts: readonly Picture[] = ['browser', 'waiting'].flatMap((name) =>
  picturesOf(exhibitNamed(name)).slice(0, 1),
);

/** The pictures have the page's background, and so does what is below the shorter one. */
export const overviewStyle = 'body { margin: 0; display: flex; width: max-content; align-items: stretch; }';

/** @param images the parts, as PNG */
export function overviewPage(images: readonly Buffer[], background: string): string {
  const parts = images.map((image) => `<div><img src="data:image/png;base64,${image.toString('base64')}"></div>`);
  return `<!doctype html><title>Sign-in page</title><style>${overviewStyle} body { background: ${background}; }</style>${parts.join('')}`;
}
