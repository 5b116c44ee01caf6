// What a client gets that runs its helper again because its server has rejected the token.
import { expect, it } from 'vitest';
import { Connections } from '../../../../src/agent/tokens/connections.ts';
import type { AccessToken } from '../../../../src/agent/tokens/held-token.ts';
import { instant, systemClock } from '../../../../src/core/clock.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { MINUTE } from '../support.ts';
import { createResourceBench, MCP, refusal } from './resource-bench.ts';

const [GREETER, OTHER] = ['/run/claude.sock greeter', '/run/claude.sock other'];

it('a connection that comes back gets a new token, and so does everyone from then on', async () => {
  const { resources, clock } = await createResourceBench();
  const source = resources.of(MCP);
  const first = await source.get(GREETER);
  clock.advance(MINUTE);
  expect(await source.get(OTHER)).toBe(first);
  const second = await source.get(GREETER);
  expect(second).not.toBe(first);
  expect([await source.get(), await source.get(OTHER)]).toEqual([second, second]);
});

it("a token that was just issued isn't replaced, no matter how often a connection comes back", async () => {
  const { resources, clock, scopes } = await createResourceBench();
  const source = resources.of(MCP);
  const first = await source.get(GREETER);
  clock.advance(MINUTE - 1);
  expect(await source.get(GREETER)).toBe(first);
  clock.advance(1);
  const second = await source.get(GREETER);
  expect(await source.get(GREETER)).toBe(second);
  expect(scopes).toEqual([MCP, MCP]);
});

it('what names no connection may ask as often as it likes', async () => {
  const { resources, clock, scopes } = await createResourceBench();
  const source = resources.of(MCP);
  for (let count = 0; count < 5; count += 1) {
    await source.get();
    clock.advance(2 * MINUTE);
  }
  expect(scopes).toEqual([MCP]);
});

it('a connection gets the same token once more if Entra has none', async () => {
  const { resources, clock, refusals } = await createResourceBench();
  const source = resources.of(MCP);
  const first = await source.get(GREETER);
  clock.advance(2 * MINUTE);
  refusals.set(MCP, refusal('ERR_NETWORK_TIMEOUT', ''));
  expect(await source.get(GREETER)).toBe(first);
});

it('only the newest connections are remembered', () => {
  const connections = new Connections();
  const token: AccessToken = { value: new Secret('x'), username: '', minted: instant(systemClock), lifetimeMs: 1 };
  for (let count = 0; count <= 64; count += 1) connections.remember(`${count}`, token);
  expect([connections.hasHad('0', token), connections.hasHad('1', token)]).toEqual([false, true]);
});
