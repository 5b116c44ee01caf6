// The PowerShell scripts, without PowerShell: what Windows PowerShell 5.1 must be able to run, and what they share with
// the shell scripts. PowerShell 7 runs them in test/e2e, test/integration/cli and test/platform/windows.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Language, type Node, Parser } from 'web-tree-sitter';
import { projectFolder } from '../../installers/build/bundle.ts';
import { MDM_WORDS } from '../../src/cli/commands/mdm-status.ts';
import type { Values } from '../../src/config/configuration.ts';
import { exportFiles } from '../../src/rollout/export/export-files.ts';
import { DEFAULT_HELPER_PATHS } from '../../src/rollout/export/rollout-settings.ts';
import { DIFFERENCES, readScript } from './windows-powershell.ts';

const [SETUP, DETECT, REMEDIATE] = [
  'deploy/azure/setup.ps1',
  'deploy/intune/detect.ps1',
  'deploy/intune/remediate.ps1',
];
const read = (path: string): string => readFileSync(join(projectFolder, path), 'utf8');

/** What Windows PowerShell 5.1 has under these names and PowerShell 7 too. */
const CMDLETS = [
  ...[
    'ConvertFrom-Json',
    'ConvertTo-Json',
    'ForEach-Object',
    'Get-Command',
    'Get-Date',
    'Invoke-RestMethod',
    'Join-Path',
  ],
  ...['New-Object', 'Out-Null', 'Out-String', 'Select-Object', 'Set-StrictMode', 'Start-Sleep', 'Test-Path'],
  ...['Where-Object', 'Write-Output'],
];

let parser: Parser;
beforeAll(async () => {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm');
  parser = new Parser().setLanguage(await Language.load(readFileSync(grammar)));
});

function rootOf(text: string): Node {
  const tree = parser.parse(text);
  if (tree === null) throw new Error('nothing was parsed');
  return tree.rootNode;
}

const textsOf = (root: Node, type: string): string[] => root.descendantsOfType(type).map((node) => node?.text ?? '');
const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();

/** Each group of each match. */
const groups = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, group = '']) => group);

describe.each([SETUP, DETECT, REMEDIATE] as string[])('%s', (path) => {
  it('parses', () => {
    expect(rootOf(read(path)).hasError).toBe(false);
    expect(rootOf(read(path).replace(/\}\s*$/m, '')).hasError).toBe(true);
  });

  it("throws at what isn't there", () => {
    expect(read(path)).toContain('Set-StrictMode');
  });

  it('calls known commands by their full names', () => {
    const root = rootOf(read(path));
    const own = textsOf(root, 'function_name');
    const called = textsOf(root, 'command_name').filter((name) => name !== 'az');
    expect(called.length).toBeGreaterThan(5);
    expect(called.filter((name) => !own.includes(name) && !CMDLETS.includes(name))).toEqual([]);
    expect(own.filter((name) => !called.includes(name))).toEqual([]);
  });

  it('ends with exit code 0 or 1', () => {
    expect(sorted(groups(read(path), /\bexit (\S+)/g).filter((code) => /^\d/.test(code)))).toEqual(['0', '1']);
  });
});

/** Folders of the project that don't have its own files. */
const OTHERS = ['.git', 'build', 'coverage', 'dist', 'node_modules'];

const ownScripts = (): readonly string[] =>
  readdirSync(projectFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !OTHERS.includes(entry.name))
    .flatMap(({ name }) =>
      readdirSync(join(projectFolder, name), { recursive: true, encoding: 'utf8' }).map((path) => join(name, path)),
    )
    .filter((path) => path.endsWith('.ps1'));

/** For maintainers, on Windows alone: verify-on-windows.test.ts checks it. */
const VERIFY = join('installers', 'windows', 'verify-on-windows.ps1');

const pages = (): readonly string[] =>
  readdirSync(join(projectFolder, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path));

