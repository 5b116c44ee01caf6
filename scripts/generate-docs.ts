// Writes the files that are generated from tables in the code: reference pages and policy templates. `--check` only
// says whether any is out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findingCatalog } from '../src/claude-desktop/finding.ts';
import {
  type DesktopKey,
  type DesktopKeyName,
  desktopKey,
  desktopKeyNames,
  type RefusedForm,
} from '../src/claude-desktop/keys.ts';
import { casesOf } from '../src/cli/completion/cases.ts';
import { commandTree } from '../src/cli/completion/command-tree.ts';
import { completionScripts, SHELLS, type Shell } from '../src/cli/completion/scripts.ts';
import { program } from '../src/cli/run-cli.ts';
import { configurationKeys, definitionOf } from '../src/config/keys.ts';
import { places } from '../src/config/places.ts';
import { type ErrorCode, errorCatalog, exitCodeOf } from '../src/core/errors.ts';
import { type TlsFault, tlsFaults } from '../src/core/tls-fault.ts';
import { EXPLANATIONS, type Explanation, errorPage, OAUTH_ERRORS, SUBERRORS } from '../src/entra/replies/aadsts.ts';
import { HANDSHAKE_FAULTS, VERIFICATION_FAULTS } from '../src/entra/transport/openssl-fault.ts';
import { messagesIn } from '../src/sign-in-page/languages/messages.ts';
import { COMMAND_ENDS } from './command-ends.ts';
import { EXIT_MEANINGS } from './exit-meanings.ts';
import { manPage } from './man-page.ts';
import { administrativeTemplate } from './policy/admx.ts';
import { defaultText } from './policy/default-text.ts';
import { jsonSchema, SCHEMA_FILE } from './policy/json-schema.ts';
import { profileManifest } from './policy/profile-manifest.ts';
import { policyReference } from './policy/reference.ts';
import { removalDetection, removalFile, removalScript } from './policy/removal.ts';
import { requirementText } from './policy/requirement-text.ts';

const project = fileURLToPath(new URL('../', import.meta.url));

const POLICY = 'deploy/policy';

/** Named so that each shell finds them. */
export const COMPLETION_FILES: Readonly<Record<Shell, string>> = {
  bash: 'installers/completion/foundry-credential-helper',
  zsh: 'installers/completion/_foundry-credential-helper',
  fish: 'installers/completion/foundry-credential-helper.fish',
  powershell: 'installers/completion/foundry-credential-helper.ps1',
};

/** The generated files and what they must contain. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const { admx, adml } = administrativeTemplate();
  return {
    'docs/reference/errors.md': errorReference(),
    'docs/reference/configuration.md': configurationReference(),
    'docs/reference/findings.md': findingReference(),
    'docs/reference/claude-desktop-keys.md': desktopKeysReference(),
    'docs/reference/policy.md': policyPage(),
    'docs/reference/foundry-credential-helper.1': manPage(),
    ...completionFiles(),
    [`${POLICY}/FoundryCredentialHelper.admx`]: admx,
    [`${POLICY}/en-US/FoundryCredentialHelper.adml`]: adml,
    [`${POLICY}/${places.own.domain}.plist`]: profileManifest(),
    [`${POLICY}/${SCHEMA_FILE}`]: jsonSchema(),
    [`${POLICY}/remove-policy.reg`]: removalFile(),
    'deploy/intune/detect-policy.ps1': removalDetection(),
    'deploy/intune/remove-policy.ps1': removalScript(),
  };
}

function completionFiles(): Readonly<Record<string, string>> {
  const cases = casesOf(commandTree(program()));
  return Object.fromEntries(SHELLS.map((shell) => [COMPLETION_FILES[shell], completionScripts[shell](cases)]));
}

/** The names of the files that differ from what the code says. */
export function staleFiles(): string[] {
  return Object.entries(generatedFiles())
    .filter(([name, text]) => read(name) !== text)
    .map(([name]) => name);
}

function read(name: string): string | undefined {
  try {
    return readFileSync(join(project, name), 'utf8');
  } catch {
    return undefined;
  }
}

