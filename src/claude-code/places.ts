// Where Claude Code reads settings.
// https://code.claude.com/docs/en/settings and https://code.claude.com/docs/en/managed-settings
import { join } from 'node:path';
import type { System } from '../core/system.ts';
import { userHome } from '../platform/user-home.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's own folder. Claude Code takes an empty CLAUDE_CONFIG_DIR for the folder that it's started in. */
export function userFolder(env: Environment = process.env, home: string = userHome()): string {
  return env['CLAUDE_CONFIG_DIR'] ?? join(home, '.claude');
}

export function userSettingsFile(env: Environment = process.env, home: string = userHome()): string {
  return join(userFolder(env, home), 'settings.json');
}

/** Claude Code's own state, whose "env" counts as settings below the user's; the first one that exists. */
export function stateFiles(env: Environment, home: string): readonly string[] {
  return [join(userFolder(env, home), '.config.json'), join(env['CLAUDE_CONFIG_DIR'] || home, '.claude.json')];
}

/** Folders of managed settings. Windows has its own on C: whatever %ProgramFiles% says. */
export const MANAGED_FOLDERS: Readonly<Record<System, string>> = {
  macos: '/Library/Application Support/ClaudeCode',
  windows: 'C:\\Program Files\\ClaudeCode',
  linux: '/etc/claude-code',
};

/** Its files are merged over the managed file, in the order of their names. */
export const DROP_IN_FOLDER = 'managed-settings.d';

/** This program's own file in that folder, so the organization's managed settings don't have to be edited. */
export const DROP_IN = '50-foundry-credential-helper.json';

/** macOS: the preference domain of a configuration profile. Its keys are those of a settings.json, as native types. */
export const MDM_DOMAIN = 'com.anthropic.claudecode';

/** Windows: below HKEY_LOCAL_MACHINE; the value is REG_SZ and holds a whole settings.json as text. */
export const MDM_REGISTRY_KEY = 'SOFTWARE\\Policies\\ClaudeCode';
export const MDM_REGISTRY_VALUE = 'Settings';
