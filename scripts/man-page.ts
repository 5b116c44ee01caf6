// Writes the man page, foundry-credential-helper(1), from the command line's own tables. Uses mdoc(7), which both groff
// and mandoc read. Packages for man pages (marked-man, ronn) start from Markdown, which the project would have to write
// first.

import { type CommandNode, commandTree } from '../src/cli/completion/command-tree.ts';
import { examples } from '../src/cli/examples.ts';
import { program } from '../src/cli/run-cli.ts';
import { configurationKeys, definitionOf } from '../src/config/keys.ts';
import { MANAGED_PREFERENCES, places } from '../src/config/places.ts';
import { productPaths } from '../src/platform/paths.ts';
import { EXIT_MEANINGS } from './exit-meanings.ts';

const NAME = 'foundry-credential-helper';

/** The page's text. The same sources make the same bytes. */
export function manPage(): string {
  const [root, ...commands] = commandTree(program());
  if (root === undefined) throw new Error("there's no program");
  return [
    '.\\" Made by "npm run docs" from the command line itself.',
    '.Dd November 22, 2026',
    '.Dt FOUNDRY-CREDENTIAL-HELPER 1',
    '.Os',
    '.Sh NAME',
    `.Nm ${plain(NAME)}`,
    '.Nd Entra sign-in and fresh Microsoft Foundry tokens for Claude Desktop',
    '.Sh SYNOPSIS',
    '.Nm',
    '.Nm',
    '.Ar command',
    '.Op Ar argument ...',
    '.Sh DESCRIPTION',
    'Without arguments',
    '.Nm',
    'is what Claude Desktop runs as its',
    '.Em inferenceCredentialHelper :',
    'it prints one fresh token for Microsoft Foundry and exits 0, or prints nothing, says why on standard error and',
    'exits with another code.',
    'A resident agent of the same program keeps the sign-in in the keystore of the system and refreshes ahead of need.',
    '.Pp',
    'Options of the program itself:',
    ...optionList(root),
    '.Sh COMMANDS',
    '.Bl -tag -width Ds',
    ...commands.flatMap(commandItem),
    '.El',
    '.Sh ENVIRONMENT',
    '.Bl -tag -width Ds',
    ...environmentItems(),
    '.El',
    '.Sh FILES',
    '.Bl -tag -width Ds -compact',
    ...fileItems(),
    '.El',
    '.Sh EXIT STATUS',
    '.Bl -tag -width Ds -compact',
    ...Object.entries(EXIT_MEANINGS).flatMap(([code, meaning]) => [`.It ${code}`, plain(meaning)]),
    '.El',
    '.Sh EXAMPLES',
    '.Bd -literal -compact',
    ...[root, ...commands].flatMap(({ path }) => exampleLines(path.join(' '))),
    '.Ed',
    '.Sh SEE ALSO',
    '.Xr secret-tool 1 ,',
    '.Xr systemctl 1',
    '',
  ].join('\n');
}

function commandItem(node: CommandNode): readonly string[] {
  const args = node.command.registeredArguments.map((argument) => {
    const name = `.Ar ${plain(argument.name())}${argument.variadic ? ' ...' : ''}`;
    return argument.required ? name : `.Op ${name.slice(1)}`;
  });
  return [
    `.It Xo`,
    `.Cm ${plain(node.path.join(' '))}`,
    ...args,
    '.Xc',
    sentence(node.command.description()),
    ...optionList(node),
  ];
}

function optionList({ options }: CommandNode): readonly string[] {
  const own = options.filter(({ flags }) => !flags.includes('--help'));
  if (own.length === 0) return [];
  return [
    '.Bl -tag -width Ds -compact',
    ...own.flatMap(({ flags, value, valueName, description }) => {
      const [long = '', short] = flags;
      const names = [long, ...(short === undefined ? [] : [short])]
        .map((flag) => `Fl ${plain(flag.slice(1))}`)
        .join(' , ');
      const name = Array.isArray(value) ? value.join(' | ') : valueName;
      const argument = value === 'none' ? '' : ` Ar ${plain(name)}`;
      return [`.It ${names}${argument}`, sentence(description)];
    }),
    '.El',
  ];
}

function environmentItems(): readonly string[] {
  const fixed = [
    ['CLAUDE_HELPER_CONTEXT', 'Why Claude Desktop runs the helper; decides whether the user may be asked.'],
    ['FOUNDRY_CREDENTIAL_HELPER_CONFIG', 'Another file in place of config.json.'],
    ['NO_COLOR', 'No colors, whatever it is set to.'],
  ] as const;
  const keys = configurationKeys.flatMap((key) => {
    const names = (definitionOf(key).environment ?? []).filter((name) => name === name.toUpperCase());
    return names.map(
      (name) => [name, `Used for "${key}" if no file sets it. ${definitionOf(key).description}`] as const,
    );
  });
  // Each sentence starts on a new line, so that roff spaces it.
  return [...fixed, ...keys].flatMap(([name, text]) => [`.It Ev ${name}`, ...text.split(/(?<=\.) /).map(plain)]);
}

/** For both systems on which the page is installed. */
function fileItems(): readonly string[] {
  const env = { HOME: '~' };
  const linux = productPaths(env, 'linux');
  const mac = productPaths(env, 'darwin');
  const files = [
    ['what the organization sets', places.own.file, `${MANAGED_PREFERENCES}/${places.own.domain}.plist`],
    ['the settings of the user', `${linux.config}/config.json`, `${mac.config}/config.json`],
    ['what the agent remembers; no secrets', `${linux.state}/agent.json`, `${mac.state}/agent.json`],
    ['which keystore entries there are; no secrets', `${linux.state}/keystore.json`, `${mac.state}/keystore.json`],
    ['the log', `${linux.log}/agent.log`, `${mac.log}/agent.log`],
  ] as const;
  return files.flatMap(([meaning, onLinux, onMac]) => [
    `.It Pa "${plain(onLinux)}"`,
    `${meaning}, on Linux`,
    `.It Pa "${plain(onMac)}"`,
    'the same on macOS',
  ]);
}

function exampleLines(path: string): readonly string[] {
  return (examples[path] ?? []).map(({ line, does }) => `$ ${plain(`${NAME} ${line}`)}   # ${plain(does)}`);
}

/** roff interprets backslashes everywhere, and dots and apostrophes at the start of a line. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}

function sentence(text: string): string {
  const start = plain(text.charAt(0).toUpperCase() + text.slice(1));
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
