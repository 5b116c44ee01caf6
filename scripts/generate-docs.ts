// Writes what is made from tables in the code: reference pages and policy templates; `--check` only says whether
// something is stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findingCatalog } from '../src/claude-desktop/finding.ts';
import { commandTree } from '../src/cli/completion/command-tree.ts';
import { completionScript, SHELLS, type Shell } from '../src/cli/completion/scripts.ts';
import { program } from '../src/cli/run-cli.ts';
import { configurationKeys, definitionOf } from '../src/config/keys.ts';
import { places } from '../src/config/places.ts';
import { errorCatalog } from '../src/core/errors.ts';
import { EXIT_MEANINGS } from './exit-meanings.ts';
import { manPage } from './man-page.ts';
import { administrativeTemplate } from './policy/admx.ts';
import { defaultText } from './policy/default-text.ts';
import { jsonSchema, SCHEMA_FILE } from './policy/json-schema.ts';
import { profileManifest } from './policy/profile-manifest.ts';
import { policyReference } from './policy/reference.ts';

const project = fileURLToPath(new URL('../', import.meta.url));

const POLICY = 'installers/policy';

/** Named as each shell looks for them. */
export const COMPLETION_FILES: Readonly<Record<Shell, string>> = {
  bash: 'installers/completion/foundry-credential-helper',
  zsh: 'installers/completion/_foundry-credential-helper',
  fish: 'installers/completion/foundry-credential-helper.fish',
  powershell: 'installers/completion/foundry-credential-helper.ps1',
};

/** Files of the project and what must stand in them. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const { admx, adml } = administrativeTemplate();
  return {
    'docs/error-reference.md': errorReference(),
    'docs/configuration-reference.md': configurationReference(),
    'docs/finding-reference.md': findingReference(),
    'docs/policy.md': policyPage(),
    'docs/foundry-credential-helper.1': manPage(),
    ...completionFiles(),
    [`${POLICY}/FoundryCredentialHelper.admx`]: admx,
    [`${POLICY}/en-US/FoundryCredentialHelper.adml`]: adml,
    [`${POLICY}/${places.own.domain}.plist`]: profileManifest(),
    [`${POLICY}/${SCHEMA_FILE}`]: jsonSchema(),
  };
}

function completionFiles(): Readonly<Record<string, string>> {
  const tree = commandTree(program());
  return Object.fromEntries(SHELLS.map((shell) => [COMPLETION_FILES[shell], completionScript(shell, tree)]));
}

/** Names of those that differ from what the code says. */
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
    ([code, { exit, message, hint, retryable }]) =>
      `| \`${code}\` | ${exit} | ${message} | ${hint} | ${retryable ? 'yes' : 'no'} |`,
  );
  return page('Error reference', 'src/core/errors.ts', [
    'On stderr: `foundry-credential-helper: error[CODE]: message`, then `hint: remedy`. On success stderr is empty; on failure stdout is empty. Codes are stable: they are added to, never renamed.',
    '## Exit codes',
    ['| exit | meaning |', '|---|---|', ...exits].join('\n'),
    '## Errors',
    '"Retry" says whether the same run can succeed later without anybody acting.',
    ['| code | exit | message | remedy | retry |', '|---|---|---|---|---|', ...errors].join('\n'),
  ]);
}

function configurationReference(): string {
  const rows = configurationKeys.map((key) => {
    const { description, rule, example, requiredFor, environment } = definitionOf(key);
    const needed = requiredFor === undefined ? '' : ` Required for ${requiredFor.join(', ')}.`;
    const variable =
      environment === undefined ? '' : ` Environment: ${environment.map((name) => `\`${name}\``).join(', ')}.`;
    return `| \`${key}\` | ${description}${needed}${variable} | ${rule} | ${defaultText(key, (text) => `\`${text}\``)} | \`${JSON.stringify(example)}\` |`;
  });
  return page('Configuration reference', 'src/config/keys.ts', [
    'Set in `config.json` in the folder that `foundry-credential-helper config show` names, or in the file that `FOUNDRY_CREDENTIAL_HELPER_CONFIG` names; a few also by environment variables. The first source that holds a key decides, valid or not. A running agent notices a changed file by itself.',
    ['| key | meaning | rule | default | example |', '|---|---|---|---|---|', ...rows].join('\n'),
  ]);
}

function findingReference(): string {
  const plain = (text: string): string => text.replaceAll('<', '&lt;');
  const rows = Object.entries(findingCatalog).map(
    ([id, { rule, remedy }]) => `| \`${id}\` | ${plain(rule)} | ${plain(remedy)} |`,
  );
  return page('Finding reference', 'src/claude-desktop/finding.ts', [
    'What `foundry-credential-helper config validate` can find. Each finding also names the file and, where there is one, the key. Ids are stable: they are added to, never renamed.',
    ['| id | rule | remedy |', '|---|---|---|', ...rows].join('\n'),
  ]);
}

/** What people wrote above the mark stays. */
function policyPage(): string {
  const mark = '<!-- Made from here on by scripts/generate-docs.ts from src/config/keys.ts: change it there. -->';
  const [head = ''] = (read('docs/policy.md') ?? '').split(mark, 1);
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
