// What a person sees of tables and findings on a narrow terminal: the same words as a script, none of them cut.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Terminal } from '../support/harness/terminal.ts';
import { binary, run, worldForTest } from './support.ts';

const COLUMNS = 46;

describe.runIf(process.platform === 'linux')('whole words', () => {
  it.each([
    ['of findings', 'config validate FILE'],
    ['of an explanation', 'doctor --explain AADSTS50105'],
    ['of the status', 'status'],
  ])('%s', async (_, line) => {
    const world = await worldForTest({ secretService: 'no-bus' });
    const file = join(world.sandbox.root, 'managed-settings.json');
    writeFileSync(file, JSON.stringify({ inferenceProvider: 'gateway', inferenceGatewayBaseUrl: 'http://contoso' }));
    const args = line.replace('FILE', file).split(' ');
    const { stdout } = await run(world.env, ...args);
    const terminal = new Terminal(world, { columns: COLUMNS, rows: 100 });
    terminal.type(`clear; '${binary}' ${args.join(' ')}; echo "[exit $?]"`);
    await expect.poll(() => terminal.screen(), { timeout: 60_000 }).toMatch(/^\[exit \d\]$/m);
    const shown = terminal.screen().split('\n');
    const words = stdout.split(/\s+/).filter((word) => word !== '' && word.length <= COLUMNS);
    expect(words.length).toBeGreaterThan(5);
    const seen = new Set(shown.flatMap((text) => text.split(/\s+/)));
    // The age of what was found may differ.
    expect(words.filter((word) => !seen.has(word) && !/\d/.test(word))).toEqual([]);
    expect(Math.max(...shown.map(({ length }) => length))).toBeLessThanOrEqual(COLUMNS);
  });
});
