import { expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { describeUnwritable, unwritableFile } from '../../../src/core/unwritable.ts';

const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });

it.each([
  ["the system's own error", full],
  ['one of ours with that cause', new AppError('ERR_STATE_UNWRITABLE', { detail: '/state (ENOSPC)', cause: full })],
])('names the code of %s', (_, thrown) => {
  const file = unwritableFile('/state/agent.log', thrown);
  expect(file).toEqual({ path: '/state/agent.log', code: 'ENOSPC' });
  expect(describeUnwritable(file)).toEqual({
    detail: "can't write /state/agent.log (ENOSPC)",
    remedy: 'free disk space',
  });
});

it("names the reason of this program's own error without a cause", () => {
  const thrown = new AppError('ERR_AGENT_UNTRUSTED', { detail: '/state is writable by others (everyone)' });
  expect(describeUnwritable(unwritableFile('/state/agent.log', thrown))).toEqual({
    detail: "can't write /state/agent.log (ERR_AGENT_UNTRUSTED): /state is writable by others (everyone)",
    remedy: 'protect the named folder or file from other users',
  });
});

it('says "unknown" of anything else', () => {
  expect(unwritableFile('/state/agent.log', 'no error')).toEqual({ path: '/state/agent.log', code: 'unknown' });
});
