// What a picture is drawn from, as a number. If it differs from the one in docs/images/pictures.json, the picture is old.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '../../src/sign-in-page/languages/languages.ts';
import type { Exhibit } from '../../test/integration/sign-in-page/gallery.ts';
import { type Served, served } from '../../test/integration/sign-in-page/visit.ts';
import { loginScreen, terminalPage } from './login-screen.ts';
import { contextOptions, docsPictures, type Picture } from './looks.ts';
import { overviewParts, overviewStyle } from './overview.ts';

const fonts = readFileSync(join(import.meta.dirname, 'fonts.conf'), 'utf8');

const hash = (what: unknown): string => createHash('sha256').update(JSON.stringify(what)).digest('hex');

/** By file below docs/images, in the order of names: the fingerprint of every picture of `npm run pictures`. */
export async function fingerprints(): Promise<Readonly<Record<string, string>>> {
  const all = { ...(await pageFingerprints()), 'login.png': await loginFingerprint() };
  return Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The same without the picture of the terminal, which needs tmux. */
export async function pageFingerprints(): Promise<Readonly<Record<string, string>>> {
  // The page shows times as its server's computer does.
  const { TZ } = process.env;
  process.env['TZ'] = 'UTC';
  try {
    const found: Record<string, string> = {};
    const serve = servedOnce();
    for (const picture of docsPictures) found[picture.file] = await fingerprint(picture, serve);
    found['sign-in-page.png'] = hash([overviewStyle, overviewParts.map(({ file }) => found[file])]);
    return found;
  } finally {
    if (TZ === undefined) delete process.env['TZ'];
    else process.env['TZ'] = TZ;
  }
}

export async function loginFingerprint(): Promise<string> {
  return hash([fonts, terminalPage(await loginScreen())]);
}

async function fingerprint({ exhibit, look }: Picture, serve: typeof served): Promise<string> {
  const logo = exhibit.view?.logo?.bytes.toString('base64');
  return hash([fonts, look, contextOptions(look), exhibit.way ?? '', logo ?? '', await serve(exhibit, look.language)]);
}

function servedOnce(): typeof served {
  const known = new Map<string, Promise<Served>>();
  return (exhibit: Exhibit, language: Language) => {
    const key = `${exhibit.name} ${language}`;
    const reply = known.get(key) ?? served(exhibit, language);
    known.set(key, reply);
    return reply;
  };
}
