// Property lists: configuration profiles, single payloads, and preference files.
// https://developer.apple.com/documentation/devicemanagement/configuring-multiple-devices-using-profiles
import { MDM_DOMAIN } from '../../claude-code/places.ts';
import { type Finding, finding } from '../../claude-desktop/finding.ts';
import { places, type Subject } from '../../config/places.ts';
import { isObject } from '../../core/json.ts';
import { textOf } from '../../core/text-of.ts';
import type { Entry } from '../../formats/settings-document.ts';
import { UnparsableFile } from '../../formats/unparsable-file.ts';
import type { FileContent, ProgramDocument } from './documents.ts';
import { type Dictionary, type DomainSettings, domainSettings } from './payload-domains.ts';
import { lintPayloads, lintProfile } from './profile-rules.ts';
import { CLAUDE_CODE, NO_SETTING, NO_SETTINGS, whoseSettings } from './whose-settings.ts';

const subjects: readonly Subject[] = ['claude-desktop', 'own'];

/** `roots`: the file's dictionaries, more than one only for bare payloads. @throws UnparsableFile when nothing in it concerns us */
export function plistContent(file: string, roots: readonly Dictionary[]): FileContent {
  const [root = {}] = roots;
  if (root['EncryptedPayloadContent'] !== undefined) {
    throw new UnparsableFile('is an encrypted profile: check it before you encrypt it');
  }
  if (isProfile(root)) {
    const content = root['PayloadContent'];
    const payloads = (Array.isArray(content) ? content : [content]).filter(isObject);
    return payloadsContent(file, payloads, lintProfile(file, root, payloads));
  }
  if (roots.length > 1 || root['PayloadType'] !== undefined) {
    return payloadsContent(file, roots, lintPayloads(file, roots));
  }
  const document = documentOf(file, whoseSettings(withoutPayloadKeys(root)), [root]);
  return { documents: [document], findings: [] };
}

const isProfile = (root: Dictionary): boolean =>
  Array.isArray(root['PayloadContent']) || /^configuration$/i.test(textOf(root['PayloadType'] ?? ''));

/** All payloads of one program are one document: macOS puts them into one preference domain. */
function payloadsContent(file: string, payloads: readonly Dictionary[], ofProfile: readonly Finding[]): FileContent {
  const found = payloads.flatMap(domainSettings);
  const documents: ProgramDocument[] = [];
  const findings = [...ofProfile];
  for (const subject of subjects) {
    const ours = found.filter(({ domain }) => domain === places[subject].domain).map(({ values }) => values);
    if (ours.length === 0) continue;
    documents.push(documentOf(file, subject, ours));
    findings.push(...contradictions(file, ours));
  }
  const elsewhere = found.filter((one) => !subjects.some((subject) => places[subject].domain === one.domain));
  const astray = elsewhere.filter(({ values }) => holdsOurKeys(values));
  findings.push(...astray.map(({ domain }) => finding('profile-wrong-domain', file, { key: domain })));
  if (documents.every(({ entries }) => entries.length === 0) && astray.length === 0)
    throw nothingFor(elsewhere, documents);
  return { documents, findings };
}

function nothingFor(elsewhere: readonly DomainSettings[], documents: readonly ProgramDocument[]): UnparsableFile {
  if (documents.length > 0) return new UnparsableFile(`${NO_SETTINGS} in its payload`);
  const isClaudeCode = elsewhere.some(({ domain }) => domain === MDM_DOMAIN);
  return new UnparsableFile(isClaudeCode ? `${NO_SETTING}: ${CLAUDE_CODE}` : `${NO_SETTING} in its payloads`);
}

/** Without what describes the payload itself. */
const withoutPayloadKeys = (values: Dictionary): Dictionary =>
  Object.fromEntries(Object.entries(values).filter(([key]) => !/^Payload[A-Z]/.test(key)));

function documentOf(file: string, subject: Subject, all: readonly Dictionary[]): ProgramDocument {
  const entries = Object.entries(Object.assign({}, ...all.map(withoutPayloadKeys)) as Dictionary);
  return { subject, form: 'plist', file, entries: entries.map(([key, value]): Entry => ({ key, value })) };
}

/** A key that two payloads set to different values: it isn't documented which of them macOS takes. */
function contradictions(file: string, all: readonly Dictionary[]): readonly Finding[] {
  const seen = new Map<string, string>();
  const twice = new Set<string>();
  for (const [key, value] of all.flatMap((values) => Object.entries(withoutPayloadKeys(values)))) {
    const text = textOf(value);
    if ((seen.get(key) ?? text) !== text) twice.add(key);
    seen.set(key, text);
  }
  const rule = "has different values in two payloads, and it isn't documented which of them macOS takes";
  return [...twice].map((key) => finding('key-twice', file, { key: key.slice(0, 60), rule }));
}

function holdsOurKeys(values: Dictionary): boolean {
  const keys = Object.keys(values);
  return keys.some((key) => /^inference[A-Z]/.test(key)) || ['tenantId', 'clientId'].every((key) => keys.includes(key));
}
