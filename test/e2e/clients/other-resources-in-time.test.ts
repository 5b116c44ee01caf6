// Claude Code and an MCP server whose tokens end in the middle of a turn.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { GREETING } from '../../support/servers/mcp-server.ts';
import { MCP, MCP_TOOL, pauseIn, seenBy, serverSession } from './header-helper.ts';

/** A token that was minted less than a minute ago isn't replaced. */
const REJECTED_AFTER_MS = 60_000;

it('an MCP server gets another token when one is rejected in the middle', async () => {
  const { client, mcp, turn } = await serverSession();
  const pause = pauseIn(client);
  client.world.foundry.callTool(MCP_TOOL, {});
  const running = turn();
  await pause.reached();
  await sleep(REJECTED_AFTER_MS);
  client.world.entra.revokeAccessTokens(MCP);
  pause.goOn();
  expect((await running).stdout).toContain(GREETING);
  expect(seenBy(mcp, '/mcp').at(-1)).toBe(`POST 200 by B for ${MCP}`);
});

it('an MCP server gets another token when one expires in the middle', async () => {
  const { client, mcp, turn } = await serverSession();
  client.world.entra.accessTokenLifetimeSec = 20;
  const pause = pauseIn(client);
  client.world.foundry.callTool(MCP_TOOL, {});
  const running = turn();
  await pause.reached();
  await sleep(20_000);
  pause.goOn();
  expect((await running).stdout).toContain(GREETING);
  expect(seenBy(mcp, '/mcp').at(-1)).toMatch(/^POST 200 by [B-Z] /);
});
