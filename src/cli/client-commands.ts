import type { Command } from 'commander';
import { AppError } from '../core/errors.ts';
import type { ConfigureOptions } from './commands/claude-code.ts';
import { exec } from './commands/exec.ts';
import type { GitCredentialOptions } from './commands/git-credential.ts';
import type { HeadersOptions } from './commands/headers.ts';

export const RESOURCE_OPTION = [
  '--resource <resource>',
  'a resource of "allowedResources" (default: the configured "scope")',
] as const;

/** Adds `claude-code`, `exec`, `headers`, and `git-credential`, which provide tokens to programs other than Claude Desktop. */
export function addClientCommands(root: Command): void {
  root
    .command('exec')
    .description('run a command with a token endpoint for Azure SDKs (needs "allowTokenEndpoint")')
    .argument('<command...>', 'the command and its arguments, preferably after --')
    .passThroughOptions()
    .action((command: readonly string[]) => exec(command));
  root
    .command('headers')
    .description('print an HTTP header with a token as JSON, for "headersHelper" settings; never asks to sign in')
    .option(...RESOURCE_OPTION)
    .action(async (options: HeadersOptions) => (await import('./commands/headers.ts')).headers(options));
  root
    .command('git-credential')
    .description('answer Git as a credential helper, for one host and over https only')
    .argument('<operation>', 'what Git asks for: get; others do nothing')
    .requiredOption('--host <host>', 'the only host, with its port if it has one, that gets the token')
    .requiredOption(
      '--resource <resource>',
      'the resource of "allowedResources" that the server at that host takes tokens for',
    )
    .action(async (operation: string, options: GitCredentialOptions) =>
      (await import('./commands/git-credential.ts')).gitCredential(operation, options),
    );
  addClaudeCodeCommands(root.command('claude-code').description('set up Claude Code to get its tokens here'));
}

const USER =
  'change your own settings (the default); for managed settings, use "foundry-credential-helper config export FOLDER"';

/** What these commands need is loaded only when one runs. */
function addClaudeCodeCommands(claudeCode: Command): void {
  claudeCode
    .command('configure')
    .description('have Claude Code take its tokens from this program (~/.claude/settings.json, which is backed up)')
    .option('--user', USER)
    .option(
      '--base-url <url>',
      'use this address instead of the configured one: a private endpoint or gateway, with its path',
    )
    .option('--force', 'replace another "apiKeyHelper"')
    .action(async (options: ConfigureOptions) =>
      (await import('./commands/claude-code.ts')).claudeCodeConfigure(options),
    );
  claudeCode
    .command('remove')
    .description('undo "configure"; everything else in the file stays')
    .option('--user', USER)
    .action(async () => (await import('./commands/claude-code.ts')).claudeCodeRemove());
  claudeCode
    .command('status')
    .description('show whether Claude Code uses this program, and what overrides it (exit 0 if it does, 3 if not)')
    .option('--json', 'print JSON for scripts')
    .action(async (options: { readonly json?: boolean }) =>
      (await import('./commands/claude-code.ts')).claudeCodeStatus(options),
    );
  claudeCode
    .command('token')
    .description('print a token for Claude Code (a new one if the last was rejected)')
    // main.ts handles these words; here they're only for the help.
    .action(() => {
      throw new AppError('ERR_USAGE', { detail: '"foundry-credential-helper claude-code token" takes no arguments' });
    });
}
