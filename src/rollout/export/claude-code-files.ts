// Claude Code's managed settings in every form that it reads: https://code.claude.com/docs/en/managed-settings
import { posix, win32 } from 'node:path';
import {
  DROP_IN,
  DROP_IN_FOLDER,
  MANAGED_FOLDERS,
  MDM_DOMAIN,
  MDM_REGISTRY_KEY,
  MDM_REGISTRY_VALUE,
} from '../../claude-code/places.ts';
import { type ManagedClaudeCodeSettings, managedClaudeCodeSettings } from '../../claude-code/settings.ts';
import type { Values } from '../../config/configuration.ts';
import { SYSTEMS, type System } from '../../core/system.ts';
import type { ExportFile } from './export-file.ts';
import { macFiles } from './mac-files.ts';
import type { HelperPaths } from './rollout-settings.ts';
import { windowsFiles } from './windows-files.ts';

const CLAUDE_CODE = { program: 'Claude Code', domain: MDM_DOMAIN, slug: 'claude-code' };

/** None with an API key: Claude Code would send it as a bearer, which Foundry refuses. */
export function claudeCodeFiles(values: Values, helperPaths: HelperPaths): readonly ExportFile[] {
  if (values.credential === 'api-key') return [];
  const settings = (system: System) =>
    managedClaudeCodeSettings(values, { command: [helperPaths[system]], isWindows: system === 'windows' });
  const { apiKeyHelper, env, parentSettingsBehavior } = settings('macos');
  return [
    ...SYSTEMS.map((system) => dropIn(system, settings(system))),
    ...macFiles(CLAUDE_CODE, { apiKeyHelper, env: { ...env }, parentSettingsBehavior }, values.organizationName),
    ...windowsFiles({
      slug: CLAUDE_CODE.slug,
      program: CLAUDE_CODE.program,
      key: MDM_REGISTRY_KEY,
      values: { [MDM_REGISTRY_VALUE]: JSON.stringify(settings('windows')) },
      removes: [],
    }),
  ];
}

function dropIn(system: System, settings: ManagedClaudeCodeSettings): ExportFile {
  const { join } = system === 'windows' ? win32 : posix;
  const place = join(MANAGED_FOLDERS[system], DROP_IN_FOLDER, DROP_IN);
  return {
    path: `${system}/claude-code/${DROP_IN_FOLDER}/${DROP_IN}`,
    content: Buffer.from(`${JSON.stringify(settings, undefined, 2)}\n`),
    upload: `Copy to ${place}. Claude Code merges it with the other files there, but ignores all files if it has settings by MDM.`,
  };
}
