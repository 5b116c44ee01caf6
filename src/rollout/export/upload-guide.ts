import { SYSTEMS } from '../../core/system.ts';
import type { ExportFile } from './export-file.ts';
import type { RolloutOptions } from './rollout-settings.ts';

const SYSTEM_NAMES = { macos: 'macOS', windows: 'Windows', linux: 'Linux' } as const;

/** README.md of the exported folder. */
export function writeUploadGuide(files: readonly ExportFile[], { provider, helperPaths }: RolloutOptions): string {
  const sections = SYSTEMS.map((platform) => {
    const rows = files
      .filter(({ path }) => path.startsWith(`${platform}/`))
      .map(({ path, upload }) => `| \`${path}\` | ${upload} |`);
    return [
      `## ${SYSTEM_NAMES[platform]}`,
      `The binary must stand at \`${helperPaths[platform]}\`.`,
      ['| file | where it goes |', '|---|---|', ...rows].join('\n'),
    ].join('\n\n');
  });
  return `${[
    '# Rollout of foundry-credential-helper and Claude Desktop',
    "Made by `foundry-credential-helper config export`. Each system needs both programs' settings, each in one form: choose one file a program.",
    ...sections,
    '## Then',
    'Quit Claude Desktop fully and start it again: it reads its settings once, at start. Check any file with `foundry-credential-helper config validate FILE`.',
    provider === 'foundry' ? FOUNDRY_NOTE : GATEWAY_NOTE,
  ].join('\n\n')}\n`;
}

const FOUNDRY_NOTE =
  'Which header Claude Desktop uses for a helper\'s value with its `foundry` provider is not documented. Try this on one computer first. Where Foundry answers 401 "invalid subscription key", export again with `--provider gateway`, whose header is documented as `Authorization: Bearer`.';

const GATEWAY_NOTE =
  'Claude Desktop is told that it talks to a gateway, at the address of the Foundry resource. The header is then documented as `Authorization: Bearer`; what Claude Desktop adapts for Foundry in particular does not apply.';
