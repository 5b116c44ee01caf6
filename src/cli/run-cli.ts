import { Argument, Command, CommanderError, Option } from 'commander';
import { AppError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { SIGN_IN_METHODS } from '../core/sign-in-method.ts';
import { commit, version } from '../core/version.ts';
import { assertOwnHome } from '../platform/own-home.ts';
import { leaveSnap } from '../platform/snap.ts';
import { stopAndSay } from './agent-client.ts';
import { addClientCommands, RESOURCE_OPTION } from './client-commands.ts';
import { agentStart, agentStatus } from './commands/agent.ts';
import { agentInstall, agentUninstall } from './commands/agent-install.ts';
import { configShow } from './commands/config.ts';
import { addDoctorCommands } from './commands/doctor.ts';
import { type LoginOptions, login } from './commands/login.ts';
import { loginWithApiKey } from './commands/login-api-key.ts';
import { logout } from './commands/logout.ts';
import { mdmStatus } from './commands/mdm-status.ts';
import { status } from './commands/status.ts';
import { TOKEN_FORMATS, type TokenOptions, token } from './commands/token.ts';
import { casesOf } from './completion/cases.ts';
import { commandTree } from './completion/command-tree.ts';
import { completionScripts, SHELLS, type Shell } from './completion/scripts.ts';
import { addDesktopCommands } from './desktop-commands.ts';
import { examples } from './examples.ts';
import { addRolloutCommands } from './rollout-commands.ts';
import { print, printJson, reportFailure, writeLayout, writeMessageLayout } from './terminal.ts';

interface JsonOption {
  readonly json?: boolean;
}

/** Runs one command and sets the exit code: 2 for a wrong command line, otherwise the one in the error table. */
export async function runCli(argv: readonly string[]): Promise<void> {
  leaveSnap();
  try {
    await program().parseAsync([...argv], { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 2;
    else reportFailure(thrown);
  }
  // With NODE_CHANNEL_FD left over from another program's fork(), Node would close a descriptor twice and abort.
  if (process.channel !== undefined) process.exit();
}

const NAME = 'foundry-credential-helper';
const JSON_OPTION = ['--json', 'print JSON for scripts'] as const;

export function program(): Command {
  const root = new Command(NAME);
  root
    .description('Signs you in to Microsoft Entra ID once and hands Claude Desktop fresh Microsoft Foundry tokens.')
    .exitOverride()
    .enablePositionalOptions()
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      writeOut: writeLayout,
      writeErr: writeMessageLayout,
      outputError: (text) => writeMessageLayout(usageError(text)),
    })
    .showHelpAfterError('see "foundry-credential-helper --help"')
    .version(version, '-V, --version', 'print the version')
    .addHelpText('after', "\nWithout arguments, it prints one token on stdout. That's how Claude Desktop runs it.");
  addAccountCommands(root);
  addAgentCommands(root);
  addDesktopCommands(root);
  addClientCommands(root);
  addDoctorCommands(root);
  addOtherCommands(root);
  addExamples(root);
  root.hook('preAction', (_, command) => {
    if (!touchesNoHome(command)) assertOwnHome();
  });
  return root;
}

/** What root may run whosever home it is. */
function touchesNoHome(command: Command): boolean {
  const isForFiles = command.name() === 'validate' && command.args.length > 0;
  const isExplanation = command.name() === 'doctor' && command.opts()['explain'] !== undefined;
  return ['version', 'completion'].includes(command.name()) || isForFiles || isExplanation;
}

function addExamples(command: Command, path: readonly string[] = []): void {
  const lines = examples[path.join(' ')] ?? [];
  const width = Math.max(0, ...lines.map(({ line }) => line.length));
  const text = lines.map(({ line, does }) => `  ${NAME} ${line.padEnd(width)}  # ${does}\n`).join('');
  if (text !== '') command.addHelpText('after', `\nExamples:\n${text}`);
  for (const child of command.commands) addExamples(child, [...path, child.name()]);
}

function addAccountCommands(root: Command): void {
  root
    .command('login')
    .description('sign in; a page in the browser guides you through it')
    .option('--no-browser', 'only print the code and the address (the default over SSH)')
    .addOption(
      new Option('--method <method>', 'how to sign in this time (default: as configured)').choices(SIGN_IN_METHODS),
    )
    .addOption(
      new Option('--api-key', 'read an API key from standard input instead (if "credential" is "api-key")').conflicts([
        'method',
        'resource',
      ]),
    )
    .option('--resource <resource>', 'also do the step that Entra requires for this resource of "allowedResources"')
    .option(...JSON_OPTION)
    .action((options: LoginOptions & { readonly apiKey?: boolean }) =>
      options.apiKey === true ? loginWithApiKey(options) : login(options),
    );
  root
    .command('logout')
    .description('sign out: remove the sign-in, or the API key, from the keystore')
    .option(...JSON_OPTION)
    .action((options: JsonOption) => logout(options));
  root
    .command('status')
    .description("show who's signed in, and what the agent is doing")
    .option(...JSON_OPTION)
    .addOption(
      new Option(
        '--mdm',
        'print one word for device management, and the reason on stderr: exit 0, or 1 if an admin must act',
      ).conflicts(['json']),
    )
    .action((options: JsonOption & { readonly mdm?: boolean }) =>
      options.mdm === true ? mdmStatus() : status(options),
    );
  root
    .command('token')
    .description('print a token for scripts; never asks to sign in')
    .addOption(
      new Option('--format <format>', 'how to print it: bare, JSON, an HTTP header, or for a shell\'s "eval"')
        .choices(TOKEN_FORMATS)
        .default('bearer'),
    )
    .option('--json', 'the same as --format json: with expiry and account')
    .option(...RESOURCE_OPTION)
    .action((options: TokenOptions) => token(options));
}

function addAgentCommands(root: Command): void {
  const agent = root.command('agent').description('the background agent that keeps you signed in');
  agent
    .command('run')
    .description('run the agent in the foreground')
    // main.ts handles this word; here it's only for the help.
    .action(() => {
      throw new AppError('ERR_USAGE', { detail: '"foundry-credential-helper agent run" takes no arguments' });
    });
  agent
    .command('start')
    .description("start the agent in the background if it isn't running")
    .action(() => agentStart());
  agent
    .command('stop')
    .description('stop the agent; you stay signed in')
    .action(() => stopAndSay());
  agent
    .command('status')
    .description('show whether the agent is running (exit 0 if so, 6 if not), and what starts it when you log in')
    .option(...JSON_OPTION)
    .action((options: JsonOption) => agentStatus(options));
  agent
    .command('install')
    .description('start the agent now, and whenever you log in')
    .action(() => agentInstall());
  agent
    .command('uninstall')
    .description("stop the agent, and don't start it when you log in; you stay signed in")
    .option('--purge', 'also remove the sign-in, API keys, state, logs, and caches; your config.json stays')
    .action((options: { readonly purge?: boolean }) => agentUninstall(options));
}

function addOtherCommands(root: Command): void {
  const config = root.command('config').description('the settings and where they come from');
  config
    .command('show')
    .description('show each setting, its value, and where it comes from')
    .option(...JSON_OPTION)
    .action((options: JsonOption) => configShow(options));
  addRolloutCommands(config);
  root
    .command('completion')
    .description('print a shell completion script')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell) => writeLayout(completionScripts[shell](casesOf(commandTree(root)))));
  root
    .command('version')
    .description('print the version and what it was built from')
    .option(...JSON_OPTION)
    .action((options: JsonOption) => {
      const { version: runtime, platform, arch } = process;
      if (options.json === true) printJson({ name: NAME, release: version, commit, runtime, platform, arch });
      else print(`${NAME} ${version} (${commit}, Node ${process.versions.node}, ${platform}-${arch})`);
    });
}

/** What commander says, without values: a key or password typed by mistake would end up in a log. */
function usageError(text: string): string {
  const safe = text
    .replace(/^error: /, '')
    .replace(/(?<=^too many arguments .* but got \d+): [\s\S]*$/, '.\n')
    .replace(/(?<=^unknown option '--[\w-]+)=[\s\S]*'/, "=...'");
  // Commander's guess comes on its own line; everything else is one line, whatever was typed.
  const [, message = '', guess = ''] = /^([\s\S]*?)(\n\(Did you mean [^\n]*\))?\n?$/.exec(safe) ?? [];
  return `${NAME}: error[ERR_USAGE]: ${printable(message)}${guess}\n`;
}
