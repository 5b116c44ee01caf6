// The completion scripts in the shells that they are for, asked as a person asks by Tab.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { powerShell, powerShellEnvironment, quote } from '../../support/harness/powershell.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
const scriptOf = (shell: string): string =>
  execFileSync(process.execPath, [join(import.meta.dirname, '../../../src/main.ts'), 'completion', shell], {
    encoding: 'utf8',
  });

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'completion-'));
  for (const shell of [...SHELLS, 'powershell']) writeFileSync(join(folder, `script.${shell}`), scriptOf(shell));
  writeFileSync(join(folder, 'answers.json'), '{}');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the shell offers for the last word of the line. */
const ask: Readonly<Record<(typeof SHELLS)[number], (line: string) => readonly string[]>> = {
  bash: (line) => {
    // As its own COMP_WORDBREAKS has it, an equals sign is a word.
    const words = line.split(' ').flatMap((word) => word.split(/(?==)|(?<==)/));
    const script = `. ./script.bash; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
      _foundry_credential_helper; [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- '${words.at(-1)}')); printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines(shell('bash', '--norc', '-c', script));
  },
  // zsh completes only in an interactive shell; zpty gives it its own terminal.
  zsh: (line) => {
    const script = `zmodload zsh/zpty; zpty -b z zsh -f -i
      send() { zpty -w z "$1"; zpty -r z REPLY "*DONE$2*" }
      send 'PROMPT=; autoload -U compinit; compinit -u -D; unsetopt prompt_cr prompt_sp; stty -echo; source ./script.zsh; echo DONE""1' 1
      zpty -w z 'compadd() { local -a all; builtin compadd -O all "$@"; print -rl -- "\${all[@]}" >> ./zsh.out; builtin compadd "$@" }; _done() { : > ./zsh.done }; comppostfuncs=(_done); echo DONE""2'
      zpty -r z REPLY '*DONE2*'
      zpty -w -n z '${line}'$'\\t'; for i in {1..150}; do [[ -e zsh.done ]] && break; sleep 0.1; done; zpty -d z`;
    for (const file of ['zsh.out', 'zsh.done']) rmSync(join(folder, file), { force: true });
    shell('zsh', '-f', '-c', script);
    // Its completer may be asked more than once.
    return [...new Set(lines(shell('cat', 'zsh.out')))];
  },
  fish: (line) =>
    lines(shell('fish', '--no-config', '-c', `source ./script.fish; complete -C '${line}'`)).map(
      (candidate) => candidate.split('\t')[0] ?? '',
    ),
};

/** What a script says on stderr would appear in the middle of the line that a person types. */
function shell(command: string, ...args: string[]): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, ...powerShellEnvironment, HOME: folder },
  });
  expect({ error, status, stderr }).toEqual({ error: undefined, status: 0, stderr: '' });
  return stdout;
}

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

describe.runIf(process.platform === 'linux').each(SHELLS)('%s', (name) => {
  const offers = (words: string): readonly string[] => ask[name](`foundry-credential-helper ${words}`);

  it('offers the commands', () => {
    const offered = offers('');
    for (const command of ['login', 'status', 'agent', 'config', 'completion']) expect(offered).toContain(command);
    expect(offered).not.toContain('show');
  });

  it('offers what begins so', () => {
    expect(offers('lo')).toEqual(expect.arrayContaining(['login', 'logout']));
    expect(offers('lo')).not.toContain('status');
  });

  it('offers the commands of a command', () => {
    const offered = offers('agent ');
    expect(offered).toEqual(expect.arrayContaining(['run', 'start', 'stop', 'status', 'install', 'uninstall']));
    expect(offered).not.toContain('login');
  });

  it('offers options, and what an option takes', () => {
    expect(offers('login --')).toEqual(expect.arrayContaining(['--method', '--no-browser', '--api-key', '--json']));
    expect(offers('login --method ').toSorted()).toEqual(['broker', 'browser', 'device-code']);
    expect(offers('login --json --method d')).toEqual(['device-code']);
    // fish replaces the whole word, the others what's behind the sign.
    expect(offers('login --json --method=d').map((word) => word.replace('--method=', ''))).toEqual(['device-code']);
    expect(offers('completion ')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish', 'powershell']));
    expect(offers('config export out --provider ').toSorted()).toEqual(['foundry', 'gateway']);
  });

  it('offers files where one is wanted', () => {
    expect(offers('config validate ans')).toEqual(['answers.json']);
    expect(offers('config export --answers ans')).toEqual(['answers.json']);
  });
});

/** What PowerShell offers for each line, asked in one process: it takes half a second to start. */
function askPowerShell(lines: readonly string[]): Readonly<Record<string, readonly string[]>> {
  // As the script's first lines say, and as a profile does it.
  const load = 'Get-Content -LiteralPath script.powershell | Out-String | Invoke-Expression';
  const ask = `[Management.Automation.CommandCompletion]::CompleteInput($_, $_.Length, $null).CompletionMatches`;
  const offers = `${lines.map(quote).join(', ')} | ForEach-Object { , @(${ask} | ForEach-Object { $_.CompletionText }) }`;
  const command = `${load}; ConvertTo-Json -InputObject @(${offers}) -Depth 2`;
  const output = shell(powerShell?.program ?? '', ...(powerShell?.arguments(command) ?? []));
  const rows = JSON.parse(output) as string[][];
  return Object.fromEntries(lines.map((line, index) => [line, rows[index] ?? []]));
}

describe.skipIf(powerShell === undefined)('powershell', () => {
  it('offers commands, options, and what an option takes', () => {
    const expected = {
      'foundry-credential-helper lo': ['login', 'logout'],
      'foundry-credential-helper LO': ['login', 'logout'],
      'foundry-credential-helper.exe ver': ['version'],
      './foundry-credential-helper lo': ['login', 'logout'],
      'echo x; foundry-credential-helper agent ': ['run', 'start', 'stop', 'status', 'install', 'uninstall', '--help'],
      'foundry-credential-helper agent in': ['install'],
      'foundry-credential-helper login --': ['--no-browser', '--method', '--api-key', '--resource', '--json', '--help'],
      'foundry-credential-helper login --method ': ['device-code', 'browser', 'broker'],
      'foundry-credential-helper login --json --method d': ['device-code'],
      'foundry-credential-helper login --json --method=d': ['--method=device-code'],
      'foundry-credential-helper login --method=': ['--method=device-code', '--method=browser', '--method=broker'],
      'foundry-credential-helper login --json=': [],
      'foundry-credential-helper config export out --provider ': ['gateway', 'foundry'],
      // It offers files if there's nothing else.
      'foundry-credential-helper config validate ans': ['./answers.json'],
      'foundry-credential-helper config export --answers ans': ['./answers.json'],
      'foundry-credential-helper agent [': [],
    };
    expect(askPowerShell(Object.keys(expected))).toEqual(expected);
  });

  it('offers the commands', () => {
    const line = 'foundry-credential-helper ';
    const offered = askPowerShell([line])[line];
    for (const command of ['login', 'status', 'agent', 'config', 'completion']) expect(offered).toContain(command);
    expect(offered).not.toContain('show');
  });
});

it.runIf(process.platform === 'linux')('the bash script passes shellcheck', () => {
  expect(shell('shellcheck', '--shell=bash', 'script.bash')).toBe('');
});