function errorReference(): string {
  const exits = Object.entries(EXIT_MEANINGS).map(([exit, meaning]) => `| ${exit} | ${meaning} |`);
  const errors = Object.entries(errorCatalog).map(
    ([code, { message, hint, retryable }]) =>
      `| \`${code}\` | ${exitCodeOf(code as ErrorCode)} | ${message} | ${hint} | ${retryable ? 'yes' : 'no'} |`,
  );
  const faults = Object.entries(tlsFaults).map(([fault, { meaning, hint }]) => {
    const handshake = HANDSHAKE_FAULTS.filter((row) => row.fault === fault).flatMap((row) => row.names);
    const names = [...Object.keys(VERIFICATION_FAULTS[fault as TlsFault] ?? {}), ...handshake].map(
      (name) => `\`${name}\``,
    );
    return `| \`${fault}\` | ${meaning} | ${names.join(', ')} | ${hint} |`;
  });
  return page('Error reference', 'src/core/error-table/', [
    'On stderr: `foundry-credential-helper: error[CODE]: message`, then `hint: remedy`. On success stderr is empty; on failure stdout is empty, except for the commands that the table below marks. Codes are stable: new ones are added, and none is ever renamed.',
    '## Exit codes',
    ['| exit | meaning |', '|---|---|', ...exits].join('\n'),
    '## Exit codes of each command',
    "Every command can also exit with 2 (wrong command line, or root in another user's home folder), and with 1 if its output can't be written. A command with a time limit has ended by then, unless the computer is very busy; the others wait for a person, or run until they're stopped.",
    ['| command | exit codes | time limit | if it fails, stdout has |', '|---|---|---|---|', ...commandEnds()].join(
      '\n',
    ),
    '## Errors',
    '"Retry" says whether the same run can succeed later without anyone fixing something.',
    ['| code | exit | message | remedy | retry |', '|---|---|---|---|---|', ...errors].join('\n'),
    '## On the sign-in page',
    'The sign-in page tells the employee what happened in plain words. The code, the message, and the remedy are in the text that they can copy for their IT department.',
    failureTable(),
    '## TLS faults',
    "`ERR_NETWORK_TLS` says in parentheses what OpenSSL or Node calls the fault. If the certificate came, the issuer that it names follows; that's its own claim. The remedy depends on the fault. Node shortens some of OpenSSL's names to `UNSPECIFIED` and adds OpenSSL's text. Names that begin with `ERR_SSL_` or `ERR_TLS_` are examples. The program doesn't check whether certificates are revoked.",
    ['| fault | the server | names in OpenSSL and Node | remedy |', '|---|---|---|---|', ...faults].join('\n'),
    "## Entra's errors",
    "What each of Entra's error numbers means to this program, from `src/entra/replies/aadsts.ts`. `doctor --explain` says the same. The number decides; without one, the suberror; without that, the OAuth error name. For a number that isn't listed, this program shows Microsoft's own sentence and the address of Microsoft's page about it. A refresh that Entra refuses with `invalid_grant` keeps the stored sign-in and is tried again later, unless the last column says that it ends the sign-in.",
    entraTable(
      'number',
      [...EXPLANATIONS]
        .toSorted(([a], [b]) => a - b)
        .map(([number, meaning]) => [`[${number}](${errorPage(number)})`, meaning]),
    ),
    entraTable(
      'suberror',
      [...SUBERRORS].map(([name, meaning]) => [code(name), meaning]),
    ),
    entraTable(
      'OAuth error',
      [...OAUTH_ERRORS].map(([name, meaning]) => [code(name), meaning]),
    ),
  ]);
}

function failureTable(): string {
  const codes = Object.keys(errorCatalog) as ErrorCode[];
  const rows = Object.entries(messagesIn('en').failures).map(([failure, { title, text, advice }]) => {
    const shownFor = codes.filter((name) => errorCatalog[name].page === failure).map(code);
    return `| ${title} | ${text} ${advice} | ${shownFor.join(', ')} |`;
  });
  return ['| heading | text | errors |', '|---|---|---|', ...rows].join('\n');
}

function commandEnds(): readonly string[] {
  return commandTree(program()).map(({ path }) => {
    const name = path.join(' ');
    const { exits = [], seconds, prints } = COMMAND_ENDS[name] ?? {};
    const limit = seconds === undefined ? '' : `${seconds} s`;
    const found = prints === true ? 'what it found or did' : 'nothing';
    return `| ${name === '' ? '(none)' : code(name)} | ${[0, ...exits].join(', ')} | ${limit} | ${found} |`;
  });
}

function entraTable(title: string, meanings: readonly (readonly [name: string, Explanation])[]): string {
  const rows = meanings.map(([name, { code: error, atSignIn, reason, key, end }]) => {
    const codes = atSignIn === undefined ? code(error) : `${code(error)}; in a sign-in ${code(atSignIn)}`;
    const why = [reason ?? '', key === undefined ? '' : `check ${code(key)}`].filter((text) => text !== '').join('; ');
    return `| ${name} | ${codes} | ${why} | ${end === undefined ? '' : 'ends the sign-in'} |`;
  });
  return [`| ${title} | error | reason | in a refresh |`, '|---|---|---|---|', ...rows].join('\n');
}

function configurationReference(): string {
  const rows = configurationKeys.map((key) => {
    const { description, rule, example, environment = [] } = definitionOf(key);
    const variables = environment.length === 0 ? '' : `Environment: ${environment.map(code).join(', ')}.`;
    const meaning = [description, requirementText(key, code), variables].filter((text) => text !== '').join(' ');
    return `| ${code(key)} | ${meaning} | ${rule} | ${defaultText(key, code)} | ${code(JSON.stringify(example))} |`;
  });
  return page('Configuration reference', 'src/config/keys.ts', [
    "Set these in `config.json`, in the folder that `foundry-credential-helper config show` names, or in the file that `FOUNDRY_CREDENTIAL_HELPER_CONFIG` names. A few can also be set with environment variables. The first source that has a key wins, even if its value is invalid; an invalid value is an error. A name that this version doesn't know is a warning and changes nothing. A running agent picks up changes without a restart.",
    ['| key | meaning | rule | default | example |', '|---|---|---|---|---|', ...rows].join('\n'),
  ]);
}

