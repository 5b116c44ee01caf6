// What `claude-code status` says of a setup is what the real Claude Code does in it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLong, sample } from '../../support/harness/long.ts';
import { canUnshareMounts } from '../../support/harness/mount-namespace.ts';
import { createLaboratory, culprits, dropIn, type Laboratory, type Setup } from './setup.ts';
import { TOPICS } from './setups.ts';

/** Every setup in the long form; otherwise a sample of, in each topic, the first with each verdict and what the client does. */
const setups = Object.values(TOPICS).flatMap((topic) =>
  topic.filter(({ verdict, client }, index) => {
    const first = topic.findIndex((setup) => setup.verdict === verdict && setup.client === client);
    return isLong || index === first;
  }),
);

describe.runIf(canUnshareMounts)('the verdict and the client agree on', () => {
  let laboratory: Laboratory;
  beforeAll(async () => {
    laboratory = await createLaboratory();
  });
  afterAll(() => laboratory.dispose());

  it.concurrent.each(sample(setups, 3))('$name', async (setup) => {
    const { client, output, status, exitCode } = await laboratory.run(setup);
    expect({ client, state: status.state }, output).toEqual({ client: setup.client, state: setup.verdict });
    expect(status.state === 'works').toBe(client === 'ours');
    expect(exitCode).toBe(client === 'ours' ? 0 : 3);
    if (setup.culprit !== undefined) {
      expect(culprits(status)).toContainEqual(
        expect.stringMatching(new RegExp(`(^|/)${setup.culprit.replaceAll('.', '\\.')}$`)),
      );
    } else expect(culprits(status)).toEqual([]);
    expect(JSON.stringify(status)).not.toContain('stale');
  });
});

describe.runIf(canUnshareMounts)('rules that Claude Desktop passes to its Claude Code', () => {
  let laboratory: Laboratory;
  beforeAll(async () => {
    laboratory = await createLaboratory();
  });
  afterAll(() => laboratory.dispose());

  const rules = JSON.stringify({ permissions: { deny: ['Bash'] } });
  const setup = (name: string, more: object): Setup => ({
    name,
    client: 'ours',
    verdict: 'works',
    files: ({ ours }) => ({ [dropIn('50-foundry-credential-helper.json')]: { ...ours, ...more } }),
    args: ['--managed-settings', rules, '--allowedTools', 'Bash'],
    callsTool: true,
  });

  it.concurrent.each([
    ['hold next to our drop-in', { parentSettingsBehavior: 'merge' }, false],
    ['would be replaced by it without parentSettingsBehavior', {}, true],
  ])('%s', async (name, more, ranTool) => {
    expect(await laboratory.run(setup(name, more))).toMatchObject({ client: 'ours', ranTool });
  });
});
