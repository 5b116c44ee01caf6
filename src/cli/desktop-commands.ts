import type { Command } from 'commander';

/** Adds `claude-desktop`. What its commands need is loaded only when one runs. */
export function addDesktopCommands(root: Command): void {
  const desktop = root
    .command('claude-desktop')
    .description('set up Claude Desktop on this computer, without device management');
  desktop
    .command('configure')
    .description('set up your Claude Desktop to take its tokens from here, using a local profile')
    .option('--force', 'apply this profile even if another one is applied; the other one is kept')
    .action(async (options: { readonly force?: boolean }) =>
      (await import('./commands/claude-desktop.ts')).claudeDesktopConfigure(options),
    );
  desktop
    .command('status')
    .description(
      'show what your Claude Desktop uses, and whether it works (exit 0 if it takes its tokens from here, 3 if not)',
    )
    .option('--json', 'print JSON for scripts')
    .action(async (options: { readonly json?: boolean }) =>
      (await import('./commands/claude-desktop.ts')).claudeDesktopStatus(options),
    );
  desktop
    .command('remove')
    .description('undo "configure"')
    .action(async () => (await import('./commands/claude-desktop.ts')).claudeDesktopRemove());
}
