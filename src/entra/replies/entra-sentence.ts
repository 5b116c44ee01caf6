// Entra's own sentence about an error, for numbers that this program doesn't know. It may contain anything, account
// names above all, so it's shown only after what could identify a person or be a secret has been taken out.
import { redactWords } from '../../core/looks-like-secret.ts';

/** UTF-16 units of a description that are read, and of a sentence that is shown. */
const MAX_DESCRIPTION = 4_096;
const MAX_SENTENCE = 240;

const HIDDEN = '(not shown)';

const NUMBER = /^\s*AADSTS\d{1,9}\s*:\s*/;
const DIAGNOSTICS = /\s*\b(?:Trace ID|Correlation ID|Request ID|Timestamp)\s*:.*$/is;
const FIRST_SENTENCE = /^.*?[.!?](?=\s+\P{Ll}|\s*$)/u;

const GUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi;

const PERSONAL: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // Addresses and user principal names, guests' with "#EXT#" in them too.
  [/[^\s'"<>()[\]{},;:]*(?:@|%40)[^\s'"<>()[\]{},;:]*[^\s'"<>()[\]{},;:.!?]/gi, HIDDEN],
  // DOMAIN\user
  [/[\w.-]+\\[\w.$-]+/g, HIDDEN],
  // What is quoted, in braces, or a GUID after a word for a person or an account.
  [
    /\b(user(?:\s*name)?|account|upn|identity|login|email|subject|person)(\s+(?:account|name|id|address|hint))*[\s:=]+(?:'[^']*'|"[^"]*"|\u2018[^\u2019]*\u2019|\u201c[^\u201d]*\u201d|\{[^}]*\}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})/gi,
    `$1$2 ${HIDDEN}`,
  ],
  // IP addresses, version 4 and 6.
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, HIDDEN],
  [/(?<![\w:])(?:[\da-f]{0,4}:){3,7}[\da-f]{0,4}(?![\w:])/gi, HIDDEN],
];

/**
 * The first sentence of an `error_description` that begins with Entra's number, on one line and with what could
 * identify a person or be a secret replaced; `undefined` if there is none.
 */
export function entraSentence(description: unknown): string | undefined {
  if (typeof description !== 'string' || !NUMBER.test(description)) return undefined;
  const text = description.slice(0, MAX_DESCRIPTION).replace(NUMBER, '').replace(DIAGNOSTICS, '');
  const line = withoutPersons(text.replace(/[\s\p{Cc}]+/gu, ' ').trim());
  const sentence = FIRST_SENTENCE.exec(line)?.[0] ?? line;
  if (!/\p{L}/u.test(sentence.replaceAll(HIDDEN, ''))) return undefined;
  return sentence.length <= MAX_SENTENCE ? sentence : `${sentence.slice(0, MAX_SENTENCE).replace(/\s+\S*$/, '')} ...`;
}

function withoutPersons(line: string): string {
  const text = PERSONAL.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), line);
  return redactWords(text).replaceAll(/[^\s'"(),;]+/g, (word) => (isIdentifier(word) ? HIDDEN : word));
}

/** A longer word with letters and digits is a name, an ID, or part of a token; GUIDs and times are public. */
function isIdentifier(word: string): boolean {
  const rest = word.replaceAll(GUID, '').replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z?/, '');
  return rest.length >= 8 && /\d/.test(rest) && /\p{L}/u.test(rest) && !/^AADSTS\d+\W?$/.test(rest);
}
