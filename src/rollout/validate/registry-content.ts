import { type Finding, type FindingDetails, type FindingId, finding } from '../../claude-desktop/finding.ts';
import { isConfigurationKey } from '../../config/keys.ts';
import { places, type Subject } from '../../config/places.ts';
import { type RegistryKey, startsWithHeader } from '../../formats/registry-file.ts';
import type { DecodedText } from '../../formats/text-encoding.ts';
import { UnparsableFile } from '../../formats/unparsable-file.ts';
import type { FileContent, ProgramDocument } from './documents.ts';
import { CLAUDE_CODE, NO_SETTING, NO_SETTINGS } from './whose-settings.ts';

const subjects: readonly Subject[] = ['claude-desktop', 'own'];

/** Keys that guides name but no program reads, and the 32-bit view, where a 32-bit program's writes end up. */
const WRONG_KEY =
  /^software\\(?:(?:wow6432node|policies|anthropic)\\)*(?:claude(?:[ -]?desktop)?|foundry-?credential-?helper)(?:\\|$)/;
const CLAUDE_CODE_KEY = /^software\\policies\\claudecode(?:\\|$)/;

/** The security identifiers of people's accounts: of a domain or the computer, and of Entra. */
const USER = /^s-1-(?:5-21|12-1)-[\d-]+$/;

const SHORT_HIVE: FindingDetails = {
  severity: 'warning',
  rule: 'begins with an abbreviation, which not every import understands',
  remedy: 'write HKEY_LOCAL_MACHINE or HKEY_CURRENT_USER in full',
};

type Hive = 'HKEY_LOCAL_MACHINE' | 'HKEY_CURRENT_USER';

interface Location {
  /** Where a program that reads policy would find it; `undefined` if nowhere. */
  readonly hive: Hive | undefined;
  /** Below the hive, in lower case. */
  readonly below: string;
  readonly isOtherUser: boolean;
  /** HKLM and so on: the reg command's, but not what Registry Editor exports. */
  readonly isShort: boolean;
}

/**
 * A registry export's settings by program, and keys that only look like this program's.
 * @throws UnparsableFile without either
 */
export function registryContent(file: string, keys: readonly RegistryKey[], decoded: DecodedText): FileContent {
  const located = keys.map((key) => ({ key, location: locate(key.path) }));
  const documents = located.flatMap(({ key, location }) => documentsOf(file, key, location));
  const findings = located.flatMap(({ key, location }) => keyFindings(file, key, location));
  if (documents.length === 0 && findings.length === 0) throw nothingFor(located.map(({ location }) => location));
  return { documents, findings: [...fileFindings(file, decoded), ...findings, ...hiveFindings(file, located)] };
}

const HIVES = new Map<string, Hive | 'HKEY_USERS'>([
  ['hkey_local_machine', 'HKEY_LOCAL_MACHINE'],
  ['hklm', 'HKEY_LOCAL_MACHINE'],
  ['hkey_current_user', 'HKEY_CURRENT_USER'],
  ['hkcu', 'HKEY_CURRENT_USER'],
  ['hkey_users', 'HKEY_USERS'],
  ['hku', 'HKEY_USERS'],
]);

function locate(path: string): Location {
  const [name = '', ...rest] = path.toLowerCase().split('\\');
  const isShort = name.length === 4 || name === 'hku';
  const hive = HIVES.get(name);
  if (hive !== 'HKEY_USERS') return { hive, below: rest.join('\\'), isOtherUser: false, isShort };
  const [user = '', ...below] = rest;
  const isOtherUser = USER.test(user);
  return { hive: isOtherUser ? 'HKEY_CURRENT_USER' : undefined, below: below.join('\\'), isOtherUser, isShort };
}

const isPlaceOf = (subject: Subject, { below }: Location): boolean =>
  below === places[subject].registryKey.toLowerCase();

function documentsOf(file: string, { values, lines }: RegistryKey, location: Location): readonly ProgramDocument[] {
  const entries = values
    .filter(({ name }) => name !== '')
    .map(({ name, type, data }) => ({ key: name, value: data, registryType: type }));
  if (entries.length === 0 || location.hive === undefined) return [];
  return subjects
    .filter((subject) => isPlaceOf(subject, location))
    .map((subject) => ({ subject, form: 'registry', file, entries, lines }));
}

function keyFindings(file: string, key: RegistryKey, location: Location): readonly Finding[] {
  if (key.values.length === 0) return [];
  const report = (id: FindingId, details: FindingDetails = {}): Finding =>
    finding(id, file, { key: key.path, ...details });
  if (subjects.some((subject) => isPlaceOf(subject, location))) {
    if (location.hive === undefined) return [report('registry-wrong-key')];
    return [
      ...(location.isShort ? [report('registry-wrong-key', SHORT_HIVE)] : []),
      ...(location.isOtherUser ? [report('registry-user-hive')] : []),
      ...(key.values.some(({ name }) => name === '') ? [report('registry-default-value')] : []),
    ];
  }
  const isSubkey = subjects.some((subject) =>
    location.below.startsWith(`${places[subject].registryKey.toLowerCase()}\\`),
  );
  if (isSubkey) return [report('registry-subkey')];
  return WRONG_KEY.test(location.below) || holdsOurValues(key) ? [report('registry-wrong-key')] : [];
}

/** Other keys may hold values that were meant for us. */
function holdsOurValues({ path, values }: RegistryKey): boolean {
  if (CLAUDE_CODE_KEY.test(locate(path).below)) return false;
  const own = values.filter(({ name }) => isConfigurationKey(name)).length;
  return values.some(({ name }) => /^inference[a-z]/i.test(name)) || own > values.length / 2;
}

/** If HKLM has any value, both programs ignore HKCU. */
function hiveFindings(
  file: string,
  located: readonly { readonly key: RegistryKey; readonly location: Location }[],
): readonly Finding[] {
  const used = located.filter(({ key }) => key.values.length > 0);
  return subjects.flatMap((subject) => {
    const hives = new Set(
      used.filter(({ location }) => isPlaceOf(subject, location)).map(({ location }) => location.hive),
    );
    hives.delete(undefined);
    return hives.size < 2 ? [] : [finding('registry-both-hives', file, { key: places[subject].registryKey })];
  });
}

/** What prevents Registry Editor from importing the file. */
function fileFindings(file: string, { text, encoding, hasByteOrderMark }: DecodedText): readonly Finding[] {
  const isRefused = encoding === 'UTF-16BE' || (encoding === 'UTF-16LE' && !hasByteOrderMark);
  const mark = hasByteOrderMark ? '' : ' without a byte order mark';
  return [
    ...(startsWithHeader(text) ? [] : [finding('registry-header', file, { element: 'line 1' })]),
    ...(isRefused ? [finding('registry-encoding', file, { element: `${encoding}${mark}` })] : []),
  ];
}

function nothingFor(locations: readonly Location[]): UnparsableFile {
  if (locations.some((location) => subjects.some((subject) => isPlaceOf(subject, location)))) {
    return new UnparsableFile(`${NO_SETTINGS}: its keys have no values`);
  }
  const isClaudeCode = locations.some(({ below }) => CLAUDE_CODE_KEY.test(below));
  return new UnparsableFile(isClaudeCode ? `${NO_SETTING}: ${CLAUDE_CODE}` : NO_SETTING);
}
