// Claude Desktop's own settings on this computer, for a pilot without device management.
import type { Command } from 'commander';

/** Adds `claude-desktop`. What its commands need is loaded when they are used. */
export function addDesktopCommands(root: Command): void {
  const desktop = root
    .command('claude-desktop')
    .description("your Claude Desktop's settings, for a pilot without device management");
  desktop
    .command('configure')
    .description('set up your Claude Desktop to take its tokens from here, using a local profile')
    .option('--force', 'apply this profile even if another one is applied; the other one is kept')
    .action(async (options: { readonly force?: boolean }) => {
      const { claudeDesktopConfigure } = await import('./commands/claude-desktop.ts');
      await claudeDesktopConfigure(options);
    });
  desktop
    .command('status')
    .description(
      'show what your Claude Desktop uses and whether it works: exit 0 if it takes its tokens from here, else 3',
    )
    .option('--json', 'print JSON for scripts')
    .action(async (options: { readonly json?: boolean }) => {
      const { claudeDesktopStatus } = await import('./commands/claude-desktop.ts');
      await claudeDesktopStatus(options);
    });
  desktop
    .command('remove')
    .description('undo "configure"')
    .action(async () => {
      const { claudeDesktopRemove } = await import('./commands/claude-desktop.ts');
      await claudeDesktopRemove();
    });
}
