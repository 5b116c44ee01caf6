import { expect, it } from 'vitest';
import { failureIn } from '../../../src/helper/ask-for-output.ts';

const text = 'foundry-credential-helper: error[ERR_SIGN_IN_REQUIRED]: nobody is signed in\n';
const outcome = (failure: unknown) => ({ kind: 'error', record: {}, failure }) as const;

it('is what the agent says to write', () => {
  expect(failureIn(outcome({ text, exit: 4 }))).toEqual({ text, exit: 4 });
});

it.each([undefined, null, 'text', {}, { text }, { exit: 4 }, { text: 4, exit: 4 }])(
  'is nothing where it says %j',
  (it) => {
    expect(failureIn(outcome(it))).toBeUndefined();
  },
);

// A failure that exits with 0 would be taken for a token; from 126 on they are the shell's.
it.each([0, 0.5, -1, 126, 256, Number.NaN, '4'])('is nothing with the exit code %s', (exit) => {
  expect(failureIn(outcome({ text, exit }))).toBeUndefined();
});

it.each(['no-agent', 'hung-up', 'deadline', 'stepping-aside'] as const)('is nothing after %s', (kind) => {
  expect(failureIn({ kind })).toBeUndefined();
});
