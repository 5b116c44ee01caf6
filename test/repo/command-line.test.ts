// Help, man page and completion say what the program does: all three come from its own tables.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { commandTree } from '../../src/cli/completion/command-tree.ts';
import { examples } from '../../src/cli/examples.ts';
import { program } from '../../src/cli/run-cli.ts';

const paths = commandTree(program()).map(({ path }) => path.join(' '));

/** The words of a line before any shell character; no example has quotes. */
const wordsOf = (line: string): string[] => (line.split(/ [<>|] /)[0] ?? '').split(' ');

describe('the examples', () => {
  it('are there for every command, and for no other', () => {
    expect(Object.keys(examples).sort()).toEqual([...paths].sort());
  });

  it.each(Object.entries(examples).flatMap(([path, list]) => list.map(({ line }) => ({ path, line }))))(
    '$line',
    async ({ path, line }) => {
      const root = program();
      const ran: string[] = [];
      for (const node of commandTree(root)) node.command.action(() => void ran.push(node.path.join(' ')));
      await root.parseAsync(wordsOf(line), { from: 'user' });
      expect(ran).toHaveLength(1);
      // Those of a group are of its commands.
      expect(ran[0]?.startsWith(path)).toBe(true);
    },
  );

  it('are in the help of their command', () => {
    const help = execFileSync(process.execPath, [join(projectFolder, 'src/main.ts'), 'login', '--help'], {
      encoding: 'utf8',
    });
    expect(help).toContain('Examples:\n  foundry-credential-helper login ');
    expect(help).toContain('# on another computer over SSH');
  });
});

describe.runIf(process.platform === 'linux')('the man page', () => {
  const page = join(projectFolder, 'docs/reference/foundry-credential-helper.1');

  it('has nothing that mandoc warns of', () => {
    const { stdout, status } = spawnSync('mandoc', ['-T', 'lint', page], { encoding: 'utf8' });
    const faults = stdout.split('\n').filter((line) => /: (?:WARNING|ERROR|UNSUPP|FATAL):/.test(line));
    expect(faults).toEqual([]);
    expect(status).toBeLessThanOrEqual(1);
  });

  it('has nothing that groff warns of, which shows it on Linux', () => {
    const { stderr, status } = spawnSync('groff', ['-mandoc', '-T', 'utf8', '-ww', '-z', page], { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });

  it('has commands that can be copied: groff prints a bare hyphen as U+2010', () => {
    const commands = readFileSync(page, 'utf8').match(/^\$ .*/gm);
    expect(commands?.length).toBeGreaterThanOrEqual(paths.length);
    for (const command of commands ?? []) expect(command).not.toMatch(/(?<!\\)-/);
  });

  it('names every command, option and exit code', () => {
    const struck = execFileSync('mandoc', ['-T', 'utf8', '-O', 'width=300', page], { encoding: 'utf8' }).split('\b');
    // What's before a backspace is struck again, to be bold or underlined.
    const text = struck.map((part, index) => (index < struck.length - 1 ? part.slice(0, -1) : part)).join('');
    for (const { path, options } of commandTree(program())) {
      expect(text).toContain(path.join(' '));
      for (const { flags, valueName, value } of options) {
        expect(text).toContain(Array.isArray(value) || valueName === '' ? flags[0] : `${flags[0]} ${valueName}`);
      }
    }
    // On macOS, where it is installed too.
    expect(text).toContain('~/Library/Logs/foundry-credential-helper/agent.log');
    for (let code = 0; code <= 9; code += 1) expect(text).toMatch(new RegExp(`^ +${code} +\\S`, 'm'));
  });
});
