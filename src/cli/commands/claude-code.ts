import type { Culprit, Expected } from '../../claude-code/culprits.ts';
import { parseDocument } from '../../claude-code/document.ts';
import { isOurHelper } from '../../claude-code/helper-command.ts';
import { readInForce, surroundings } from '../../claude-code/in-force.ts';
import { userSettingsFile } from '../../claude-code/places.ts';
import { type ClaudeCodeSettings, claudeCodeSettings, modelSettings } from '../../claude-code/settings.ts';
import { parseClaudeCodeFile, withoutSettings, withSettings } from '../../claude-code/settings-file.ts';
import { readClaudeCodeFile, writeClaudeCodeFile } from '../../claude-code/user-file.ts';
import { culpritText, judge, type Verdict } from '../../claude-code/verdict.ts';
import { baseUrlOf } from '../../config/base-url.ts';
import type { Values } from '../../config/configuration.ts';
import { openSystemConfiguration } from '../../config/load.ts';
import { AppError, errorToRecord, toAppError } from '../../core/errors.ts';
import { productPaths } from '../../platform/paths.ts';
import { selfCommand } from '../../platform/self-command.ts';
import { note, print, printJson, printTable } from '../terminal.ts';

export interface ConfigureOptions {
  readonly baseUrl?: string;
  readonly force?: boolean;
}

interface ClaudeCodeStatus extends Verdict {
  /** The user's own settings. */
  readonly file: string;
  /** A setting of this program itself that prevents it from giving Claude Code a token. */
  readonly problem?: ReturnType<typeof errorToRecord>;
}

/**
 * Has Claude Code take its tokens from this program by the user's settings, unless managed settings do that already.
 * @throws AppError ERR_CLIENT_SETTINGS_UNREADABLE for a file that Claude Code refuses, ERR_CLAUDE_CODE_CONFLICT naming
 * the culprits that would remain, ERR_CONFIG_*, ERR_USAGE, ERR_FILE_UNWRITABLE; nothing is written then
 */
export async function claudeCodeConfigure({ baseUrl, force = false }: ConfigureOptions): Promise<void> {
  if (baseUrl !== undefined && URL.parse(baseUrl)?.protocol !== 'https:') {
    throw new AppError('ERR_USAGE', { detail: '--base-url must be an https:// URL' });
  }
  const path = userSettingsFile();
  const text = readClaudeCodeFile(path);
  const content = parseClaudeCodeFile(path, text);
  const values = await configured();
  const settings = settingsFor(values, baseUrl);
  const expected = expectedOf(values, settings, baseUrl);
  const around = await surroundings();
  const before = judge(readInForce(around, { everywhere: true }), expected);
  if (before.state === 'works' && before.source?.kind === 'managed') {
    print(`Claude Code already takes its tokens from this program: ${before.source.location}. Nothing to change.`);
    return;
  }
  // Another helper may be replaced. A key or token is the user's own to take out.
  if (content.apiKeyHelper !== undefined && !force && !isOurHelper(content.apiKeyHelper, settings.apiKeyHelper)) {
    throw conflict([{ key: 'apiKeyHelper', location: path, reason: 'runs a different program' }]);
  }
  const edited = withSettings(path, text, settings);
  const remaining = judge(readInForce(around, { everywhere: true, user: parseDocument(edited) }), expected);
  if (isBlocked(remaining)) throw conflict([...remaining.conflicts, ...remaining.missing]);
  change(path, text, edited, 'Claude Code now takes its tokens from this program.');
  verify(path, edited);
  // Of the folder that this runs in, too.
  for (const line of linesOf(judge(readInForce(around), expected))) note(`warning: ${line}`);
}

/**
 * Takes out of the user's file what `configure` put there.
 * @throws AppError ERR_CLIENT_SETTINGS_UNREADABLE, ERR_FILE_UNWRITABLE
 */
export async function claudeCodeRemove(): Promise<void> {
  const path = userSettingsFile();
  const text = readClaudeCodeFile(path);
  const edited = withoutSettings(path, text, modelSettings(await configured()));
  change(path, text, edited, 'Claude Code no longer takes its tokens from this program.');
}

