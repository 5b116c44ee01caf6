import { desktopProfile } from '../../claude-desktop/desktop-profile.ts';
import type { Credential } from '../../claude-desktop/header.ts';
import type { Values } from '../../config/configuration.ts';
import { type Place, places } from '../../config/places.ts';
import { AppError } from '../../core/errors.ts';
import { SYSTEMS, type System } from '../../core/system.ts';
import { lintContent } from '../validate/lint.ts';
import { parseSettingsFile } from '../validate/read-file.ts';
import { claudeCodeFiles } from './claude-code-files.ts';
import type { ExportFile } from './export-file.ts';
import { headerScripts } from './header-scripts.ts';
import { macFiles } from './mac-files.ts';
import { REPLACED_DESKTOP_KEYS, type RegistryPolicy } from './registry-policy.ts';
import { asText, type HelperPaths, ownSettings, type Settings, type TextSettings } from './rollout-settings.ts';
import { writeUploadGuide } from './upload-guide.ts';
import { windowsFiles } from './windows-files.ts';

/** One of the two programs whose settings every rollout has. */
interface Program {
  readonly place: Place;
  readonly slug: string;
  readonly removes: RegistryPolicy['removes'];
  readonly settings: (system: System) => Settings;
}

/**
 * The files of a rollout, each checked by the linter of `config validate`. The same answers make the same bytes.
 * @throws AppError ERR_CONFIG_MISSING if the answers don't say which address to call, ERR_CONFIG_INVALID if a program
 * would reject a file
 */
export function exportFiles(values: Values, helperPaths: HelperPaths): readonly ExportFile[] {
  const both = programs(values, helperPaths);
  for (const { settings } of both) for (const system of SYSTEMS) assertWritable(asText(settings(system)));
  const files = both.flatMap((program) => filesOf(program, values.organizationName));
  for (const file of files) assertClean(file, values.credential ?? 'entra');
  // An API key is for Foundry only.
  const resources = values.credential === 'api-key' ? [] : (values.allowedResources ?? []);
  const others = [...claudeCodeFiles(values, helperPaths), ...headerScripts(resources, helperPaths)];
  const sorted = [...files, ...others].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const guide = Buffer.from(writeUploadGuide(sorted, values, helperPaths));
  return [{ path: 'README.md', content: guide, upload: 'What goes where; for you.' }, ...sorted];
}

const programs = (values: Values, helperPaths: HelperPaths): readonly Program[] => [
  {
    place: places['claude-desktop'],
    slug: 'claude-desktop',
    removes: REPLACED_DESKTOP_KEYS,
    settings: (system) => desktopProfile(values, { helperPath: helperPaths[system] }),
  },
  {
    place: places.own,
    slug: 'foundry-credential-helper',
    removes: 'everything-else',
    settings: (system) => ownSettings(values, system),
  },
];

function filesOf({ place, slug, removes, settings }: Program, organization: string | undefined): readonly ExportFile[] {
  const text = (system: System): TextSettings => asText(settings(system));
  return [
    ...macFiles({ ...place, slug }, text('macos'), organization),
    ...windowsFiles({ slug, program: place.program, key: place.registryKey, values: text('windows'), removes }),
    linuxFile(place, slug, settings('linux')),
  ];
}

/** XML 1.0, section 2.2: a profile can't hold every text. U+FFFD is what a wrong encoding leaves behind. */
function assertWritable(settings: TextSettings): void {
  for (const [key, text] of Object.entries(settings)) {
    if (!/[\p{Cc}\ufffd-\uffff\p{Surrogate}]/u.test(text)) continue;
    throw new AppError('ERR_CONFIG_INVALID', { detail: `"${key}" holds a character that a profile can't hold` });
  }
}

function linuxFile({ file }: Place, slug: string, settings: Settings): ExportFile {
  return {
    path: `linux/${slug}/${file.split('/').at(-1) ?? ''}`,
    content: Buffer.from(`${JSON.stringify(settings, undefined, 2)}\n`),
    upload: `Copy to ${file}, owner root:root, mode 0644; its folder has mode 0755.`,
  };
}

/** Warnings and notes don't stop an export: the file works. */
function assertClean({ path, content }: ExportFile, credential: Credential): void {
  // A script holds the values of the registry file next to it.
  if (path.endsWith('.ps1')) return;
  const error = lintContent(parseSettingsFile(path, content), { credential }).find(
    ({ severity }) => severity === 'error',
  );
  if (error === undefined) return;
  const place = [`"${error.key ?? ''}"`, ...(error.element === undefined ? [] : [error.element])].join(', ');
  throw new AppError('ERR_CONFIG_INVALID', {
    detail: `${path} would be wrong: ${place} ${error.rule}; ${error.remedy}`,
  });
}
