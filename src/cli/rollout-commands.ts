import { type Command, Option } from 'commander';
import type { ExportOptions } from './commands/config-export.ts';
import type { ValidateOptions } from './commands/config-validate.ts';

/** Adds `validate`, `init`, and `export`, loaded only when one runs: property lists need an XML parser. */
export function addRolloutCommands(config: Command): void {
  config
    .command('validate')
    .description(
      "check this computer's settings, or files with settings for this program or Claude Desktop (exits 1 if something is wrong)",
    )
    .argument(
      '[file...]',
      'config.json, .mobileconfig, .plist, .reg, managed-settings.json (default: the settings in force)',
    )
    .option('--desktop-version <version>', 'check the settings against this version of Claude Desktop')
    .option('--json', 'print JSON for scripts')
    .action(async (files: string[], options: ValidateOptions) =>
      (await import('./commands/config-validate.ts')).configValidate(files, options),
    );
  config
    .command('init')
    .description('ask for the settings and write them to your config.json')
    .action(async () => (await import('./commands/config-init.ts')).configInit());
  config
    .command('export')
    .description('write managed settings for this program, Claude Desktop, and Claude Code, for all systems')
    .argument('<folder>', "created if it doesn't exist")
    .addOption(
      new Option(
        '--provider <provider>',
        'fail unless Claude Desktop\'s provider is this one; "credential" decides: gateway for Entra, foundry for an API key',
      ).choices(['gateway', 'foundry']),
    )
    .option('--answers <file>', 'JSON like config.json; overrides the configuration')
    .option('--set <key=value>', 'one setting; overrides everything else; may be repeated', append)
    .option('--helper-macos <path>', 'where the program is installed on macOS')
    .option('--helper-windows <path>', 'where the program is installed on Windows')
    .option('--helper-linux <path>', 'where the program is installed on Linux')
    .option('--force', 'replace existing files')
    .option('--json', 'print JSON for scripts')
    .action(async (folder: string, options: ExportOptions) =>
      (await import('./commands/config-export.ts')).configExport(folder, options),
    );
}

const append = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];
