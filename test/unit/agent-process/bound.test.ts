import { describe, expect, it } from 'vitest';
import { boundForAgent, ENDS_WITH, takeBound } from '../../../src/agent-process/bound.ts';
import { agentEnvironment } from '../../../src/agent-process/environment.ts';
import type { Ancestor } from '../../../src/platform/windows-origin.ts';

const helper: Ancestor = { pid: 10, program: 'C:\\helper.exe' };
const desktop: Ancestor = { pid: 20, package: 'Claude_1_x64__abc', program: 'C:\\claude.exe' };
const explorer: Ancestor = { pid: 30, program: 'C:\\Windows\\explorer.exe' };
const fromDesktop = { CLAUDE_HELPER_CONTEXT: 'background' };
const NOBODY = 2 ** 30;

const bound = (ancestors: readonly Ancestor[] | undefined, env: NodeJS.ProcessEnv = {}, parentPid = process.pid) =>
  boundForAgent({
    platform: 'win32',
    env,
    origin: async () => (ancestors === undefined ? undefined : { sid: 'S-1-5-21-1', ancestors }),
    parentPid: () => parentPid,
  });

describe('an agent that is started on Windows', () => {
  it('ends with the packaged app around its starter, no matter who started that', async () => {
    expect(await bound([helper, desktop, explorer], fromDesktop)).toBe(desktop.pid);
    expect(await bound([helper, desktop, explorer])).toBe(desktop.pid);
  });

  it('stays if there is none', async () => {
    expect(await bound([helper, explorer])).toBeUndefined();
    expect(await bound([helper, explorer], fromDesktop)).toBeUndefined();
    expect(await bound(undefined)).toBeUndefined();
    expect(await bound([helper])).toBeUndefined();
  });

  it('ends with the process that started the helper if no one knows what is around it', async () => {
    expect(await bound(undefined, fromDesktop)).toBe(process.pid);
  });

  it("isn't started for a Claude Desktop that has ended", async () => {
    await expect(bound([helper], fromDesktop)).rejects.toMatchObject({ code: 'ERR_AGENT_START' });
    await expect(bound(undefined, fromDesktop, NOBODY)).rejects.toMatchObject({ code: 'ERR_AGENT_START' });
  });

  it('stays on other systems, without checking', async () => {
    const look = () => Promise.reject(new Error('looked'));
    expect(
      await boundForAgent({ platform: 'linux', env: fromDesktop, origin: look, parentPid: () => 1 }),
    ).toBeUndefined();
  });
});

describe('the number of the process that an agent ends with', () => {
  it('is taken once', () => {
    const env = { [ENDS_WITH]: '123' };
    expect(takeBound(env)).toBe(123);
    expect(env).toEqual({});
    expect(takeBound(env)).toBeUndefined();
  });

  it.each(['', '0', '-1', 'x', '1.5'])('is undefined if it reads %j', (text) => {
    expect(takeBound({ [ENDS_WITH]: text })).toBeUndefined();
  });

  it.each(['win32', 'linux'] as const)("isn't passed on to the next start on %s", (platform) => {
    expect(agentEnvironment({ [ENDS_WITH]: '1', HOME: '/' }, platform)).not.toHaveProperty(ENDS_WITH);
  });
});