/** All PowerShell that a user's computer runs, by where it comes from. */
function allScripts(): ReadonlyMap<string, string> {
  const answers = { tenantId: 'contoso.onmicrosoft.com', clientId: '11111111-2222-3333-4444-555555555555' };
  const common = { foundryResource: 'contoso', models: [{ name: 'claude-sonnet-5' }] };
  const exported: readonly Values[] = [
    { ...common, ...answers, organizationName: 'Söhne “AG”' },
    { ...common, credential: 'api-key' },
  ];
  return new Map([
    ...ownScripts()
      .filter((path) => path !== VERIFY)
      .map((path) => [path, read(path)] as const),
    ...exported.flatMap((values) =>
      exportFiles(values, DEFAULT_HELPER_PATHS)
        .filter(({ path }) => path.endsWith('.ps1'))
        .map(({ path, content }) => [`${path} (${values.credential ?? 'entra'})`, content.toString('utf8')] as const),
    ),
    ...pages().flatMap((page) =>
      groups(read(page), /^ *```powershell\n([\s\S]*?)^ *```$/gm).map(
        (block, index) => [`${page}, block ${index + 1}`, block] as const,
      ),
    ),
  ]);
}

describe('Windows PowerShell 5.1', () => {
  it.each(DIFFERENCES.map((one) => [one.name, one] as const))('%s: is found', (_, { example, isIn }) => {
    expect(isIn(readScript(example, rootOf(example)))).toBe(true);
  });

  it('can run every script', () => {
    const scripts = allScripts();
    expect([...scripts.keys()]).toEqual(expect.arrayContaining([SETUP, DETECT, REMEDIATE]));
    expect(scripts.size).toBeGreaterThanOrEqual(6 + 10 + 6);
    for (const [path, text] of scripts) {
      const script = readScript(text, rootOf(text));
      const found = DIFFERENCES.filter((difference) => difference.isIn(script)).map(({ name }) => name);
      expect([path, script.root.hasError, found]).toEqual([path, false, []]);
    }
  });
});

