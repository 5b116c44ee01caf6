import { MANAGED_SETTINGS_FILES, userSettingsFile } from '../../claude-code/places.ts';
import { type ClaudeCodeSettings, claudeCodeSettings, modelSettings, RIVALS } from '../../claude-code/settings.ts';
import {
  conflicts,
  isOurHelper,
  missing,
  parseClaudeCodeFile,
  present,
  withoutSettings,
  withSettings,
} from '../../claude-code/settings-file.ts';
import { readClaudeCodeFile, writeClaudeCodeFile } from '../../claude-code/user-file.ts';
import type { Values } from '../../config/configuration.ts';
import { openSystemConfiguration } from '../../config/load.ts';
import type { Resolution } from '../../config/resolve.ts';
import { AppError, errorToRecord, toAppError } from '../../core/errors.ts';
import { systemOf } from '../../core/system.ts';
import { productPaths } from '../../platform/paths.ts';
import { selfCommand } from '../../platform/self-command.ts';
import { note, print, printJson, printTable } from '../terminal.ts';

export interface ConfigureOptions {
  readonly baseUrl?: string;
  readonly force?: boolean;
}

/** What somebody finds who looks why Claude Code does, or does not, take its tokens from here. */
interface ClaudeCodeStatus {
  readonly file: string;
  readonly state: 'configured' | 'incomplete' | 'not-configured';
  readonly missing: readonly string[];
  /** Keys of the user's file that stand in the way. */
  readonly conflicts: readonly string[];
  readonly managedFile: string;
  /** Keys that the organization sets, and that so outrank the user's file. */
  readonly managed: readonly string[];
  /** Variables of this environment that outrank the helper. */
  readonly environment: readonly string[];
  readonly problem?: ReturnType<typeof errorToRecord>;
}

/**
 * Has Claude Code of this user take its tokens from this program.
 * @throws AppError ERR_CONFIG_UNREADABLE for a file that is not JSON, ERR_CLAUDE_CODE_CONFLICT naming the keys in the
 * way, ERR_CONFIG_*, ERR_USAGE, ERR_FILE_UNWRITABLE; nothing is written then
 */
export async function claudeCodeConfigure(options: ConfigureOptions): Promise<void> {
  if (options.baseUrl !== undefined && URL.parse(options.baseUrl)?.protocol !== 'https:') {
    throw new AppError('ERR_USAGE', { detail: '--base-url must be an https:// URL' });
  }
  const path = userSettingsFile();
  const text = readClaudeCodeFile(path);
  const content = parseClaudeCodeFile(path, text);
  const settings = settingsFor(await configured(), options.baseUrl);
  const inTheWay = conflicts(content, settings);
  // Another helper can be replaced. A key or token that somebody put there is theirs to take out.
  const fatal = options.force === true ? inTheWay.filter((key) => key !== 'apiKeyHelper') : inTheWay;
  if (fatal.length > 0) throw new AppError('ERR_CLAUDE_CODE_CONFLICT', { detail: `${fatal.join(', ')} in ${path}` });
  change(path, text, withSettings(path, text, settings), 'Claude Code now takes its tokens from here.');
  for (const line of obstacles(await inspect(settings))) note(`warning: ${line}`);
}

/** Takes out of the user's file what `configure` put there. @throws AppError ERR_CONFIG_UNREADABLE, ERR_FILE_UNWRITABLE */
export async function claudeCodeRemove(): Promise<void> {
  const path = userSettingsFile();
  const text = readClaudeCodeFile(path);
  const edited = withoutSettings(path, text, modelSettings(await configured()));
  change(path, text, edited, 'Claude Code no longer takes its tokens from here.');
}

/** Exit 0 where Claude Code takes its tokens from here, 3 where it does not. */
export async function claudeCodeStatus({ json }: { readonly json?: boolean }): Promise<void> {
  const found = await inspect();
  if (json === true) printJson(found);
  else {
    printTable([
      ['Settings', found.file],
      ['State', stateText(found)],
      [
        'Managed settings',
        found.managed.length === 0 ? `none of these keys (${found.managedFile})` : found.managedFile,
      ],
    ]);
    for (const line of obstacles(found)) print(`! ${line}`);
  }
  if (found.state !== 'configured' || found.conflicts.length > 0 || found.problem !== undefined) process.exitCode = 3;
}

async function inspect(expected?: ClaudeCodeSettings): Promise<ClaudeCodeStatus> {
  const file = userSettingsFile();
  const managedFile = MANAGED_SETTINGS_FILES[systemOf(process.platform)];
  const environment = RIVALS.filter((name) => process.env[name] !== undefined);
  const nothing = { file, managedFile, environment, missing: [], conflicts: [], managed: [] };
  try {
    const content = parseClaudeCodeFile(file, readClaudeCodeFile(file));
    const baseUrl = content.env['ANTHROPIC_FOUNDRY_BASE_URL'];
    const settings = expected ?? settingsFor(await configured(), baseUrl);
    const managed = parseClaudeCodeFile(managedFile, readClaudeCodeFile(managedFile));
    const absent = missing(content, settings);
    return {
      ...nothing,
      state: absent.length === 0 ? 'configured' : isOurHelper(content.apiKeyHelper) ? 'incomplete' : 'not-configured',
      missing: absent,
      conflicts: conflicts(content, settings),
      managed: present(managed, [...Object.keys(settings.env), ...RIVALS]),
    };
  } catch (thrown) {
    return { ...nothing, state: 'not-configured', problem: errorToRecord(toAppError(thrown)) };
  }
}

function stateText({ state, missing: keys }: ClaudeCodeStatus): string {
  if (state === 'configured') return 'takes its tokens from here';
  return state === 'incomplete' ? `incomplete: ${keys.join(', ')}` : 'does not take its tokens from here';
}

function obstacles({ conflicts: keys, managed, managedFile, environment, file, problem }: ClaudeCodeStatus): string[] {
  return [
    ...(problem === undefined ? [] : [new AppError(problem.code, { detail: problem.detail }).message]),
    ...(keys.length === 0 ? [] : [`${keys.join(', ')} in ${file} keep Claude Code from asking here`]),
    ...(managed.length === 0 ? [] : [`${managedFile} overrides ${managed.join(', ')}`]),
    ...(environment.length === 0 ? [] : [`${environment.join(', ')} in this environment outrank the helper`]),
  ];
}

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

function settingsFor(values: Values, baseUrl: string | undefined): ClaudeCodeSettings {
  const { command, args } = selfCommand([]);
  return claudeCodeSettings(values, {
    command: [command, ...args],
    isWindows: process.platform === 'win32',
    ...(baseUrl === undefined ? {} : { baseUrl }),
  });
}

async function configured(): Promise<Values> {
  const resolution: Resolution = (await openSystemConfiguration(process.env, productPaths())).current();
  const { credential, cloud, foundryResource, models } = resolution.settings;
  for (const { problem } of [credential, cloud, foundryResource, models]) if (problem !== undefined) throw problem;
  return {
    credential: credential.value,
    cloud: cloud.value,
    foundryResource: foundryResource.value,
    models: models.value,
  };
}
