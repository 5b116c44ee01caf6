// docs/reference/commands.md describes every command, and the JSON of every command that prints some.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { commandTree } from '../../src/cli/completion/command-tree.ts';
import { program } from '../../src/cli/run-cli.ts';

const page = readFileSync(join(projectFolder, 'docs/reference/commands.md'), 'utf8');
const [commands = '', json = ''] = page.split(/^## JSON$/m);

const leaves = commandTree(program()).filter((node) => node.commands.length === 0);

describe('docs/reference/commands.md', () => {
  it.each(leaves.map(({ path }) => path.join(' ')))('describes %s', (path) => {
    expect(commands).toMatch(new RegExp(`\`${path}(?: [^\`]*)?\``));
  });

  it('describes the JSON of every command that has --json', () => {
    const withJson = leaves.filter(({ options }) => options.some(({ flags }) => flags.includes('--json')));
    expect(withJson.length).toBeGreaterThan(8);
    const missing = withJson.map(({ path }) => path.join(' ')).filter((path) => !json.includes(`${path} --json`));
    expect(missing).toEqual([]);
  });
});
