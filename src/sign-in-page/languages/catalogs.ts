import { de } from './de.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import type { Language, Messages } from './messages.ts';

/** All texts of the page, by language. */
export const catalogs: Readonly<Record<Language, Messages>> = { en, de, fr };
