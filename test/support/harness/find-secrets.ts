import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isCode } from '../../../src/core/errno.ts';

export interface SecretFinding {
  readonly file: string;
  /** Which of the given secrets, by index: a report must not repeat it. */
  readonly secret: number;
  readonly form: 'text' | 'base64' | 'utf-16le' | 'utf-16be' | 'hex' | 'file name';
}

interface Needle {
  readonly secret: number;
  readonly form: SecretFinding['form'];
  readonly bytes: Buffer;
}

/** How often to search a folder in which a running program replaces files. */
const ROUNDS = 20;

/**
 * Searches every file below the folder for any of the secrets: as text, in UTF-16, in hex, and in base64 or base64url
 * whatever is before it, and in names and link targets. Sockets and links aren't opened. If a file disappears meanwhile,
 * everything is searched again: its content may be in a file that was read before.
 * @throws Error for a secret shorter than 8 characters, which would be found by chance, and for unreadable files.
 */
export function findSecretsInFiles(folder: string, secrets: readonly string[]): SecretFinding[] {
  const needles = secrets.flatMap(needlesOf);
  for (let round = 1; ; round += 1) {
    try {
      return searchOnce(folder, needles);
    } catch (thrown) {
      if (!isCode(thrown, 'ENOENT') || round === ROUNDS) throw thrown;
    }
  }
}

function searchOnce(folder: string, needles: readonly Needle[]): SecretFinding[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    const linked = entry.isSymbolicLink() ? readlinkSync(file) : '';
    const inName = find(needles, Buffer.from(`${entry.name}\n${linked}`)).map((needle) => ({
      file,
      secret: needle.secret,
      form: 'file name' as const,
    }));
    const inContent = entry.isFile() ? find(needles, readFileSync(file)) : [];
    return [...inName, ...inContent.map(({ secret, form }) => ({ file, secret, form }))];
  });
}

/** The same search in a text, such as the output of a program; `file` is the name that findings give it. */
export function findSecretsInText(text: string, secrets: readonly string[], file = 'text'): SecretFinding[] {
  return find(secrets.flatMap(needlesOf), Buffer.from(text)).map(({ secret, form }) => ({ file, secret, form }));
}

function find(needles: readonly Needle[], content: Buffer): readonly Needle[] {
  const found = needles.filter(({ bytes }) => content.includes(bytes));
  // The alignments of base64 are several needles of one finding.
  return found.filter((needle, index) => found.findIndex((other) => isSame(other, needle)) === index);
}

const isSame = (one: Needle, other: Needle): boolean => one.secret === other.secret && one.form === other.form;

function needlesOf(text: string, secret: number): Needle[] {
  if (text.length < 8) throw new Error(`secret ${secret} is too short to search for`);
  const utf16 = Buffer.from(text, 'utf16le');
  return [
    { secret, form: 'text', bytes: Buffer.from(text) },
    { secret, form: 'utf-16le', bytes: utf16 },
    { secret, form: 'utf-16be', bytes: Buffer.from(utf16).swap16() },
    { secret, form: 'hex', bytes: Buffer.from(Buffer.from(text).toString('hex')) },
    ...base64Cores(text).map((core) => ({ secret, form: 'base64' as const, bytes: Buffer.from(core) })),
  ];
}

/**
 * How the text looks inside base64 that encodes more than it: one core for each of the three alignments, without the
 * characters at the ends that neighbors have a part in.
 */
function base64Cores(text: string): string[] {
  const cores = [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
    const whole = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), whole);
  });
  return [...new Set(cores.flatMap((core) => [core, core.replaceAll('+', '-').replaceAll('/', '_')]))];
}