const code = (text: string): string => `\`${text}\``;

function findingReference(): string {
  const plain = (text: string): string => text.replaceAll('<', '&lt;');
  const rows = Object.entries(findingCatalog).map(
    ([id, { severity = 'error', rule, remedy }]) => `| \`${id}\` | ${severity} | ${plain(rule)} | ${plain(remedy)} |`,
  );
  return page('Finding reference', 'src/claude-desktop/finding.ts', [
    "What `config validate` finds in files, and `doctor` in the settings in force. An error means that the program rejects the setting, or that it can't work; a warning, that it works, but not as people expect; a note is for information. Only errors make `config validate` exit with 1. Some findings have another severity or a more precise rule than here, depending on the other settings. Each finding also names the file and, if there is one, the key and the element in it. IDs are stable: new ones are added, but none is ever renamed.",
    ['| ID | severity | rule | remedy |', '|---|---|---|---|', ...rows].join('\n'),
  ]);
}

function desktopKeysReference(): string {
  const rows = desktopKeyNames.map((name) => {
    const key = desktopKey(name);
    return `| \`${name}\` | ${key.description} | ${valueText(key)} | ${key.since} | ${(key.providers ?? []).join(', ')} | \`${key.nested}\` |`;
  });
  const retired = desktopKeyNames.flatMap((name) => retirements(name));
  return page("Claude Desktop's keys", 'src/claude-desktop/keys.ts', [
    "Everything that Claude Desktop's configuration may hold, from the schema that its vendor publishes inside the npm package `@anthropic-ai/claude-code` 2.1.332. `config validate` and `doctor` judge by this table. In profiles and the registry every value may be text; lists and objects are then one JSON text.",
    [
      "| key | meaning | value | since version | providers | in the app's own files |",
      '|---|---|---|---|---|---|',
      ...rows,
    ].join('\n'),
    '## What Claude Desktop refuses by now',
    ['| was | refused from | now |', '|---|---|---|', ...retired].join('\n'),
  ]);
}

function valueText({ type, of, values, min, max, above }: DesktopKey): string {
  if (values !== undefined && type === 'enum') return values.map((value) => `\`${value}\``).join(', ');
  if (type === 'array')
    return of === 'union' || of === undefined
      ? 'list'
      : `list of ${of === 'enum' ? (values ?? []).join(', ') : `${of}s`}`;
  if (type !== 'number') return type === 'record' ? 'object of strings' : type;
  const from = above === undefined ? `from ${min}` : `above ${above}`;
  return `number ${from}${max === undefined ? '' : ` to ${max}`}`;
}

function retirements(name: DesktopKeyName): readonly string[] {
  const { formerly, retired, refusedForms = [] } = desktopKey(name);
  return [
    ...(formerly === undefined ? [] : [`| \`${formerly.name}\` | ${formerly.refusedFrom} | \`${name}\` |`]),
    ...(retired === undefined ? [] : [`| \`${name}\` | ${retired.refusedFrom} | ${retired.instead} |`]),
    ...refusedForms.map((form) => `| \`${name}\` as ${formText(form)} | ${form.refusedFrom} | ${form.instead} |`),
  ];
}

function formText(refused: RefusedForm): string {
  switch (refused.form) {
    case 'value':
      return `"${refused.value}"`;
    case 'member':
      return `an entry with "${refused.member}"`;
    default:
      return refused.form === 'text' ? 'lines of text' : refused.form === 'list' ? 'a list' : 'an object';
  }
}

/** Keeps what people wrote above the mark. */
function policyPage(): string {
  const mark = '<!-- Made from here on by scripts/generate-docs.ts from src/config/keys.ts: change it there. -->';
  const [head = ''] = (read('docs/reference/policy.md') ?? '').split(mark, 1);
  return `${head.trimEnd()}\n\n${mark}\n\n${policyReference()}\n`;
}

function page(title: string, source: string, parts: readonly string[]): string {
  const note = `<!-- Made by scripts/generate-docs.ts from ${source}: change it there. -->`;
  return `${[`# ${title}`, note, ...parts].join('\n\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = staleFiles();
  if (process.argv.includes('--check')) {
    if (stale.length > 0) console.error(`stale: ${stale.join(', ')}: run "npm run docs"`);
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else {
    for (const [name, text] of Object.entries(generatedFiles())) {
      mkdirSync(dirname(join(project, name)), { recursive: true });
      writeFileSync(join(project, name), text);
    }
    console.log(stale.length === 0 ? 'nothing to do' : `written: ${stale.join(', ')}`);
  }
}
