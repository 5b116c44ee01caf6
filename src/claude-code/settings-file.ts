// A settings.json of Claude Code: read strictly, changed by edits that leave every other byte as it is.
import { applyEdits, type JSONPath, modify } from 'jsonc-parser';
import { AppError } from '../core/errors.ts';
import { findJsonFault } from '../formats/json-fault.ts';
import { type ClaudeCodeSettings, RIVALS, SWITCHES } from './settings.ts';

/** What matters here of such a file. */
export interface ClaudeCodeContent {
  readonly apiKeyHelper?: string;
  readonly env: Readonly<Record<string, string>>;
}

const MODELS = /^ANTHROPIC_(?:DEFAULT_[A-Z]+_)?MODEL$/;
const OURS = /foundry-credential-helper(?:\.exe)?["']? claude-code token$/;

/** @throws AppError ERR_CONFIG_UNREADABLE naming the file, and the place in it, where it is not what Claude Code reads */
export function parseClaudeCodeFile(path: string, text: string): ClaudeCodeContent {
  const value = parseJson(path, text);
  if (!isObject(value)) throw unreadable(path, 'it is no JSON object');
  const { apiKeyHelper, env = {} } = value;
  if (apiKeyHelper !== undefined && typeof apiKeyHelper !== 'string')
    throw unreadable(path, '"apiKeyHelper" is no text');
  if (!isObject(env)) throw unreadable(path, '"env" is no JSON object');
  return { ...(apiKeyHelper === undefined ? {} : { apiKeyHelper }), env: env as Readonly<Record<string, string>> };
}

export function isOurHelper(apiKeyHelper: string | undefined): boolean {
  return apiKeyHelper !== undefined && OURS.test(apiKeyHelper);
}

/** Keys in the file that would keep `settings` from working, as a person finds them in it. */
export function conflicts(content: ClaudeCodeContent, settings: ClaudeCodeSettings): readonly string[] {
  const { apiKeyHelper, env } = content;
  const rivals: readonly string[] = [
    ...RIVALS,
    // The one excludes the other; Claude Code ends with an error.
    'ANTHROPIC_FOUNDRY_BASE_URL' in settings.env ? 'ANTHROPIC_FOUNDRY_RESOURCE' : 'ANTHROPIC_FOUNDRY_BASE_URL',
  ];
  return present(isOurHelper(apiKeyHelper) ? { env } : content, rivals);
}

/** Those of the keys that the file sets, as a person finds them in it. */
export function present({ apiKeyHelper, env }: ClaudeCodeContent, names: readonly string[]): readonly string[] {
  const helper = apiKeyHelper === undefined ? [] : ['apiKeyHelper'];
  return [...helper, ...names.filter((name) => Object.hasOwn(env, name)).map((name) => `env.${name}`)];
}

/** The keys of `settings` that the file does not hold; a model that the user chose counts as held. */
export function missing({ apiKeyHelper, env }: ClaudeCodeContent, settings: ClaudeCodeSettings): readonly string[] {
  return [
    ...(apiKeyHelper === settings.apiKeyHelper ? [] : ['apiKeyHelper']),
    ...Object.entries(settings.env)
      .filter(([name, value]) => (MODELS.test(name) ? !Object.hasOwn(env, name) : env[name] !== value))
      .map(([name]) => `env.${name}`),
  ];
}

/** The text with all of `settings` in it; one that has them stays as it is. */
export function withSettings(path: string, text: string, settings: ClaudeCodeSettings): string {
  const content = parseClaudeCodeFile(path, text);
  const absent = missing(content, settings);
  const hasEnv = 'env' in (JSON.parse(text) as object);
  const start = hasEnv || absent.every((key) => key === 'apiKeyHelper') ? text : edit(text, ['env'], {});
  return absent.reduce((edited, key) => {
    const name = key.replace(/^env\./, '');
    return key === 'apiKeyHelper'
      ? edit(edited, ['apiKeyHelper'], settings.apiKeyHelper)
      : edit(edited, ['env', name], settings.env[name]);
  }, start);
}

/** The text without what `withSettings` wrote; a model that is not one of `models` is the user's and stays. */
export function withoutSettings(path: string, text: string, models: Readonly<Record<string, string>>): string {
  const { apiKeyHelper, env } = parseClaudeCodeFile(path, text);
  if (!isOurHelper(apiKeyHelper)) return text;
  const names = [
    ...SWITCHES.filter((name) => Object.hasOwn(env, name)),
    ...Object.keys(models).filter((name) => env[name] === models[name]),
  ];
  const edited = names.reduce(
    (rest, name) => edit(rest, ['env', name], undefined),
    edit(text, ['apiKeyHelper'], undefined),
  );
  const isEnvEmpty = names.length > 0 && Object.keys(parseClaudeCodeFile(path, edited).env).length === 0;
  return isEnvEmpty ? edit(edited, ['env'], undefined) : edited;
}

function edit(text: string, path: JSONPath, value: string | object | undefined): string {
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
  const formattingOptions = {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  // A key that goes to the end has the one before it formatted anew.
  const place = path.length === 1 ? { getInsertionIndex: () => 0 } : {};
  return applyEdits(text, modify(text, path, value, { formattingOptions, ...place }));
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const fault = findJsonFault(text);
    throw unreadable(
      path,
      fault === undefined ? 'it is no JSON' : `line ${fault.line}, column ${fault.column}: ${fault.reason}`,
    );
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(path: string, reason: string): AppError {
  return new AppError('ERR_CONFIG_UNREADABLE', { detail: `${path}: ${reason}` });
}
