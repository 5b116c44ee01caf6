import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import type { Finding } from '../../../src/doctor/check.ts';
import { AgentPlace } from '../../../src/doctor/places/agent-place.ts';

const ok: Finding = { id: 'dns', title: 'DNS', state: 'ok', detail: 'fine' };

/** What the agent says, and how it ends. */
async function place(parts: readonly unknown[], error?: Error): Promise<AgentPlace> {
  return AgentPlace.open(async (onPart) => {
    parts.forEach(onPart);
    if (error !== undefined) throw error;
  });
}

const same = async (finding: Finding) => finding;

describe('what the agent finds', () => {
  it('comes in its order, with what starts', async () => {
    const seen: string[] = [];
    const agent = await place([{ settings: [] }, { started: { id: 'dns', title: 'DNS' } }, { finding: ok }]);
    const { findings, broken } = await agent.findings(same, {
      started: ({ id }) => seen.push(`start ${id}`),
      finished: ({ id }) => seen.push(`end ${id}`),
    });
    expect({ findings, broken, seen }).toEqual({ findings: [ok], broken: undefined, seen: ['start dns', 'end dns'] });
  });

  it('leaves out parts that no one understands', async () => {
    const odd = [7, null, {}, { finding: { ...ok, state: 'odd' } }, { finding: { ...ok, state: 'fail' } }, { new: 1 }];
    const { findings } = await (await place([{ settings: [{}, 1] }, ...odd, { finding: ok }])).findings(same, {});
    expect(findings).toEqual([ok]);
  });

  it('fails the check under way if the agent breaks off', async () => {
    const parts = [{ settings: [] }, { finding: ok }, { started: { id: 'proxy', title: 'Proxy' } }];
    const agent = await place(parts, new AppError('ERR_AGENT_UNREACHABLE', { detail: 'it hung up' }));
    const { findings, broken } = await agent.findings(same, {});
    expect(findings).toEqual([ok, broken]);
    expect(broken).toMatchObject({ id: 'proxy', state: 'fail', detail: expect.stringContaining('it hung up') });
  });

  it.each([
    ['refuses', [], new AppError('ERR_AGENT_PROTOCOL', { detail: 'unknown method' }), 'ERR_AGENT_PROTOCOL'],
    ['has nothing to say', [], undefined, 'ERR_AGENT_PROTOCOL'],
    ['says something else first', [{ finding: ok }], undefined, 'ERR_AGENT_PROTOCOL'],
  ])("can't be had from an agent that %s", async (_, parts, error, code) => {
    await expect(place(parts, error)).rejects.toMatchObject({ code });
  });
});
