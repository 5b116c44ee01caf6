// An agent that hangs is told from one that says to wait.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askAgent } from '../../../src/ipc/client.ts';
import { type Handler, IpcServer } from '../../../src/ipc/server.ts';

async function pathOf(handler: Handler): Promise<string> {
  const folder = join(mkdtempSync(join(tmpdir(), 'fch-silence-')), 'run');
  mkdirSync(folder, { mode: 0o700 });
  const address = { kind: 'unix', folder, path: join(folder, 'agent.sock') } as const;
  const server = new IpcServer({ address, handler });
  await server.listen();
  onTestFinished(async () => {
    await server.close(0);
    rmSync(join(folder, '..'), { recursive: true });
  });
  return address.path;
}

const status = { method: 'status' } as const;
const never = new Promise<never>(() => undefined);

describe.runIf(process.platform !== 'win32')('an agent that says nothing', () => {
  it('has failed after that time, long before the deadline', async () => {
    const path = await pathOf(() => never);
    const asked = askAgent({ path }, status, { silenceMs: 200, deadlineMs: 3_600_000 });
    await expect(asked).rejects.toMatchObject({ code: 'ERR_AGENT_UNREACHABLE', detail: undefined });
  });

  it('may be silent for longer once it has said to wait', async () => {
    let answer: (result: unknown) => void = () => undefined;
    const path = await pathOf((_, channel) => {
      channel.send({ waitMs: 3_600_000 });
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    // Many turns of the event loop that client and server share here, so the notice comes in time on any machine.
    const asked = askAgent({ path }, status, { silenceMs: 1_000, deadlineMs: 3_600_000 });
    // Longer than the silence could last.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    answer({ late: true });
    expect(await asked).toEqual({ late: true });
  });
});

it.runIf(process.platform !== 'win32')('parts come in their order, ahead of the result', async () => {
  const path = await pathOf(async (_, channel) => {
    for (const part of [{ n: 1 }, { n: 2 }]) channel.send({ part });
    return { complete: true };
  });
  const parts: unknown[] = [];
  const request = { method: 'diagnose', key: 'k', live: false } as const;
  const result = await askAgent({ path }, request, { onPart: (part) => parts.push(part) });
  expect({ result, parts }).toEqual({ result: { complete: true }, parts: [{ n: 1 }, { n: 2 }] });
});
