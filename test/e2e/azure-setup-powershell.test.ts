// deploy/azure/setup.ps1 in PowerShell 7, run whole against a local Azure, as setup.sh is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import type { AzureWorld, Run } from '../support/harness/azure-world.ts';
import { powerShell, quote } from '../support/harness/powershell.ts';
import { recordedToken } from '../support/servers/recording-az.ts';
import { azure, BASICS, describeSetup, type SetupScript, SMALL } from './azure-setup-scenarios.ts';

const SCRIPT = join(projectFolder, 'deploy/azure/setup.ps1');

/** `--admin-consent` is `-AdminConsent` here. */
const parameterName = (option: string): string =>
  `-${option.slice(2).replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`;

/** Options that are repeated make one list. */
function parameters(options: readonly string[]): string {
  const values = new Map<string, string[]>();
  let name = '';
  for (const word of options) {
    if (word.startsWith('--')) name = word;
    values.set(name, [...(values.get(name) ?? []), ...(word === name ? [] : [quote(word)])]);
  }
  return [...values].map(([option, texts]) => `${parameterName(option)} ${texts.join(',')}`).join(' ');
}

/** Instead of the cmdlet, as in a user's profile. */
const SLEEP =
  'function Start-Sleep { param([int] $Seconds) Add-Content -LiteralPath $env:SLEEP_RECORD -Value $Seconds }';

const call = (world: AzureWorld, command: string): Promise<Run> =>
  world.run(powerShell?.program ?? '', powerShell?.arguments(`${SLEEP}; ${command}; exit $LASTEXITCODE`) ?? []);

const setUp: SetupScript = {
  name: 'setup.ps1',
  run: (world, options) => call(world, `& ${quote(SCRIPT)} ${parameters(options)}`),
  optionName: parameterName,
  misuse: 1,
  isSlow: true,
};

/** Command lines that the parameters themselves refuse, and the parameter that each is refused for. */
const MISUSES: readonly (readonly [options: readonly string[], refused: string])[] = [
  [[], 'ResourceGroup Location Resource Model'],
  [BASICS, 'Model'],
  [[...SMALL, '--capacity', '0'], 'Capacity'],
  [[...SMALL, '--country-code', 'usa'], 'CountryCode'],
  [[...SMALL, '--country-code', 'us'], 'CountryCode'],
  [[...BASICS, '--model', 'claude-sonnet-5', '--industry', 'Software'], 'Industry'],
  [[...BASICS, '--model', 'claude-sonnet-5', '--industry', 'Technology'], 'Industry'],
  [[...SMALL, '--sign-in-method', 'sso'], 'SignInMethod'],
  [[...SMALL, '--location', 'EastUS2'], 'Location'],
  [[...SMALL, '--app-name', 'two\nlines'], 'AppName'],
  [[...SMALL, '--resource', "x' || '1"], 'Resource'],
  [[...SMALL, '--subscription', 'A & B'], 'Subscription'],
  [[...SMALL, '--modle', 'x'], 'Modle'],
];

describe.skipIf(powerShell === undefined)('setup.ps1', () => {
  describeSetup(setUp);

  it('sends to each of Azure’s hosts the token for that host, and shows none', async () => {
    const world = await azure('recording az');
    const { exitCode, stdout, stderr } = await setUp.run(world, SMALL);
    expect(exitCode).toBe(0);
    const sent = world.server.requests.map(({ host, authorization }) => `${host} ${authorization}`);
    const hosts = ['management.azure.com', 'graph.microsoft.com'];
    expect([...new Set(sent)]).toEqual(hosts.map((host) => `${host} Bearer ${recordedToken(host)}`));
    for (const host of hosts) expect(`${stdout}${stderr}`).not.toContain(recordedToken(host));
  });

  it('continues where setup.sh stopped, and names a role assignment the same way', async () => {
    const world = await azure('recording az');
    const options = [...SMALL, '--assign-group', 'Claude users'];
    const assignments = (): readonly string[] =>
      [...world.server.resources.keys()].filter((path) => path.includes('/roleassignments/'));
    const bash = await world.run('/bin/bash', [SCRIPT.replace('.ps1', '.sh'), ...options]);
    expect(bash).toMatchObject({ exitCode: 0 });
    const [made = '', ...more] = assignments();
    expect(more).toEqual([]);
    world.server.resources.delete(made);
    const before = world.server.changes().length;
    const { exitCode, stdout } = await setUp.run(world, options);
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, JSON.parse(bash.stdout)]);
    expect(world.server.changes()).toHaveLength(before + 1);
    expect(assignments()).toEqual([made]);
  });

  it('is called in docs/how-to/azure-setup.md so that it does what the page says', async () => {
    const page = readFileSync(join(projectFolder, 'docs/how-to/azure-setup.md'), 'utf8');
    const [block = '', ...more] = [...page.matchAll(/^```powershell\n([\s\S]*?)^```$/gm)].map(([, text]) => text);
    expect(more).toEqual([]);
    const world = await azure('recording az');
    expect(await call(world, block)).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('nothing was changed; changes to make: 8'),
    });
    expect(world.server.changes()).toEqual([]);
  });

  it('says that the CLI is missing', async () => {
    const world = await azure('no az');
    expect(await setUp.run(world, SMALL)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'setup.ps1: the Azure CLI is missing: https://aka.ms/azure-cli\n',
    });
  });

  it('refuses wrong parameters before it does anything', async () => {
    const world = await azure('no az');
    // In the order of the parameters, as PowerShell names those that are missing.
    const attempts = MISUSES.map(
      ([options]) =>
        `try { & ${quote(SCRIPT)} ${parameters(options)}; 'ran' } catch { "$($_.Exception.ParameterName)".Trim() }`,
    );
    const { stdout, stderr } = await call(world, attempts.join('; '));
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toEqual(MISUSES.map(([, refused]) => refused));
  });

  it('is explained by Get-Help, with every parameter', async () => {
    const world = await azure('no az');
    const { stdout } = await call(world, `Get-Help ${quote(SCRIPT)} -Detailed | Out-String -Width 200`);
    expect(stdout).toContain('Prepares Azure and Entra for foundry-credential-helper');
    const [declarations = ''] = readFileSync(SCRIPT, 'utf8').split('Set-StrictMode');
    const names = [...declarations.matchAll(/^ {2}.*\] \$(\w+)/gm)].map(([, name]) => name);
    expect(names).toHaveLength(15);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^ {4}-${name} \\S+\n {8}\\w`, 'm'));
  });
});
