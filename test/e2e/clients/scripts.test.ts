// docs/how-to/clients: what is written there is what works, with the versions that were tried.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { blocksOf, clientWorld, runShell, seen } from './support.ts';

const [curl = '', evaluate = ''] = blocksOf('scripts.md', 'sh');

it('curl gets its header from a pipe', async () => {
  const client = await clientWorld();
  // curl has no variable for further roots.
  const { stdout, stderr } = await runShell(client, curl.replace('curl ', `curl --cacert ${client.world.caFile} `));
  expect({ stdout, stderr }).toMatchObject({ stdout: expect.stringContaining('Hello from your Foundry'), stderr: '' });
  expect(seen(client.world)).toEqual(['messages 200 by authorization A']);
});

it('a shell gets its variable', async () => {
  const client = await clientWorld();
  const { stdout } = await runShell(client, `${evaluate}\nprintenv ANTHROPIC_FOUNDRY_AUTH_TOKEN`);
  expect(client.world.entra.checkAccessToken(stdout.trim())).toBe('valid');
});

it.each([
  ['claude-code.md', '@anthropic-ai/claude-code'],
  ['anthropic-sdks.md', '@anthropic-ai/foundry-sdk'],
  ['azure-sdks.md', '@azure/identity'],
])('%s names the version of %s that is tried', (page, name) => {
  const manifest = readFileSync(join(projectFolder, 'test/e2e/clients/packages/package.json'), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { readonly dependencies: Readonly<Record<string, string>> };
  expect(readFileSync(join(projectFolder, 'docs/how-to/clients', page), 'utf8')).toContain(
    `\`${name}\` ${dependencies[name]}`,
  );
});
