// docs/how-to/install-windows.md: its msiexec commands run under Wine as they're written, in the page's order.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productVersion, projectFolder } from '../../../installers/build/bundle.ts';
import { makeInstaller } from '../../../installers/windows/msi.ts';
import { configurationKeys } from '../../../src/config/keys.ts';
import { isLong } from '../../support/harness/long.ts';
import { installTaskScheduler } from '../../support/harness/schtasks.ts';
import { createWinePrefix, type WinePrefix, windowsPath } from '../../support/harness/wine.ts';
import {
  binaries,
  installedFiles,
  installedVersion,
  makeVersion,
  NOTHING,
  POLICY_KEY,
  PROGRAM,
  registryValues,
  remains,
} from './installer-support.ts';

const page = readFileSync(join(projectFolder, 'docs/how-to/install-windows.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'install-guide-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The lines of the page's blocks for a command prompt. */
const commands = [...page.matchAll(/^```bat\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'));
const [plain = '', withSettings = '', upgrade = '', removal = ''] = commands;

it('names the package of this version, and settings that exist', () => {
  expect(page).toContain(`| \`foundry-credential-helper-${productVersion()}-x64.msi\` |`);
  expect(commands).toHaveLength(4);
  const properties = [...withSettings.matchAll(/ ([A-Z]+)=/g)].map(([, name]) => name);
  expect(configurationKeys.map((key) => key.toUpperCase())).toEqual(expect.arrayContaining(properties));
  expect(properties).toHaveLength(5);
});

describe.runIf(isLong)('the commands', () => {
  const next = /-(\d+\.\d+\.\d+)-x64/.exec(upgrade)?.[1] ?? '';
  let prefix: WinePrefix;
  let installers: ReadonlyMap<string, string>;

  beforeAll(async () => {
    const current = join(folder, 'current.msi');
    makeInstaller({ arch: 'x64', version: productVersion(), binaries, output: current });
    installers = new Map([
      [`foundry-credential-helper-${productVersion()}-x64.msi`, current],
      [`foundry-credential-helper-${next}-x64.msi`, makeVersion(folder, next)],
    ]);
    prefix = await createWinePrefix();
    await installTaskScheduler(prefix);
  });

  afterAll(() => prefix.stop());

  /** Runs a command of the page with the paths of the test's packages. */
  async function run(command: string): Promise<void> {
    const [, program = '', rest = ''] = /^(\S+) (.*)$/.exec(command) ?? [];
    const found = [...installers].find(([name]) => rest.includes(name));
    expect({ command, found }).toMatchObject({ found: [expect.any(String), expect.any(String)] });
    const [name = '', path = ''] = found ?? [];
    const line = rest.replace(name, windowsPath(path)).split(' ');
    const { exitCode } = await prefix.run(`${program}.exe`, line, { verbatim: true, timeoutMs: 120_000 });
    expect({ command, exitCode }).toEqual({ command, exitCode: 0 });
  }

  it('install the program, and remove it without a trace', async () => {
    await run(plain);
    expect(installedVersion(prefix, PROGRAM)).toBe(`${productVersion()}.0`);
    expect(await registryValues(prefix, POLICY_KEY)).toBeUndefined();
    await run(removal);
    expect(await remains(prefix)).toEqual(NOTHING);
  });

  it('install it with settings, which an upgrade keeps', async () => {
    await run(withSettings);
    const policy = await registryValues(prefix, POLICY_KEY);
    expect(policy).toEqual({
      tenantId: 'contoso.onmicrosoft.com',
      clientId: '11111111-2222-3333-4444-555555555555',
      foundryResource: 'contoso-foundry',
      models: 'claude-sonnet-5, claude-opus-4-8',
      signInMethod: 'browser',
    });
    await run(upgrade);
    expect(installedVersion(prefix, PROGRAM)).toBe(`${next}.0`);
    expect(await registryValues(prefix, POLICY_KEY)).toEqual(policy);
    await run(removal.replace(productVersion(), next));
    expect(installedFiles(prefix)).toBeUndefined();
  });
});
