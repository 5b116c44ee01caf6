// People paste the commands that messages and docs name. Each is there in full, exists, and takes the options named.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { commandTree } from '../../src/cli/completion/command-tree.ts';
import { program } from '../../src/cli/run-cli.ts';

const NAME = 'foundry-credential-helper';

function filesIn(folder: string, extension: string): string[] {
  return readdirSync(join(projectFolder, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(extension))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`);
}

const read = (path: string): string => readFileSync(join(projectFolder, path), 'utf8');

/** Comments may shorten; people don't see them. */
const textsOf = (path: string): string => read(path).replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');

interface Mention {
  readonly command: string;
  readonly path: string;
}

function mentions(paths: readonly string[], pattern: RegExp): Mention[] {
  return paths.flatMap((path) =>
    [...textsOf(path).matchAll(pattern)].map(([, command = '']) => ({ command: command.trim(), path })),
  );
}

/** A text that is put together at run time, or a form with placeholders. */
const isWhole = ({ command }: Mention): boolean => !/\$\{|…|\.\.\.|[<[|]/.test(command);

const sources = filesIn('src', '.ts');
const docs = [...filesIn('docs', '.md'), 'README.md'];

const inTexts = mentions(sources, new RegExp(`["«„]${NAME}((?: [^"»“\\n]*)?)["»“]`, 'g')).filter(isWhole);
const inDocs = mentions(docs, new RegExp(`\`${NAME}((?: [^\`\\n]*)?)\``, 'g')).filter(isWhole);

/** The commands of code blocks, each with its options as a shell would pass them. */
const inBlocks = docs.flatMap((path) =>
  [...read(path).matchAll(/^ *```(?:sh|bat|powershell)\n([\s\S]*?)^ *```$/gm)].flatMap(([, block = '']) =>
    [...block.matchAll(new RegExp(`^ *(?:\\w+=\\S+ )*${NAME}((?: [^|<>&;"'$\\n]*)?)`, 'gm'))].map(
      ([, command = '']): Mention => ({ command: command.trim().replaceAll(/ +/g, ' '), path }),
    ),
  ),
);

/** Runs no command; returns what the command line is missing or has too much of. */
async function faultOf(command: string): Promise<string | undefined> {
  const root = program().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const { command: node, commands } of commandTree(root)) {
    node.configureOutput({ writeOut: () => undefined, writeErr: () => undefined, outputError: () => undefined });
    if (commands.length === 0) node.action(() => undefined);
  }
  try {
    await root.parseAsync(command === '' ? ['--help'] : command.replace(/ --$/, ' -- program').split(' '), {
      from: 'user',
    });
    return undefined;
  } catch (thrown) {
    return thrown instanceof CommanderError && thrown.exitCode === 0 ? undefined : String(thrown);
  }
}

/** Each command once, with a file that names it. */
function once(found: readonly Mention[]): [string, string][] {
  return [...new Map(found.map(({ command, path }) => [command.replaceAll(/\\u00a0/g, ''), path]))].toSorted();
}

describe('the commands in texts of the program', () => {
  it('are found', () => {
    const commands = new Set(inTexts.map(({ command }) => command));
    for (const known of ['login', 'agent stop', 'config show', 'doctor']) expect(commands).toContain(known);
  });

  it.each(once(inTexts))(`${NAME} %s (%s)`, async (command) => {
    expect(await faultOf(command)).toBeUndefined();
  });

  it("are reported if one of them doesn't exist", async () => {
    expect(await faultOf('agent restart')).toContain('unknown command');
    expect(await faultOf('login --apikey')).toContain('unknown option');
  });

  it('are complete, so that they can be pasted', () => {
    const words = commandTree(program())
      .filter(({ path }) => path.length === 2)
      .map(({ path }) => path.join(' '));
    const single = '(?<=(?:run|then|and|with|use) )"(?:login|logout|doctor|exec|report|status)';
    const shortened = new RegExp(`(?:"(?:${words.join('|')})|${single})(?: [^"\\n]*)?"`, 'g');
    const found = sources.flatMap((path) => (textsOf(path).match(shortened) ?? []).map((text) => `${path}: ${text}`));
    expect(found).toEqual([]);
  });
});

describe('the commands in the docs', () => {
  it.each(once(inDocs))(`${NAME} %s (%s)`, async (command) => {
    expect(await faultOf(command)).toBeUndefined();
  });
});

describe('the commands in code blocks of the docs', () => {
  it.each(once(inBlocks))(`${NAME} %s (%s)`, async (command) => {
    expect(await faultOf(command)).toBeUndefined();
  });
});
