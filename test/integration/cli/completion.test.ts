// The completion scripts in the shells that they are for, asked as a person asks by Tab.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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
    const words = line.split(' ');
    const script = `. ./script.bash; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
      _foundry_credential_helper; [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- '${words.at(-1)}')); printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines(shell('bash', '--norc', '-c', script));
  },
  // zsh completes only in an interactive shell; zpty gives it a terminal of its own.
  zsh: (line) => {
    const script = `zmodload zsh/zpty; zpty -b z zsh -f -i
      send() { zpty -w z "$1"; zpty -r z REPLY "*DONE$2*" }
      send 'PROMPT=; autoload -U compinit; compinit -u -D; unsetopt prompt_cr prompt_sp; stty -echo; source ./script.zsh; echo DONE""1' 1
      zpty -w z 'compadd() { local -a all; builtin compadd -O all "$@"; print -rl -- "\${all[@]}" >> ./zsh.out; builtin compadd "$@" }; _main() { rm -f ./zsh.out; }; echo DONE""2'
      zpty -r z REPLY '*DONE2*'
      zpty -w -n z '${line}'$'\\t'; for i in {1..100}; do [[ -s zsh.out ]] && break; sleep 0.1; done; sleep 0.3; zpty -d z`;
    rmSync(join(folder, 'zsh.out'), { force: true });
    shell('zsh', '-f', '-c', script);
    // Its completer may be asked more than once.
    return [...new Set(lines(shell('cat', 'zsh.out')))];
  },
  fish: (line) =>
    lines(shell('fish', '--no-config', '-c', `source ./script.fish; complete -C '${line}'`)).map(
      (candidate) => candidate.split('\t')[0] ?? '',
    ),
};

function shell(command: string, ...args: string[]): string {
  return execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, HOME: folder },
  });
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
    expect(offers('login --method ').toSorted()).toEqual(['browser', 'device-code']);
    expect(offers('login --json --method b')).toEqual(['browser']);
    expect(offers('config export out --provider ').toSorted()).toEqual(['foundry', 'gateway']);
  });

  it('offers files where one is wanted', () => {
    expect(offers('config validate ans')).toEqual(['answers.json']);
    expect(offers('config export --answers ans')).toEqual(['answers.json']);
  });
});

it.runIf(process.platform === 'linux')('the bash script passes shellcheck', () => {
  expect(shell('shellcheck', '--shell=bash', 'script.bash')).toBe('');
});
