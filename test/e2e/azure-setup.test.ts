// deploy/azure/setup.sh in bash and zsh, run whole against a local Azure: with a recording `az`, and with the real Azure
// CLI (Debian's package azure-cli) where that is installed. LONG=1 runs every test with the real one too.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import type { AzureWorld, Run } from '../support/harness/azure-world.ts';
import { BrowserUser } from '../support/harness/browser-user.ts';
import type { World } from '../support/harness/world.ts';
import { azure, BASICS, describeSetup, type SetupScript, SMALL } from './azure-setup-scenarios.ts';
import { run, worldForTest } from './support.ts';

const INDUSTRIES = 'technology, finance, healthcare, education, retail, manufacturing, government, media, other';
const SCRIPT = join(projectFolder, 'deploy/azure/setup.sh');

const start = ({ run }: AzureWorld, args: readonly string[], shell: string): Promise<Run> =>
  run(`/bin/${shell}`, [SCRIPT, ...args]);

const setUp: SetupScript = {
  name: 'setup.sh',
  run: (world, options, way) => start(world, options, way === 'second' ? 'zsh' : 'bash'),
  optionName: (option) => option,
  misuse: 2,
  isSlow: false,
};

describeSetup(setUp);

it('every command block of docs/how-to/azure-setup.md for a shell does what the page says', async () => {
  const page = readFileSync(join(projectFolder, 'docs/how-to/azure-setup.md'), 'utf8');
  const [look, make, ...more] = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  expect(more).toEqual([]);
  const world = await azure('recording az');
  const looked = await world.run('/bin/bash', ['-c', look ?? '']);
  expect(looked).toMatchObject({
    exitCode: 0,
    stdout: '',
    stderr: expect.stringContaining('nothing was changed; changes to make: 8'),
  });
  expect(world.server.changes()).toEqual([]);
  expect(await world.run('/bin/bash', ['-ec', make ?? ''])).toMatchObject({ exitCode: 0 });
  expect(world.server.changes()).toHaveLength(8);
  expect(existsSync(join(world.root, 'rollout/linux/foundry-credential-helper/policy.json'))).toBe(true);
});

/** A user's world whose Entra has the application that the set-up registered, and whose settings are its output. */
async function signInWorld({ server }: AzureWorld, output: string): Promise<World> {
  const answers = JSON.parse(output) as Record<string, string>;
  const [application = {}] = server.directory.applications;
  const { tenantId = '', clientId = '' } = answers;
  const world = await worldForTest({ entra: { tenantId, clientId }, config: answers });
  const { redirectUris } = application['publicClient'] as { readonly redirectUris: readonly string[] };
  world.entra.redirectUris = redirectUris;
  world.entra.allowPublicClientFlows = application['isFallbackPublicClient'] === true;
  return world;
}

it('prepares Entra for the browser, for device codes only if asked to, and the settings for the same method', async () => {
  const world = await azure('recording az');
  const browser = await signInWorld(world, (await start(world, SMALL, 'bash')).stdout);
  const login = run(browser.env, 'login');
  await new BrowserUser(browser).signIn();
  expect(await login).toMatchObject({ exitCode: 0, stdout: 'Signed in as ada@contoso.com.\n' });
  expect(browser.entra.grants).toMatchObject({ authorization_code: 1, device_code: 0 });
  const refused = await run(browser.env, 'login', '--method', 'device-code', '--no-browser');
  expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('AADSTS7000218') });

  const withCodes = [...SMALL, '--sign-in-method', 'device-code'];
  const codes = await signInWorld(world, (await start(world, withCodes, 'bash')).stdout);
  const again = run(codes.env, 'login', '--no-browser');
  codes.entra.approve(await codes.entra.waitForUserCode());
  expect(await again).toMatchObject({ exitCode: 0 });
  expect(codes.entra.grants).toMatchObject({ authorization_code: 0, device_code: 1 });
});

it('prepares Entra for the broker, with settings for a rollout in which Macs use the browser', async () => {
  const world = await azure('recording az');
  const { stdout } = await start(world, [...SMALL, '--sign-in-method', 'broker'], 'bash');
  const answers = join(world.root, 'answers.json');
  writeFileSync(answers, stdout);
  const out = join(world.root, 'out');
  const user = await signInWorld(world, stdout);
  expect(await run(user.env, 'config', 'export', out, '--answers', answers)).toMatchObject({ exitCode: 0 });
  const read = (path: string): string => readFileSync(join(out, path), 'utf8');
  expect(read('linux/foundry-credential-helper/policy.json')).toContain('"signInMethod": "broker"');
  expect(read('macos/foundry-credential-helper.mobileconfig')).toMatch(/signInMethod<\/key>\s*<string>browser</);
  // The registration has what a broker asks for, and what the browser needs that the fallback offers.
  expect(user.entra.redirectUris).toHaveLength(3);
  expect(user.entra.allowPublicClientFlows).toBe(true);
});

describe('the command line', () => {
  it('says that the CLI is missing', async () => {
    const world = await azure('no az');
    const refused = await setUp.run(world, SMALL);
    expect(refused).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'setup.sh: the Azure CLI is missing: https://aka.ms/azure-cli\n',
    });
  });

  it('is explained by --help', async () => {
    const world = await azure('no az');
    for (const shell of ['bash', 'zsh']) {
      const help = await start(world, ['--help'], shell);
      expect(help).toMatchObject({ exitCode: 0, stderr: '' });
      const known = [...readFileSync(SCRIPT, 'utf8').matchAll(/^ {4,6}(--[a-z-]+)(?: \| -h)?\) /gm)].map(
        ([, name]) => name,
      );
      expect(known).toHaveLength(17);
      for (const name of known.filter((name) => name !== '--help')) expect(help.stdout).toContain(`\n  ${name} `);
    }
  });

  it.each([
    [[], '--resource-group is needed'],
    [BASICS, '--model is needed'],
    [[...SMALL, '--capacity', '0'], `--capacity: "0" isn't valid`],
    [[...SMALL, '--country-code', 'usa'], `--country-code: "usa" isn't valid`],
    [[...SMALL, '--app-name', 'two\nlines'], `--app-name: "two\nlines" isn't valid`],
    [[...SMALL, '--resource', "x' || '1"], `--resource: "x' || '1" isn't valid`],
    [[...SMALL, '--industry', 'Software'], `--industry: "Software" isn't one of ${INDUSTRIES}`],
    [[...SMALL, '--industry', 'finance healthcare'], `--industry: "finance healthcare" isn't one of ${INDUSTRIES}`],
    [[...SMALL, '--sign-in-method', 'sso'], `--sign-in-method: "sso" isn't one of browser, device-code, broker`],
    [[...SMALL, '--modle', 'x'], 'unknown option: --modle'],
    [[...SMALL, '--model'], '--model needs a value'],
    [[...SMALL, 'more'], 'unknown argument: more'],
  ])('%j is refused with exit 2', async (args, text) => {
    const world = await azure('no az');
    for (const shell of ['bash', 'zsh']) {
      const refused = await start(world, args, shell);
      expect(refused).toEqual({ exitCode: 2, stdout: '', stderr: `setup.sh: ${text}\nSee setup.sh --help\n` });
    }
  });
});
