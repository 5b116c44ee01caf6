// Commands that give tokens to other programs than Claude Desktop.
import type { Command } from 'commander';
import { AppError } from '../core/errors.ts';
import type { ConfigureOptions } from './commands/claude-code.ts';
import { exec } from './commands/exec.ts';

/** Adds `claude-code` and `exec`. */
export function addClientCommands(root: Command): void {
  root
    .command('exec')
    .description('run a command that finds tokens for Azure SDKs, for as long as it lives (needs "allowTokenEndpoint")')
    .argument('<command...>', 'what to run, with its arguments; best after --')
    .passThroughOptions()
    .action((command: readonly string[]) => exec(command));
  addClaudeCodeCommands(root.command('claude-code').description('tokens for Claude Code, by its "apiKeyHelper"'));
}

const USER = 'your own settings, as without it; "config export" writes the managed ones of a fleet';

/** Loaded when they are used, as all that reads files of a rollout. */
function addClaudeCodeCommands(claudeCode: Command): void {
  claudeCode
    .command('configure')
    .description('have your Claude Code take its tokens from here (~/.claude/settings.json, which is backed up)')
    .option('--user', USER)
    .option('--base-url <url>', "in place of the resource's own address: a private endpoint or gateway, with its path")
    .option('--force', 'replace another "apiKeyHelper"')
    .action(async (options: ConfigureOptions) => {
      const { claudeCodeConfigure } = await import('./commands/claude-code.ts');
      await claudeCodeConfigure(options);
    });
  claudeCode
    .command('remove')
    .description('take that out again; everything else in the file stays')
    .option('--user', USER)
    .action(async () => {
      const { claudeCodeRemove } = await import('./commands/claude-code.ts');
      await claudeCodeRemove();
    });
  claudeCode
    .command('status')
    .description('whether it does, and what overrides it: exit 0 if so, 3 if not')
    .option('--json', 'print JSON for scripts')
    .action(async (options: { readonly json?: boolean }) => {
      const { claudeCodeStatus } = await import('./commands/claude-code.ts');
      await claudeCodeStatus(options);
    });
  claudeCode
    .command('token')
    .description('what Claude Code runs: prints a token, another one when the last was rejected')
    // main.ts takes these words before they get here; they stand here for the help.
    .action(() => {
      throw new AppError('ERR_USAGE', { detail: '"claude-code token" takes no arguments' });
    });
}
