// Another user of the computer at the endpoint of `exec`, while the user's command gets its tokens there.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sample } from '../../support/harness/long.ts';
import { type Client, clientWorld, runProgram } from '../clients/support.ts';
import { binary, type Run } from '../support.ts';
import { startAttack } from './stranger.ts';
import { canPlayTwoUsers } from './support.ts';

/** Fewer than the command may ask for in ten seconds. */
const REQUESTS = 20;

/** Asks the endpoint as Azure SDKs do, which don't try again, and reports each failure. */
const command = ({ world }: Client): string => `
import { existsSync, writeFileSync } from 'node:fs';
const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: secret } = process.env;
const folder = ${JSON.stringify(world.sandbox.root)};
writeFileSync(folder + '/endpoint', endpoint);
while (!existsSync(folder + '/go')) await new Promise((resolve) => setTimeout(resolve, 20));
const faults = [];
let token;
for (let count = 0; count < ${REQUESTS}; count += 1) {
  await fetch(endpoint + '?api-version=2019-08-01&resource=https://cognitiveservices.azure.com', {
    headers: { 'X-IDENTITY-HEADER': secret, Connection: 'close' },
  }).then(
    async (reply) => {
      if (reply.status === 200) ({ access_token: token } = await reply.json());
      else faults.push(await reply.text());
    },
    (error) => faults.push(String(error.cause?.code ?? error)),
  );
}
console.log(JSON.stringify({ faults, token }));
process.exit();
`;

const HEAD = 'Host: 127.0.0.1\\r\\n';
const attacks: readonly (readonly [name: string, atOnce: number, send: string])[] = [
  ['opens connections and closes them', 50, 'socket.destroy();'],
  ['holds connections open', 200, ''],
  [
    'sends heads that never end',
    100,
    "socket.write('GET /msi/token HTTP/1.1\\r\\nX: '); setInterval(() => socket.write('x'), 500).unref();",
  ],
  [
    'guesses the secret',
    50,
    `socket.write(\`GET /msi/token?api-version=2019-08-01&resource=x HTTP/1.1\\r\\n${HEAD}X-IDENTITY-HEADER: \${Math.random()}\\r\\n\\r\\n\`);`,
  ],
  ['sends two hosts', 50, `socket.write(\`GET /msi/token HTTP/1.1\\r\\n${HEAD}Host: x\\r\\n\\r\\n\`);`],
  ['sends what is no HTTP', 50, "socket.write('\\x16\\x03\\x01' + 'x'.repeat(100_000));"],
  [
    'sends endless bodies',
    20,
    `socket.write(\`POST /msi/token HTTP/1.1\\r\\n${HEAD}Content-Length: 1000000000\\r\\n\\r\\n\`); const feed = () => socket.destroyed || socket.write('x'.repeat(65_536)); socket.on('drain', feed); feed();`,
  ],
];

async function appearance(path: string): Promise<string> {
  await expect.poll(() => existsSync(path) && readFileSync(path, 'utf8') !== '').toBe(true);
  return readFileSync(path, 'utf8');
}

describe.runIf(canPlayTwoUsers)('another user of this computer', () => {
  it.each(sample(attacks, 3))('who %s gets nothing, and the command gets all its tokens', async (_, atOnce, send) => {
    const client = await clientWorld();
    const { root } = client.world.sandbox;
    const running: Promise<Run> = runProgram(client, command(client), [binary, 'exec', '--']);
    const port = new URL(await appearance(join(root, 'endpoint'))).port;
    const { received, process } = await startAttack(port, atOnce, send);
    writeFileSync(join(root, 'go'), '');
    const { stdout, stderr } = await running;
    expect(stderr).toBe('');
    const { faults, token } = JSON.parse(stdout) as { faults: string[]; token: string };
    expect(faults).toEqual([]);
    expect(client.world.entra.checkAccessToken(token)).toBe('valid');
    expect(process.exitCode).toBeNull();
    expect(received()).toBe('');
  });
});
