import { de } from './languages/de.ts';
import { en } from './languages/en.ts';
import { fr } from './languages/fr.ts';
import type { Language, Messages } from './messages.ts';

/** The texts of each language that exists. */
export const catalogs: Readonly<Record<Language, Messages>> = { en, de, fr };
