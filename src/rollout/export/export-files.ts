// The files of a rollout. Each is checked by the linter of `config validate` before anybody gets to see it.

import { MANAGED_SETTINGS_FILES } from '../../claude-code/places.ts';
import { claudeCodeSettings } from '../../claude-code/settings.ts';
import type { Values } from '../../config/configuration.ts';
import { type Place, places, type Subject } from '../../config/places.ts';
import { AppError } from '../../core/errors.ts';
import { SYSTEMS, type System } from '../../core/system.ts';
import { writeRegistryFile } from '../../formats/registry-file.ts';
import { lintContent } from '../validate/lint.ts';
import { parseSettingsFile } from '../validate/read-file.ts';
import type { ExportFile } from './export-file.ts';
import { writePowerShell } from './powershell.ts';
import { writePlist, writeProfile } from './profile.ts';
import { asText, desktopSettings, ownSettings, type RolloutOptions, type Settings } from './rollout-settings.ts';
import { writeUploadGuide } from './upload-guide.ts';

const subjects: readonly Subject[] = ['claude-desktop', 'own'];

/**
 * The same answers give the same bytes.
 * @throws AppError ERR_CONFIG_INVALID where the linter finds fault, ERR_USAGE for options that contradict the answers
 */
export function exportFiles(values: Values, options: RolloutOptions): readonly ExportFile[] {
  assertWritable(asText(ownSettings(values, 'linux')));
  const organization = values.organizationName === undefined ? undefined : String(values.organizationName);
  const settings = (subject: Subject, platform: System): Settings =>
    subject === 'own' ? ownSettings(values, platform) : desktopSettings(values, options, platform);
  const files = subjects.flatMap((subject) => [
    ...macFiles(places[subject], asText(settings(subject, 'macos')), organization),
    ...windowsFiles(places[subject], asText(settings(subject, 'windows'))),
    linuxFile(places[subject], settings(subject, 'linux')),
  ]);
  for (const file of files) assertClean(file);
  const sorted = [...files, ...claudeCodeFiles(values, options)].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const guide = Buffer.from(writeUploadGuide(sorted, options));
  return [{ path: 'README.md', content: guide, upload: 'what goes where; for you' }, ...sorted];
}

/** XML 1.0, section 2.2: a profile cannot hold every text. U+FFFD is what a wrong encoding leaves behind. */
function assertWritable(settings: Readonly<Record<string, string>>): void {
  for (const [key, text] of Object.entries(settings)) {
    if (!/[\ufffd-\uffff\p{Surrogate}]/u.test(text)) continue;
    throw new AppError('ERR_CONFIG_INVALID', { detail: `"${key}" holds a character that a profile cannot hold` });
  }
}

const slug = (place: Place): string => (place === places.own ? 'foundry-credential-helper' : 'claude-desktop');

function macFiles(place: Place, settings: Readonly<Record<string, string>>, organization: string | undefined) {
  return [
    {
      path: `macos/${slug(place)}.mobileconfig`,
      content: Buffer.from(writeProfile(place, settings, organization)),
      upload:
        'Intune: Devices > macOS > Configuration > Create > Templates > Custom, deployment channel Device. Kandji, Mosyle, Workspace ONE and others: custom profile.',
    },
    {
      path: `macos/jamf/${place.domain}.plist`,
      content: Buffer.from(writePlist(settings)),
      upload: `Jamf Pro: Computers > Configuration Profiles > New > Application & Custom Settings > Upload, preference domain ${place.domain}, level Computer.`,
    },
  ];
}

function windowsFiles(place: Place, settings: Readonly<Record<string, string>>) {
  return [
    {
      path: `windows/${slug(place)}.reg`,
      content: writeRegistryFile(`HKEY_LOCAL_MACHINE\\${place.registryKey}`, settings),
      upload:
        'One computer: "reg import FILE /reg:64" as administrator. Group Policy: the same line in a computer startup script.',
    },
    {
      path: `windows/intune/set-${slug(place)}-policy.ps1`,
      content: Buffer.from(writePowerShell(place, settings)),
      upload:
        'Intune: Devices > Scripts and remediations > Platform scripts > Add, "Run this script using the logged on credentials": No.',
    },
  ];
}

function linuxFile(place: Place, settings: Settings): ExportFile {
  return {
    path: `linux/${slug(place)}/${place.file.split('/').at(-1) ?? ''}`,
    content: Buffer.from(`${JSON.stringify(settings, undefined, 2)}\n`),
    upload: `Copy to ${place.file}, owner root:root, mode 0644, its folder 0755.`,
  };
}

/** For all three systems, where Claude Code can have tokens at all. */
function claudeCodeFiles(values: Values, { helperPaths, gatewayUrl }: RolloutOptions): readonly ExportFile[] {
  if (!isForClaudeCode(values, gatewayUrl)) return [];
  return SYSTEMS.map((platform) => {
    const settings = claudeCodeSettings(values, {
      command: [helperPaths[platform]],
      isWindows: platform === 'windows',
      ...(gatewayUrl === undefined ? {} : { baseUrl: gatewayUrl }),
    });
    return {
      path: `${platform}/claude-code/managed-settings.json`,
      content: Buffer.from(`${JSON.stringify(settings, undefined, 2)}\n`),
      upload: `Where people use Claude Code: copy to ${MANAGED_SETTINGS_FILES[platform]}, or join it with what is there.`,
    };
  });
}

function isForClaudeCode({ credential, cloud }: Values, gatewayUrl: string | undefined): boolean {
  const isPublic = cloud === undefined || cloud === 'public';
  return credential !== 'api-key' && (isPublic || gatewayUrl !== undefined);
}

function assertClean({ path, content }: ExportFile): void {
  // A script holds the very values of the registry export beside it.
  if (path.endsWith('.ps1')) return;
  const [found] = lintContent(parseSettingsFile(path, content));
  if (found !== undefined) {
    throw new AppError('ERR_CONFIG_INVALID', { detail: `${path} would be wrong: "${found.key ?? ''}" ${found.rule}` });
  }
}