/** Exit 0 if Claude Code takes its tokens from this program, 3 if it doesn't or if that can't be judged. */
export async function claudeCodeStatus({ json = false }: { readonly json?: boolean }): Promise<void> {
  const status = await inspect();
  if (json) printJson(status);
  else {
    printTable([
      ['State', STATES[status.state]],
      ['Set in', status.source && sourceText(status.source)],
      ['Your settings', status.file],
    ]);
    for (const line of linesOf(status)) print(`! ${line}`);
  }
  if (status.state !== 'works' || status.problem !== undefined) process.exitCode = 3;
}

const STATES: Readonly<Record<Verdict['state'], string>> = {
  works: 'takes its tokens from this program',
  conflict: "doesn't take its tokens from this program: the settings conflict",
  incomplete: "doesn't take its tokens from this program: settings are missing",
  'not-configured': "doesn't take its tokens from this program",
  unclear: "can't be judged",
};

const sourceText = ({ kind, location }: NonNullable<Verdict['source']>): string =>
  kind === 'managed' ? `${location} (managed settings)` : location;

function linesOf({ conflicts, missing, warnings, problem }: Verdict & Pick<ClaudeCodeStatus, 'problem'>): string[] {
  return [
    ...(problem === undefined ? [] : [new AppError(problem.code, { detail: problem.detail }).message]),
    ...[...conflicts, ...missing, ...warnings].map(culpritText),
  ];
}

async function inspect(): Promise<ClaudeCodeStatus> {
  const file = userSettingsFile();
  const inForce = readInForce(await surroundings());
  try {
    const values = await configured();
    return { file, ...judge(inForce, expectedFor(values)) };
  } catch (thrown) {
    return { file, ...judge(inForce, {}), problem: errorToRecord(toAppError(thrown)) };
  }
}

/** @throws AppError ERR_CONFIG_INVALID with an API key */
function expectedFor(values: Values): Expected {
  // A missing address isn't a problem here: the tokens are the same for all.
  const placeholder = baseUrlOf(values) === undefined ? 'https://unknown.invalid' : undefined;
  const settings = settingsFor(values, placeholder);
  return expectedOf(values, settings, undefined);
}

const expectedOf = (values: Values, settings: ClaudeCodeSettings, baseUrl: string | undefined): Expected => ({
  baseUrl: baseUrl ?? baseUrlOf(values),
  apiKeyHelper: settings.apiKeyHelper,
  models: modelSettings(values),
  scopes: scopesOf(values),
});

const scopesOf = ({ scope, allowedResources = [] }: Values): readonly string[] => [
  ...(scope === undefined ? [] : [scope]),
  ...allowedResources,
];

/** What a program decides can't be judged; the user's settings may still be written. */
const isBlocked = ({ state, conflicts, missing }: Verdict): boolean =>
  state === 'unclear' ? conflicts.length + missing.length > 0 : state !== 'works';

const conflict = (culprits: readonly Culprit[]): AppError =>
  new AppError('ERR_CLAUDE_CODE_CONFLICT', { detail: culprits.map(culpritText).join('; ') });

function change(path: string, before: string, after: string, done: string): void {
  if (after === before) {
    print(`Nothing to change in ${path}.`);
    return;
  }
  const backup = writeClaudeCodeFile(path, after);
  print(done);
  print(`  changed: ${path}`);
  if (backup !== undefined) print(`  as it was: ${backup}`);
}

/** @throws AppError ERR_FILE_UNWRITABLE if the file doesn't hold what was written */
function verify(path: string, expected: string): void {
  if (readClaudeCodeFile(path) === expected) return;
  throw new AppError('ERR_FILE_UNWRITABLE', { detail: `${path} doesn't hold what was written to it` });
}

function settingsFor(values: Values, baseUrl: string | undefined): ClaudeCodeSettings {
  const { command, args } = selfCommand([]);
  return claudeCodeSettings(values, {
    command: [command, ...args],
    isWindows: process.platform === 'win32',
    baseUrl,
  });
}

async function configured(): Promise<Values> {
  const { settings } = (await openSystemConfiguration(process.env, productPaths())).current();
  const keys = ['credential', 'cloud', 'foundryResource', 'baseUrl', 'models', 'scope', 'allowedResources'] as const;
  const problem = keys.map((key) => settings[key].problem).find((found) => found !== undefined);
  if (problem !== undefined) throw problem;
  return Object.fromEntries(keys.map((key) => [key, settings[key].value])) as Values;
}
