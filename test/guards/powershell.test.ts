// The PowerShell scripts. No PowerShell is to be had where the tests run, so these were never run: they are parsed, and
// held against what can be run, setup.sh and the shell scripts for Jamf and Kandji.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Language, type Node, Parser } from 'web-tree-sitter';
import { projectFolder } from '../../scripts/bundle.ts';
import { WINDOWS_SCRIPT } from '../../src/notify/notification-command.ts';

const [SETUP, DETECT, REMEDIATE] = [
  'scripts/azure/setup.ps1',
  'installers/intune/detect.ps1',
  'installers/intune/remediate.ps1',
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

  it('is for Windows PowerShell 5.1, which reads ASCII alone right without a byte order mark', () => {
    expect(read(path)).toMatch(/^[\n\x20-\x7e]*$/);
    // PowerShell 7 only: ternary, null-coalescing, pipeline chains.
    expect(read(path).replaceAll(/'[^'\n]*'/g, "''")).not.toMatch(/\?\?|\?\.|&&|\|\||\?\[|\s\?\s/);
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

describe('the scripts for Intune', () => {
  it('share the part that they have in common', () => {
    const part = (path: string): string => /^# --- begin: .*^# --- end ---$/ms.exec(read(path))?.[0] ?? path;
    expect(part(DETECT ?? '').length).toBeGreaterThan(1000);
    expect(part(REMEDIATE ?? '')).toBe(part(DETECT ?? ''));
  });

  it('ask and restart, and do nothing else with the program', () => {
    const runs = (path = ''): string[] => groups(read(path), /& \$Binary ([a-z -]+?) 2>/g);
    expect(runs(DETECT)).toEqual(['status --json']);
    expect(runs(REMEDIATE)).toEqual(['status --json', 'agent stop', 'agent start']);
  });

  it('know the states that the scripts for Jamf and Kandji know, and those of Windows', () => {
    const states = (text: string, pattern: RegExp): string[] => sorted(groups(text, pattern));
    expect(states(read(DETECT ?? ''), /State = '([a-z-]+)'/g)).toEqual([
      'agent-not-running',
      'blocked',
      'not-installed',
      'run-as-system',
      'signed-in',
    ]);
    expect(states(read('installers/jamf/extension-attribute.sh'), /state=([a-z-]+)/g)).toEqual([
      'agent-not-running',
      'no-user',
      'not-installed',
      'signed-in',
    ]);
  });
});

describe('setup.ps1 beside setup.sh', () => {
  const shell = read('scripts/azure/setup.sh');
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

  it('is called rightly in docs/azure-setup.md', () => {
    const [call = '', ...more] = groups(read('docs/azure-setup.md'), /^```powershell\n([\s\S]*?)^```$/gm);
    expect(more).toEqual([]);
    expect(rootOf(call).hasError).toBe(false);
    const used = textsOf(rootOf(call), 'key_expression');
    const known = groups(powerShell.slice(0, powerShell.indexOf('Set-StrictMode')), /\] \$(\w+)/g);
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
    expect(textsOf(rootOf(call), 'command_name')).toEqual(['./scripts/azure/setup.ps1']);
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
    const printed = ['tenantId', 'clientId', 'foundryResource', 'models'];
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
    expect(ours).toHaveLength(9);
    expect(ours.map(same)).toEqual(theirs.map(same));
  });
});

it('the notification script is PowerShell, a statement a line', () => {
  const root = rootOf(WINDOWS_SCRIPT);
  expect(root.hasError).toBe(false);
  const commands = new Set([...CMDLETS, 'Add-Type']);
  expect(sorted(textsOf(root, 'command_name')).filter((name) => !commands.has(name))).toEqual([]);
  // From standard input PowerShell runs line by line: each must be whole.
  for (const line of WINDOWS_SCRIPT.trim().split('\n')) expect([line, rootOf(line).hasError]).toEqual([line, false]);
});

it('the completion script is PowerShell', () => {
  const root = rootOf(read('installers/completion/foundry-credential-helper.ps1'));
  expect(root.hasError).toBe(false);
  const commands = new Set([...CMDLETS, 'Register-ArgumentCompleter', 'param']);
  expect(sorted(textsOf(root, 'command_name')).filter((name) => !commands.has(name))).toEqual([]);
});
