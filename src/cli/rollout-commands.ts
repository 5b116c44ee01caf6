// `config validate`, `export` and `init`, loaded when they are used: property lists bring an XML parser with them.
import { type Command, Option } from 'commander';
import type { ExportOptions } from './commands/config-export.ts';

const PROVIDERS = ['foundry', 'gateway'] as const;

export function addRolloutCommands(config: Command): void {
  config
    .command('validate')
    .description("check the settings, or files for them and for Claude Desktop's: exit 1 when something is wrong")
    .argument(
      '[file...]',
      'config.json, .mobileconfig, .plist, .reg, managed-settings.json (default: what is in force)',
    )
    .option('--json', 'print JSON for scripts')
    .action(async (files: string[], options: { readonly json?: boolean }) => {
      const { configValidate } = await import('./commands/config-validate.ts');
      await configValidate(files, options);
    });
  config
    .command('init')
    .description('ask for the settings and write them to your config.json')
    .action(async () => {
      const { configInit } = await import('./commands/config-init.ts');
      await configInit();
    });
  config
    .command('export')
    .description('write managed settings for this program and Claude Desktop, for all platforms')
    .argument('<folder>', 'is made where it is missing')
    .addOption(new Option('--provider <provider>', "Claude Desktop's provider").choices(PROVIDERS).default('foundry'))
    .option('--gateway-url <url>', 'address for --provider gateway (default: the resource, public cloud)')
    .option('--answers <file>', 'JSON like config.json, wins over the configuration')
    .option('--set <key=value>', 'one setting, wins over all; may be repeated', append)
    .option('--helper-macos <path>', 'where the binary stands on macOS')
    .option('--helper-windows <path>', 'where the binary stands on Windows')
    .option('--helper-linux <path>', 'where the binary stands on Linux')
    .option('--force', 'replace existing files')
    .option('--json', 'print JSON for scripts')
    .action(async (folder: string, options: ExportOptions) => {
      const { configExport } = await import('./commands/config-export.ts');
      await configExport(folder, options);
    });
}

const append = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];
