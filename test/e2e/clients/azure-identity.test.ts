// `DefaultAzureCredential` of Azure's SDK for JavaScript, under `exec`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startAttack } from '../attack/stranger.ts';
import { canPlayTwoUsers } from '../attack/support.ts';
import { binary, run } from '../support.ts';
import { blocksOf, clientWorld, runProgram, seen } from './support.ts';

const [documented = ''] = blocksOf('azure-sdks.md', 'js');

/** The documented lines, and two calls with the token that they get, the second one after a pause. */
const program = (pauseSec: number): string => `
${documented}
const ask = async () => {
  const { token } = await credential.getToken('https://cognitiveservices.azure.com/.default');
  const reply = await fetch('https://contoso-foundry.services.ai.azure.com/anthropic/v1/messages', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + token, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'claude-sonnet-5', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  console.log(reply.status);
};
await ask();
await new Promise((resolve) => setTimeout(resolve, ${pauseSec} * 1000));
await ask();
`;

it('gets tokens, keeps one as long as it lives, and the endpoint is asked once', async () => {
  const client = await clientWorld();
  expect(await runProgram(client, program(0), [binary, 'exec', '--'])).toMatchObject({
    exitCode: 0,
    stdout: '200\n200\n',
  });
  expect(seen(client.world)).toEqual(Array(2).fill('messages 200 by authorization A'));
});

it('has another token when one expires in the middle', async () => {
  const client = await clientWorld();
  client.world.entra.accessTokenLifetimeSec = 8;
  await run(client.env, 'agent', 'stop');
  expect(await runProgram(client, program(10), [binary, 'exec', '--'])).toMatchObject({
    exitCode: 0,
    stdout: '200\n200\n',
  });
  expect(seen(client.world)).toEqual(['messages 200 by authorization A', 'messages 200 by authorization B']);
});

it("shows this program's message when the sign-in ends while it runs", async () => {
  const client = await clientWorld();
  const source = `
import { DefaultAzureCredential } from '@azure/identity';
import { execFileSync } from 'node:child_process';
execFileSync('foundry-credential-helper', ['logout']);
await new DefaultAzureCredential().getToken('https://cognitiveservices.azure.com/.default').catch(({ message }) => {
  console.log(message);
});
`;
  const { stdout } = await runProgram(client, source, [binary, 'exec', '--']);
  expect(stdout).toContain("error[ERR_SIGN_IN_REQUIRED]: you're not signed in");
});

it('is understood by the SDK for Python too', async () => {
  const client = await clientWorld();
  const source = `from azure.identity import DefaultAzureCredential
print(DefaultAzureCredential().get_token("https://cognitiveservices.azure.com/.default").token)`;
  const { stdout } = await run(client.env, 'exec', '--', '/usr/bin/python3', '-c', source);
  expect(client.world.entra.checkAccessToken(stdout.trim())).toBe('valid');
});

it.runIf(canPlayTwoUsers)(
  'gets its token while another user guesses the secret and holds connections open',
  async () => {
    const client = await clientWorld();
    const file = join(client.world.sandbox.root, 'endpoint');
    const source = `
import { existsSync, writeFileSync } from 'node:fs';
import { ManagedIdentityCredential } from '@azure/identity';
writeFileSync('${file}', process.env.IDENTITY_ENDPOINT + ' ');
while (!existsSync('${file}.go')) await new Promise((resolve) => setTimeout(resolve, 20));
console.log((await new ManagedIdentityCredential().getToken('https://cognitiveservices.azure.com/.default')).token);
process.exit();
`;
    const running = runProgram(client, source, [binary, 'exec', '--']);
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8').endsWith(' ')).toBe(true);
    const { port } = new URL(readFileSync(file, 'utf8'));
    const guess = 'GET /msi/token HTTP/1.1\\r\\nHost: x\\r\\nX-IDENTITY-HEADER: x\\r\\n\\r\\n';
    await Promise.all([startAttack(port, 50, `socket.write('${guess}');`), startAttack(port, 100, '')]);
    writeFileSync(`${file}.go`, '');
    expect(client.world.entra.checkAccessToken((await running).stdout.trim())).toBe('valid');
  },
);