describe('the scripts for Intune', () => {
  it('share the part that they have in common', () => {
    const part = (path: string): string => /^# --- begin: .*^# --- end ---$/ms.exec(read(path))?.[0] ?? path;
    expect(part(DETECT ?? '').length).toBeGreaterThan(1000);
    expect(part(REMEDIATE ?? '')).toBe(part(DETECT ?? ''));
  });

  it('ask and restart, and do nothing else with the program', () => {
    const runs = (path = ''): string[] => groups(read(path), /& \$Binary ([a-z -]+?) 2>/g);
    expect(runs(DETECT)).toEqual(['status --mdm']);
    expect(runs(REMEDIATE)).toEqual(['status --mdm', 'agent stop', 'agent start']);
  });

  it("add only the words that the program can't say, and the page explains each", () => {
    const own = (path: string, pattern: RegExp): string[] => sorted(groups(read(path), pattern));
    const ofWindows = own(DETECT ?? '', /[Ww]ord = '([a-z-]+)'/g);
    const ofShell = own('deploy/jamf/extension-attribute.sh', /state="?([a-z-]+)/g);
    expect(ofWindows).toEqual(['blocked', 'not-installed']);
    expect(ofShell).toEqual(['blocked', 'no-user', 'not-installed']);
    const rows = [...read('docs/how-to/mdm-scripts.md').matchAll(/^\| `([a-z-]+)` \| ([01]) \|/gm)];
    const explained = Object.fromEntries(rows.map(([, word = '', exit]) => [word, Number(exit)]));
    expect(explained).toEqual({ ...MDM_WORDS, blocked: 1, 'no-user': 0, 'not-installed': 1 });
  });

  it('restart the agent only for words that the program has', () => {
    const [list = ''] = groups(read(REMEDIATE ?? ''), /if \(@\((.*?)\) -contains \$before\.Word/g);
    const words = groups(list, /'([a-z-]+)'/g);
    expect(words.length).toBeGreaterThan(1);
    expect(words.filter((word) => !Object.hasOwn(MDM_WORDS, word))).toEqual([]);
  });
});

describe('setup.ps1 next to setup.sh', () => {
  const shell = read('deploy/azure/setup.sh');
  const powerShell = read(SETUP ?? '');
  /** `$resource_group`, `${model}` and `$ResourceGroup` alike. */
  const plain = (text: string): string =>
    text
      .replaceAll(/[\\`]"/g, '"')
      .replaceAll(/\$\{?(\w+)[^}\s",)]*\}?/g, (_, name: string) => `$${name.replaceAll('_', '')}`)
      .toLowerCase();

  it('takes the same options', () => {
    const options = groups(shell, /^ {4,6}--([a-z-]+)(?: \| -h)?\) /gm).filter((name) => name !== 'help');
    const parameters = groups(powerShell.slice(0, powerShell.indexOf('Set-StrictMode')), /\] \$(\w+)/g);
    const dashed = parameters.map((name) => name.replaceAll(/(?<!^)[A-Z]/g, '-$&').toLowerCase());
    // SupportsShouldProcess brings -WhatIf.
    expect(sorted([...dashed, 'what-if'])).toEqual(sorted(options));
  });

  it('is called rightly in docs/how-to/azure-setup.md', () => {
    const [call = '', ...more] = groups(read('docs/how-to/azure-setup.md'), /^```powershell\n([\s\S]*?)^```$/gm);
    expect(more).toEqual([]);
    expect(rootOf(call).hasError).toBe(false);
    const used = textsOf(rootOf(call), 'key_expression');
    const known = groups(powerShell.slice(0, powerShell.indexOf('Set-StrictMode')), /\] \$(\w+)/g);
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
    expect(textsOf(rootOf(call), 'command_name')).toEqual(['./deploy/azure/setup.ps1']);
  });

  it('has the same identifiers, addresses and versions', () => {
    const constants = (text: string): string[] =>
      sorted(
        groups(text, /\b([\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}|https?:\/\/[\w./]+|20\d\d-\d\d-\d\d(?:-preview)?)/g),
      );
    expect(constants(powerShell)).toEqual(constants(shell));
    expect(constants(shell)).toContain('http://127.0.0.1/callback');
  });

  it('sends the same properties', () => {
    const sent = groups(shell, /\\"(\w+)\\":/g);
    const keys = textsOf(rootOf(powerShell), 'key_expression');
    const notSent = ['Method', 'Uri', 'Headers', 'UseBasicParsing', 'Authorization', 'Value', 'Since'];
    const printed = ['tenantId', 'clientId', 'foundryResource', 'models', 'signInMethod'];
    expect(sent.length).toBeGreaterThan(20);
    expect(sorted([...keys.filter((key) => !notSent.includes(key)), ...printed])).toEqual(
      sorted([...sent, ...printed]),
    );
  });

  it('takes the same steps and says the same', () => {
    const steps = (text: string, pattern: RegExp): string[] => sorted(groups(text, pattern).map(plain));
    const ours = steps(powerShell, /Invoke-Change(?:Soon)? ((?:'[^']+')|(?:"(?:[^"`]|`.)+"))/g);
    const theirs = steps(shell, /\bchange(?:_soon)? ((?:'[^']+')|(?:"(?:[^"\\]|\\.)+"))/g).filter(
      (step) => step !== '"$@"',
    );
    // The model's name and version.
    const same = (step: string): string =>
      step.replace(/deploy .* \(global/, 'deploy (global').replace('organizationname', 'organization');
    expect(ours).toHaveLength(10);
    expect(ours.map(same)).toEqual(theirs.map(same));
  });
});

it('the completion script is PowerShell', () => {
  const root = rootOf(read('installers/completion/foundry-credential-helper.ps1'));
  expect(root.hasError).toBe(false);
  const commands = new Set([...CMDLETS, 'Register-ArgumentCompleter', 'param']);
  expect(sorted(textsOf(root, 'command_name')).filter((name) => !commands.has(name))).toEqual([]);
});
