// To review everything: all pages in some languages and both themes, as pictures and as one sheet of each kind.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { Language } from '../../src/sign-in-page/languages/languages.ts';
import { gallery } from '../../test/integration/sign-in-page/gallery.ts';
import { drawDocument, drawPicture } from './draw.ts';
import { inParallel } from './in-parallel.ts';
import { type Look, type Picture, plain } from './looks.ts';

const style = `body { margin: 0; padding: 16px; width: 2400px; background: #777; font: 14px/1.4 system-ui, sans-serif; color: #fff; columns: 6; column-gap: 16px; }
figure { margin: 0 0 16px; break-inside: avoid; } img { width: 100%; display: block; } figcaption { padding: 2px 0; }`;

const kinds: readonly { readonly name: string; readonly look: Look }[] = (['en', 'de', 'ja'] as Language[]).flatMap(
  (language) =>
    (['light', 'dark'] as const).map((theme) => ({
      name: `${language}-${theme}`,
      look: { ...plain, language, theme },
    })),
);

/** Writes `<folder>/<language>-<theme>/<name>.png`, `<folder>/<language>-<theme>.png` with all of them, and the same as HTML. */
export async function drawContactSheets(browser: Browser, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const { name, look } of kinds) {
    const pictures: readonly Picture[] = gallery.map((exhibit) => ({ file: `${exhibit.name}.png`, exhibit, look }));
    await inParallel(pictures, (picture) => drawPicture(browser, picture, join(folder, name)));
    const sheet = (source: (file: string) => string): string =>
      `<!doctype html><meta charset="utf-8"><title>${name}</title><style>${style}</style>${pictures
        .map(({ file }) => `<figure><img src="${source(file)}"><figcaption>${file}</figcaption></figure>`)
        .join('')}`;
    writeFileSync(
      join(folder, `${name}.html`),
      sheet((file) => `${name}/${file}`),
    );
    const inline = (file: string): string =>
      `data:image/png;base64,${readFileSync(join(folder, name, file)).toString('base64')}`;
    await drawDocument(browser, sheet(inline), join(folder, `${name}.png`));
  }
}
