// JSON files: this program's config.json and policy.json, Claude Desktop's managed-settings.json and local
// configurations.
import { type Finding, finding } from '../../claude-desktop/finding.ts';
import { lintJsonEncoding } from '../../claude-desktop/json-encoding.ts';
import { isDesktopKey } from '../../claude-desktop/keys.ts';
import { flatEntries, isDescription, isNestedForm } from '../../claude-desktop/nested-form.ts';
import { repeatedKeys } from '../../claude-desktop/repeated-keys.ts';
import type { Subject } from '../../config/places.ts';
import { blankComments, type JsonKeyPlace, jsonKeyPlaces } from '../../formats/json-layout.ts';
import { parseJsonObject } from '../../formats/json-object.ts';
import type { DecodedText } from '../../formats/text-encoding.ts';
import { UnparsableFile } from '../../formats/unparsable-file.ts';
import type { FileContent, ProgramDocument } from './documents.ts';
import { NO_SETTINGS, whoseSettings } from './whose-settings.ts';

/** A JSON object or list, perhaps after comments. */
export const isJsonText = (text: string): boolean => /^\s*(?:\{|\[\s*["{]|\/[/*])/.test(text);

/** @throws UnparsableFile if it isn't a JSON object, or has nothing for either program */
export function jsonContent(file: string, decoded: DecodedText): FileContent {
  const { text } = decoded;
  const strict = parseJsonObject(text);
  const withoutComments = blankComments(text);
  const parsed = strict.state === 'unreadable' ? parseJsonObject(withoutComments) : strict;
  // Without its comments it still isn't JSON: the first fault is the one to name.
  if (parsed.state === 'unreadable')
    throw new UnparsableFile(strict.state === 'unreadable' ? strict.reason : parsed.reason);
  const places = jsonKeyPlaces(withoutComments);
  const document = documentOf(file, parsed.values, places);
  const isDesktop = document.subject === 'claude-desktop';
  return {
    documents: [document],
    findings: [
      ...lintJsonEncoding(file, decoded, isDesktop),
      ...(strict.state === 'unreadable' ? [commentFinding(file, text, withoutComments, isDesktop)] : []),
      ...repeatedKeys(file, places),
    ],
  };
}

function documentOf(
  file: string,
  object: Readonly<Record<string, unknown>>,
  places: readonly JsonKeyPlace[],
): ProgramDocument {
  const lines = new Map(places.map(({ path, line }) => [path, line]));
  if (isNestedForm(object) && isAboutDesktop(object)) {
    if (flatEntries(object).length === 0) throw new UnparsableFile(NO_SETTINGS);
    return { subject: 'claude-desktop', form: 'nested', file, entries: [], nested: object, lines };
  }
  const subject: Subject = whoseSettings(object);
  const entries = Object.entries(object)
    .filter(([key]) => !isDescription(key))
    .map(([key, value]) => ({ key, value }));
  return { subject, form: 'json', file, entries, lines };
}

/** Some of other programs' groups have the same names. */
const isAboutDesktop = (object: Readonly<Record<string, unknown>>): boolean =>
  '$schemaVersion' in object || flatEntries(object).some(({ key }) => isDesktopKey(key));

function commentFinding(file: string, text: string, withoutComments: string, isDesktop: boolean): Finding {
  let at = 0;
  while (text[at] === withoutComments[at]) at += 1;
  const line = text.slice(0, at).split('\n').length;
  const program = isDesktop ? 'Claude Desktop' : 'foundry-credential-helper';
  return finding('json-comments', file, {
    element: `line ${line}`,
    rule: `JSON has no comments: ${program} refuses the whole file`,
  });
}
