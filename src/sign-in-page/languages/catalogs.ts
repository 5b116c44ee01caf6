import { de } from './de.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import type { Language, Messages } from './messages.ts';

/** The texts of each language that exists. */
export const catalogs: Readonly<Record<Language, Messages>> = { en, de, fr };
