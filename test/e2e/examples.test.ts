// The examples of the help that do no harm, run unchanged, in the order of a first day.
import { expect, it } from 'vitest';
import { examples } from '../../src/cli/examples.ts';
import { binary, runWithInput, worldForTest } from './support.ts';

const offered = Object.values(examples).flatMap((list) => list.map(({ line }) => line));

/** Exit codes of the error table: 6 no agent, 4 no one signed in. */
const firstDay: readonly (readonly [line: string, exitCode: number])[] = [
  ['version --json', 0],
  ['config show', 0],
  ['config show --json', 0],
  ['config validate', 0],
  ['config export rollout', 0],
  ['doctor --explain AADSTS50105', 0],
  ['claude-desktop configure', 0],
  ['claude-desktop configure --force', 0],
  ['claude-desktop status', 0],
  ['claude-desktop status --json', 0],
  ['claude-desktop remove', 0],
  ['agent status', 6],
  ['agent start', 0],
  ['agent status --json', 0],
  ['status', 4],
  ['status --json', 4],
  ['token', 4],
  ['report report.txt', 0],
  ['logout', 0],
  ['agent stop', 0],
];

it('the examples run unchanged', async () => {
  const { env, sandbox } = await worldForTest();
  for (const [line, expected] of firstDay) {
    expect(offered).toContain(line);
    const { exitCode, stderr } = await runWithInput(env, '', [binary, ...line.split(' ')], sandbox.root);
    expect({ line, exitCode }, stderr).toEqual({ line, exitCode: expected });
  }
});
