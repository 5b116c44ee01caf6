// Reads a settings.json of Claude Code strictly, and changes it with edits that leave every other byte unchanged.
import { applyEdits, type JSONPath, modify } from 'jsonc-parser';
import { AppError } from '../core/errors.ts';
import { parseDocument, type TokenSettings, tokenSettings, typeFault } from './document.ts';
import { isOurHelper } from './helper-command.ts';
import { type ClaudeCodeSettings, SWITCHES } from './settings.ts';

const MODELS = /^ANTHROPIC_(?:DEFAULT_(?:[A-Z]+_)?)?MODEL$/;

/** @throws AppError ERR_CLIENT_SETTINGS_UNREADABLE that names the file, and what in it Claude Code refuses */
export function parseClaudeCodeFile(path: string, text: string): TokenSettings {
  const document = parseDocument(text);
  if (document.state !== 'settings') {
    const reason = document.state === 'absent' ? "doesn't exist" : document.reason;
    throw new AppError('ERR_CLIENT_SETTINGS_UNREADABLE', { detail: `${path} ${reason}` });
  }
  const fault = typeFault(document.settings);
  if (fault !== undefined) throw new AppError('ERR_CLIENT_SETTINGS_UNREADABLE', { detail: `${path} ${fault}` });
  return tokenSettings(document.settings);
}

/** The keys of `settings` that the file doesn't hold; a model that the user chose counts as held. */
export function missing({ apiKeyHelper, env }: TokenSettings, settings: ClaudeCodeSettings): readonly string[] {
  return [
    ...(apiKeyHelper === settings.apiKeyHelper ? [] : ['apiKeyHelper']),
    ...Object.entries(settings.env)
      .filter(([name, value]) => (MODELS.test(name) ? !Object.hasOwn(env, name) : env[name] !== value))
      .map(([name]) => `env.${name}`),
  ];
}

const ADDRESSES = ['ANTHROPIC_FOUNDRY_BASE_URL', 'ANTHROPIC_FOUNDRY_RESOURCE'];

/** The text with all of `settings` in it, in place of an earlier address; a text that has them doesn't change. */
export function withSettings(path: string, given: string, settings: ClaudeCodeSettings): string {
  const earlier = parseClaudeCodeFile(path, given);
  const text = isOurHelper(earlier.apiKeyHelper, settings.apiKeyHelper)
    ? ADDRESSES.filter((name) => Object.hasOwn(earlier.env, name) && !Object.hasOwn(settings.env, name)).reduce(
        (rest, name) => edit(rest, ['env', name], undefined),
        given,
      )
    : given;
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

/** The text without what `withSettings` wrote; a model that isn't one of `models` is the user's and stays. */
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
  // A key added at the end would have the one before it reformatted.
  const place = path.length === 1 ? { getInsertionIndex: () => 0 } : {};
  return applyEdits(text, modify(text, path, value, { formattingOptions, ...place }));
}
