// Where Claude Code reads settings: https://code.claude.com/docs/en/settings#settings-files
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { System } from '../core/system.ts';

/** The user's own file; CLAUDE_CONFIG_DIR moves the folder. */
export function userSettingsFile(env: NodeJS.ProcessEnv = process.env): string {
  const folder = env['CLAUDE_CONFIG_DIR'];
  return join(folder === undefined || folder === '' ? join(homedir(), '.claude') : folder, 'settings.json');
}

/** What the organization sets; it outranks every other file. Windows has it on C: whatever %ProgramFiles% says. */
export const MANAGED_SETTINGS_FILES: Readonly<Record<System, string>> = {
  macos: '/Library/Application Support/ClaudeCode/managed-settings.json',
  windows: 'C:\\Program Files\\ClaudeCode\\managed-settings.json',
  linux: '/etc/claude-code/managed-settings.json',
};
