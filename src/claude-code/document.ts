import { isCode } from '../core/errno.ts';
import { isObject } from '../core/json.ts';
import { findJsonFault } from '../formats/json-fault.ts';
import { parseJsonObject } from '../formats/json-object.ts';
import { readFileBytes } from '../formats/text-file.ts';

export type Settings = Readonly<Record<string, unknown>>;

/** A settings document as Claude Code 2.1.332 reads it. */
export type DocumentReading =
  | { readonly state: 'absent' }
  | { readonly state: 'settings'; readonly settings: Settings }
  /** Claude Code opens it and refuses it. `reason` completes `<location> …` and repeats none of the content. */
  | { readonly state: 'rejected'; readonly reason: string; readonly isJson: boolean }
  /** Claude Code can't open it either. */
  | { readonly state: 'unreadable'; readonly reason: string };

/** Claude Code keeps a history in one of these files. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Never throws. A link that leads nowhere counts as absent. */
export function readDocument(path: string): DocumentReading {
  const file = readFileBytes(path, { followLinks: true, maxBytes: MAX_BYTES });
  if (file.state === 'bytes') return parseDocument(decode(file.bytes));
  if (file.state === 'unreadable' && isCode(file.cause, 'ENOENT')) return { state: 'absent' };
  return file.state === 'absent' ? file : { state: 'unreadable', reason: file.reason };
}

/** An empty text counts as an empty object; comments and commas at the end aren't accepted. */
export function parseDocument(text: string): DocumentReading {
  if (text.trim() === '') return { state: 'settings', settings: {} };
  const parsed = parseJsonObject(text);
  return parsed.state === 'unreadable'
    ? { state: 'rejected', reason: parsed.reason, isJson: findJsonFault(text) === undefined }
    : { state: 'settings', settings: parsed.values };
}

/** What this program needs of settings. Claude Code turns every variable's value into text. */
export interface TokenSettings {
  readonly apiKeyHelper: string | undefined;
  readonly env: Readonly<Record<string, unknown>>;
}

/** Values of a wrong type count as absent. */
export function tokenSettings({ apiKeyHelper, env }: Settings): TokenSettings {
  return { apiKeyHelper: typeof apiKeyHelper === 'string' ? apiKeyHelper : undefined, env: isObject(env) ? env : {} };
}

/** UTF-16 with a byte order mark, otherwise UTF-8; broken bytes are replaced, as Claude Code does. */
function decode(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}

type Kind = 'text' | 'a number' | 'true or false' | 'an object' | 'a list';

/**
 * Keys whose type was tried with the real client: one wrong type, and Claude Code ignores the user's whole file. Of
 * managed settings it ignores the one key.
 */
const KINDS: Readonly<Record<string, Kind>> = {
  $schema: 'text',
  alwaysThinkingEnabled: 'true or false',
  apiKeyHelper: 'text',
  availableModels: 'a list',
  awsAuthRefresh: 'text',
  cleanupPeriodDays: 'a number',
  companyAnnouncements: 'a list',
  disableAllHooks: 'true or false',
  enableAllProjectMcpServers: 'true or false',
  enabledPlugins: 'an object',
  env: 'an object',
  fastMode: 'true or false',
  includeCoAuthoredBy: 'true or false',
  language: 'text',
  model: 'text',
  modelOverrides: 'an object',
  otelHeadersHelper: 'text',
  outputStyle: 'text',
  permissions: 'an object',
  plansDirectory: 'text',
  respectGitignore: 'true or false',
  sandbox: 'an object',
  skipWebFetchPreflight: 'true or false',
  spinnerTipsEnabled: 'true or false',
  statusLine: 'an object',
};

/** Why Claude Code ignores a user's or project's file with these settings; completes `<location> …`. */
export function typeFault(settings: Settings): string | undefined {
  const found = Object.entries(KINDS).find(
    ([key, kind]) => Object.hasOwn(settings, key) && kindOf(settings[key]) !== kind,
  );
  return found === undefined ? undefined : `is ignored as a whole: "${found[0]}" must be ${found[1]}`;
}

function kindOf(value: unknown): Kind | undefined {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return undefined;
  }
}
