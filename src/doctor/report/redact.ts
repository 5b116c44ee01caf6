// Takes names and secrets out of lines that others wrote, or that hold paths.
import { homedir, hostname, userInfo } from 'node:os';
import { redactWords } from '../../core/looks-like-secret.ts';

/** What a report must not name. */
export interface Names {
  /** Home folders, longest first. */
  readonly homes: readonly string[];
  readonly users: readonly string[];
  readonly computers: readonly string[];
}

/** Names that say nothing about a person, and words that the log of Claude Desktop has anyway. */
const NO_PERSON = /^(?:root|admin|administrator|system|user|claude|agent|helper|info|warn|error|localhost)$/i;
const SHORTEST = 3;

export function namesOf(env: NodeJS.ProcessEnv): Names {
  const account = userInfo();
  const homes = [env['HOME'], env['USERPROFILE'], account.homedir, homedir()];
  const users = [account.username, env['USER'], env['LOGNAME'], env['USERNAME']];
  const full = hostname();
  return {
    homes: distinct(homes).filter((path) => path.length > SHORTEST),
    users: distinct(users).filter(isPersonal),
    computers: distinct([full, full.split('.')[0], env['COMPUTERNAME']]).filter(isPersonal),
  };
}

const isPersonal = (name: string): boolean => name.length >= SHORTEST && !NO_PERSON.test(name);

function distinct(texts: readonly (string | undefined)[]): readonly string[] {
  const found = new Set(texts.flatMap((text) => (text === undefined || text === '' ? [] : [text])));
  return [...found].toSorted((a, b) => b.length - a.length);
}

const MAIL = /[\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)*\.\p{L}{2,}/gu;
/** The folder of anyone's home, up to its end. Names on Windows may hold spaces, and quoted backslashes are doubled. */
const HOMES = /(?:\/(?:home|Users)\/[^/\s'":,;]+|[A-Za-z]:\\{1,2}Users\\{1,2}[^\\'":,;]+)(?=[\\/'":,;\s]|$)/g;

/** Home folders become `~`, and mail addresses, this user's name in paths, and this computer's name are left out. */
export function withoutNames(line: string, { homes, users, computers }: Names): string {
  const folders = homes.flatMap((home) => [home.replaceAll('\\', '\\\\'), home]);
  const atHome = folders.reduce((text, home) => text.replace(exactly(home, '(?![\\w.-])'), '~'), line);
  const withoutMail = atHome.replace(HOMES, '~').replace(MAIL, '(account)');
  const withoutUsers = users.reduce(
    (text, name) => text.replace(exactly(name, '(?![\\p{L}\\d])', '(?<=[\\\\/])'), '(user)'),
    withoutMail,
  );
  return computers.reduce((text, name) => text.replace(word(name), '(computer)'), withoutUsers);
}

/** A line of another program's log, also without secrets, names, and what programs printed. */
export function redactForeign(line: string, names: Names): string {
  const withoutOutput = line
    .replace(/stderr="(.*)"/, (_, output: string) => `stderr="${ownCodes(output)}"`)
    .replace(/\bargs: \[[^\]]*\]?/, 'args: (not shown)')
    .replaceAll(/(\bhttps?:\/\/[^\s'"?#]*)[?#][^\s'"]*/g, '$1')
    .replaceAll(/\b(Bearer|Basic)\s+[^\s'",]+/gi, '$1 (not shown)')
    .replaceAll(SECRET_FIELD, '$1(not shown)');
  const text = withoutNames(redactWords(withoutOutput), names);
  return names.users.reduce((rest, name) => rest.replace(word(name), '(user)'), text);
}

const SECRET_FIELD =
  /(\b(?:password|passwd|pwd|secret|token|api[-_]?key|authorization|cookie|credential)["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,}]+)/gi;

/** Of what the helper wrote to stderr, only this program's codes. */
function ownCodes(output: string): string {
  const codes = output.match(/\bERR_[A-Z_]{1,60}\b|\bAADSTS\d{1,12}\b/g) ?? [];
  return output === '' ? '' : ['…', ...new Set(codes)].join(' ');
}

const word = (name: string): RegExp => exactly(name, '(?![\\p{L}\\d])', '(?<![\\p{L}\\d])');

function exactly(text: string, after: string, before = ''): RegExp {
  return new RegExp(before + text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&') + after, 'giu');
}
