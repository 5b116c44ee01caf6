// Reads the files that `config validate` is given and tells by their content what they are.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { desktopKeys } from '../../claude-desktop/keys.ts';
import { isConfigurationKey } from '../../config/keys.ts';
import { places, type Subject } from '../../config/places.ts';
import { AppError } from '../../core/errors.ts';
import { parseJsonSettings } from '../../formats/json-object.ts';
import { isBinaryPlist, parsePlist } from '../../formats/plist.ts';
import { isRegistryText, parseRegistryFile } from '../../formats/registry-file.ts';
import type { Entry } from '../../formats/settings-document.ts';
import { UnparsableFile } from '../../formats/unparsable-file.ts';
import type { FileContent } from './documents.ts';
import { plistContent } from './plist-content.ts';
import { registryContent } from './registry-content.ts';

/** A hundred times what a full configuration needs. */
const MAX_BYTES = 1024 * 1024;

/** @throws AppError ERR_CONFIG_UNREADABLE naming the file when it cannot be read or is nothing we know */
export function readSettingsFile(file: string): FileContent {
  try {
    return parseSettingsFile(file, readBytes(file));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const reason = cause instanceof UnparsableFile ? cause.message : `cannot be read${codeOf(cause)}`;
    throw new AppError('ERR_CONFIG_UNREADABLE', { detail: `${file} ${reason}`, cause });
  }
}

/** @throws UnparsableFile */
export function parseSettingsFile(file: string, bytes: Buffer): FileContent {
  if (bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80) {
    throw new UnparsableFile('is a signed or encrypted profile: check it before it is signed');
  }
  if (isBinaryPlist(bytes)) return plistContent(file, parsePlist(bytes), subjectOf);
  const text = decodeText(bytes);
  if (isRegistryText(text)) return registryContent(file, parseRegistryFile(text));
  const start = text.trimStart();
  if (start.startsWith('<')) return plistContent(file, parsePlist(text), subjectOf);
  if (start.startsWith('{')) return jsonContent(file, text);
  throw new UnparsableFile('is no property list, registry export or JSON object');
}

function jsonContent(file: string, text: string): FileContent {
  const parsed = parseJsonSettings(text);
  if (parsed.state === 'fault') throw new UnparsableFile(parsed.reason);
  const entries = Object.entries(parsed.object).map(([key, value]) => ({ key, value }));
  return { documents: [{ subject: subjectOf(file, entries), form: 'json', file, entries }], findings: [] };
}

/** Whose settings these are: by the keys, and where they say nothing by the file's name. */
function subjectOf(file: string, entries: readonly Entry[]): Subject {
  if (entries.some(({ key }) => key === 'apiKeyHelper')) {
    throw new UnparsableFile('holds settings of Claude Code; "claude-code status" says whether they work');
  }
  const own = entries.filter(({ key }) => isConfigurationKey(key)).length;
  const desktop = entries.filter(({ key }) => isDesktopKey(key)).length;
  if (own !== desktop) return own > desktop ? 'own' : 'claude-desktop';
  const name = basename(file).toLowerCase();
  if (name.includes('foundry-credential-helper') || name === 'config.json' || name === 'policy.json') return 'own';
  if (name.includes(places['claude-desktop'].domain) || /claude|managed-settings/.test(name)) return 'claude-desktop';
  throw new UnparsableFile('holds no setting of foundry-credential-helper or of Claude Desktop');
}

const isDesktopKey = (key: string): boolean =>
  /^(?:inference|bootstrap|otlp|entra)/i.test(key) || Object.hasOwn(desktopKeys, key);

function readBytes(file: string): Buffer {
  // O_NONBLOCK: a FIFO must not hang us. Windows does not know the flag.
  const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new UnparsableFile('is not a regular file');
    if (stats.size > MAX_BYTES) throw new UnparsableFile('is larger than 1 MiB');
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** regedit.exe writes UTF-16 with a byte order mark, which some tools lose; everybody else writes UTF-8. */
function decodeText(bytes: Buffer): string {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes.length >= 2 && bytes[0] !== 0 && bytes[1] === 0);
  try {
    return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UnparsableFile('is neither UTF-8 nor UTF-16 text', { cause });
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? ` (${String(thrown.code)})` : '';
}
