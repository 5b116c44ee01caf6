import { baseUrlOf } from '../../config/base-url.ts';
import type { Values } from '../../config/configuration.ts';
import { SYSTEMS } from '../../core/system.ts';
import type { ExportFile } from './export-file.ts';
import { headerOf, providerOf } from './provider.ts';
import { type HelperPaths, usesBrowserOnMacs } from './rollout-settings.ts';

const SYSTEM_NAMES = { macos: 'macOS', windows: 'Windows', linux: 'Linux' } as const;

/** README.md of the exported folder. */
export function writeUploadGuide(files: readonly ExportFile[], values: Values, helperPaths: HelperPaths): string {
  const sections = SYSTEMS.map((system) => {
    const rows = files
      .filter(({ path }) => path.startsWith(`${system}/`))
      .map(({ path, upload }) => `| \`${path}\` | ${upload} |`);
    return [
      `## ${SYSTEM_NAMES[system]}`,
      `Install the program at \`${helperPaths[system]}\`.`,
      ['| file | where it goes |', '|---|---|', ...rows].join('\n'),
      ...(system === 'macos' && usesBrowserOnMacs(values) ? [MAC_BROKER_NOTE] : []),
      ...(system === 'windows' ? [REMOVAL_NOTE] : []),
    ].join('\n\n');
  });
  return `${[
    '# Rollout of foundry-credential-helper and Claude Desktop',
    '`foundry-credential-helper config export` made these files. On each system, both programs need their settings. Choose one form for each program.',
    ...sections,
    '## Claude Code',
    values.credential === 'api-key' ? NO_CLAUDE_CODE_NOTE : CLAUDE_CODE_NOTE,
    '## How Claude Desktop sends the credential',
    ...(providerOf(values) === 'gateway' ? gatewayNotes(values) : foundryNotes(values)),
    EVIDENCE_NOTE,
    '## Afterwards',
    'Claude Desktop reads its settings when it starts: quit it completely and start it again. To check a file, run `foundry-credential-helper config validate FILE`.',
  ].join('\n\n')}\n`;
}

const MAC_BROKER_NOTE =
  "The files for Macs have `signInMethod` `browser`, because this program doesn't use the broker of macOS. The files for Windows and Linux have `broker`.";

const REMOVAL_NOTE =
  "The registry files and the remediation scripts also remove what isn't set anymore: in foundry-credential-helper's key everything else; in Claude Desktop's key only the settings that an export writes for other answers, and other sources of a credential. If you set values of foundry-credential-helper's key by other means, such as Group Policy or the installer's properties, don't use these files for it.";

const CLAUDE_CODE_NOTE =
  'Only if people use Claude Code. The files tell it to take its tokens from foundry-credential-helper, and to keep the rules that Claude Desktop gives it (`parentSettingsBehavior`). Claude Code uses one managed source: if you already manage it by a profile or the registry, add these settings there; a second profile or the value `Settings` would replace yours. A file in `managed-settings.d` replaces nothing.';

const NO_CLAUDE_CODE_NOTE =
  'There are no files for Claude Code: with an API key it would send the key as `Authorization: Bearer`, which Foundry refuses. If you rolled some out earlier, remove them.';

const gatewayNotes = (values: Values): readonly string[] => [
  `Claude Desktop's provider is \`gateway\`: it sends the user's Entra token as \`${headerOf('gateway')}\` to \`${baseUrlOf(values) ?? ''}\`. With the provider \`foundry\` it would send the token as \`x-api-key\`, which Foundry refuses with 401 "invalid subscription key".`,
];

const foundryNotes = ({ baseUrl }: Values): readonly string[] => [
  `Claude Desktop's provider is \`foundry\`: it sends the API key as \`${headerOf('foundry')}\`, which Foundry accepts for a key.`,
  ...(baseUrl === undefined ? [] : [BASE_URL_NOTE]),
];

const BASE_URL_NOTE =
  "`inferenceFoundryBaseUrl` needs Claude Desktop 2.110.0 or later. Earlier versions don't know it and call the resource's own address; on Linux they're reported to ignore the whole file. Update Claude Desktop first.";

const EVIDENCE_NOTE =
  "This rests on the configuration schema and the client that Anthropic publishes, and on one public report. It hasn't been seen on a real Claude Desktop yet, so try one computer first.";
