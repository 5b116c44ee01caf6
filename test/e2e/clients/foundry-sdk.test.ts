// Anthropic's SDK for Foundry, with the programs of docs/how-to/clients/anthropic-sdks.md.
import { expect, it } from 'vitest';
import { binary, run } from '../support.ts';
import { blocksOf, clientWorld, runProgram, seen } from './support.ts';

const twoCalls = (pauseSec: number): string => `
const ask = async () => {
  const message = await client.messages.create({ model: 'claude-sonnet-5', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] });
  console.log(message.content[0].text);
};
await ask();
await new Promise((resolve) => setTimeout(resolve, ${pauseSec} * 1000));
await ask();
`;
const [byCommand = '', byEndpoint = ''] = blocksOf('anthropic-sdks.md', 'js');
const HELLO = 'Hello from your Foundry deployment.\n'.repeat(2);

it.each([
  ['the command', byCommand, []],
  ['the endpoint', byEndpoint, [binary, 'exec', '--']],
] as const)('gets its tokens from %s', async (_, source, before) => {
  const client = await clientWorld();
  expect(await runProgram(client, source + twoCalls(0), before)).toMatchObject({ exitCode: 0, stdout: HELLO });
  expect(seen(client.world)).toEqual(Array(2).fill('messages 200 by authorization A'));
});

it.each([
  ['the command', byCommand, []],
  ['the endpoint', byEndpoint, [binary, 'exec', '--']],
] as const)('has another token from %s when one expires in the middle', async (_, source, before) => {
  const client = await clientWorld();
  client.world.entra.accessTokenLifetimeSec = 8;
  await run(client.env, 'agent', 'stop');
  expect(await runProgram(client, source + twoCalls(10), before)).toMatchObject({ exitCode: 0, stdout: HELLO });
  expect(seen(client.world)).toEqual(['messages 200 by authorization A', 'messages 200 by authorization B']);
});
