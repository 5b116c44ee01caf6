// The installer as an MDM runs it: silently, for the whole computer. Wine's Windows Installer is not Microsoft's: rights,
// restarts and files in use are not tried here (docs/packaging-windows.md).
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { targets } from '../../scripts/targets.ts';
import { withoutConsole, withProductResources } from '../../scripts/windows/executable.ts';
import { writeMsi } from '../../scripts/windows/msi.ts';
import { policyProperties } from '../../scripts/windows/policy-properties.ts';
import { keys } from '../../src/config/keys.ts';
import { createWinePrefix, type WinePrefix, windowsPath } from '../harness/wine.ts';
import { binaries, POLICY_KEY } from './support.ts';

const x64 = targets.find(({ name }) => name === 'windows-x64');
const arm64 = targets.find(({ name }) => name === 'windows-arm64');
if (x64 === undefined || arm64 === undefined) throw new Error('scripts/targets.ts has no Windows');

const [FIRST, SECOND] = ['0.1.0', '0.2.0'] as const;
const FOLDER = 'C:\\Program Files\\foundry-credential-helper';
const PROGRAM = `${FOLDER}\\foundry-credential-helper.exe`;
const AGENT = 'foundry-credential-helperw.exe';
const DETECTION = 'HKLM\\Software\\FoundryCredentialHelper';
const RUN = 'HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Run';
const UNINSTALL = 'HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall';
const TENANT = '11111111-2222-4333-8444-555555555555';

const folder = mkdtempSync(join(tmpdir(), 'msi-'));
afterAll(() => rmSync(folder, { recursive: true }));
let first: string;

beforeAll(() => {
  first = writeMsi({ target: x64, version: FIRST, output: join(folder, 'first.msi') });
});

/** Rows of a table of the package. */
function table(path: string, name: string): string[][] {
  const text = execFileSync('msiinfo', ['export', path, name], { encoding: 'utf8' });
  return text
    .split('\n')
    .slice(3)
    .filter((line) => line !== '')
    .map((line) => line.replace(/\r$/, '').split('\t'));
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('the package', () => {
  it('does its work in an order that Windows takes', () => {
    const rows = table(first, 'InstallExecuteSequence').map(
      ([action = '', , sequence]) => [action, Number(sequence)] as const,
    );
    const at = Object.fromEntries(rows);
    const order = (...actions: string[]) => {
      const numbers = actions.map((action) => at[action] ?? Number.NaN);
      expect(numbers, actions.join(' < ')).toEqual(numbers.toSorted((a, b) => a - b));
      expect(new Set(numbers).size).toBe(numbers.length);
    };
    order('FindRelatedProducts', 'AppSearch', 'KeepTENANTID', 'CostInitialize', 'CostFinalize');
    order('FindTaskkill', 'StopOwnAgent', 'InstallValidate', 'RemoveExistingProducts', 'InstallInitialize');
    order(
      'InstallInitialize',
      'ProcessComponents',
      'StopAgents',
      'RemoveRegistryValues',
      'RemoveFiles',
      'InstallFiles',
    );
    order('InstallFiles', 'WriteRegistryValues', 'RegisterProduct', 'PublishProduct', 'InstallFinalize');
    // Only so do they reach other users' agents (msidbCustomActionTypeInScript, NoImpersonate), and only so does a failing
    // one not end the installation (Continue).
    const types = Object.fromEntries(table(first, 'CustomAction').map(([action = '', type]) => [action, Number(type)]));
    expect((types['StopAgents'] ?? 0) & 0x0c40).toBe(0x0c40);
    expect((types['StopOwnAgent'] ?? 0) & 0x0440).toBe(0x0040);
  });

  it('names the version that the programs have, and one property for each setting without secrets', () => {
    const versions = table(first, 'File').map(([, , name, , version]) => [name, version]);
    expect(versions).toEqual(
      expect.arrayContaining([
        ['foundry-credential-helper.exe', `${FIRST}.0`],
        [AGENT, `${FIRST}.0`],
      ]),
    );
    const properties = Object.fromEntries(table(first, 'Property').map(([name = '', value]) => [name, value]));
    expect(properties['SecureCustomProperties']?.split(';')).toEqual(
      expect.arrayContaining(['WIX_UPGRADE_DETECTED', 'TENANTID', 'CLIENTID', 'MODELS']),
    );
    expect(policyProperties.map(({ key }) => key)).not.toEqual(expect.arrayContaining(['headers']));
    for (const { key } of policyProperties) expect(keys).toHaveProperty(key);
    const conditions = Object.fromEntries(
      table(first, 'Component').map(([name = '', , , , condition]) => [name, condition]),
    );
    expect(conditions).toMatchObject({ Program: '', Agent: '', Policy_tenantId: 'TENANTID', Policy_models: 'MODELS' });
  });

  it.runIf(process.env['LONG'] === '1')('comes out the same from the same input, and for arm64 says so', () => {
    expect(sha256(writeMsi({ target: x64, version: FIRST, output: join(folder, 'again.msi') }))).toBe(sha256(first));
    const other = writeMsi({ target: arm64, version: FIRST, folder: binaries, output: join(folder, 'arm64.msi') });
    const [mine, theirs] = [first, other].map((path) =>
      execFileSync('msiinfo', ['suminfo', path], { encoding: 'utf8' }),
    );
    expect(mine).toMatch(/^Template: x64;1033$/m);
    expect(theirs).toMatch(/^Template: Arm64;1033$/m);
    const code = (path: string) => table(path, 'Property').find(([name]) => name === 'ProductCode')?.[1];
    expect(code(other)).not.toBe(code(first));
  });
});

describe('on a computer', () => {
  let prefix: WinePrefix;
  let second: string;
  const steps: { step: string; 'exit code': number; seconds: string }[] = [];
  beforeAll(async () => {
    second = nextVersion();
    prefix = await createWinePrefix();
  });
  afterAll(async () => {
    await prefix.stop();
    if (process.env['LONG'] === '1') console.table(steps);
  });

  async function install(step: string, ...args: string[]): Promise<number> {
    const run = await prefix.run('msiexec.exe', [...args, '/qn'], { verbatim: true, timeoutMs: 120_000 });
    steps.push({ step, 'exit code': run.exitCode, seconds: (run.durationMs / 1000).toFixed(1) });
    return run.exitCode;
  }
  /** Text of a registry value, or of a whole key. */
  async function registry(key: string, value?: string): Promise<string | undefined> {
    const { exitCode, stdout } = await prefix.run('reg.exe', [
      'query',
      key,
      ...(value === undefined ? [] : ['/v', value]),
    ]);
    return exitCode === 0 ? stdout : undefined;
  }
  async function json(...args: string[]): Promise<Record<string, unknown>> {
    return JSON.parse((await prefix.run(PROGRAM, [...args, '--json'])).stdout) as Record<string, unknown>;
  }
  async function agent(): Promise<{ readonly pid?: number; readonly version?: string } | undefined> {
    return (await json('agent', 'status'))['agent'] as { pid: number } | undefined;
  }
  async function startAgent(): Promise<void> {
    expect(await prefix.run(PROGRAM, ['agent', 'start'])).toMatchObject({ exitCode: 0 });
    expect(await agent()).toBeDefined();
  }
  /** Command lines of our programs that run here, by Linux: Wine's tasklist lists nothing. */
  function processes(): string[] {
    const read = (pid: string, file: string): string => {
      try {
        return readFileSync(`/proc/${pid}/${file}`, 'latin1');
      } catch {
        // It has ended meanwhile.
        return '';
      }
    };
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid) && read(pid, 'environ').includes(`WINEPREFIX=${prefix.root}\0`))
      .map((pid) => read(pid, 'cmdline'))
      .filter((line) => line.includes('foundry-credential-helper'));
  }
  const installed = (): string[] => {
    const path = join(prefix.driveC, 'Program Files/foundry-credential-helper');
    return existsSync(path) ? readdirSync(path).toSorted() : [];
  };
  const setting = async (key: string) => {
    const { settings } = (await json('config', 'show')) as {
      settings: { key: string; value?: unknown; origin?: { location: string } }[];
    };
    const { value, origin } = settings.find((row) => row.key === key) ?? {};
    return { value, from: origin?.location };
  };

  it('is installed with a policy, which the program reads', async () => {
    const properties = [
      `TENANTID=${TENANT}`,
      'ORGANIZATIONNAME="Contoso AG"',
      'MODELS="claude-sonnet-5, claude-opus-5"',
    ];
    expect(await install('install 0.1.0', '/i', `"${windowsPath(first)}"`, ...properties)).toBe(0);
    expect(installed()).toEqual(['LICENSE', 'THIRD-PARTY-LICENSES.txt', 'foundry-credential-helper.exe', AGENT]);
    const from = `HKEY_LOCAL_MACHINE\\${POLICY_KEY}`;
    expect(await setting('tenantId')).toEqual({ value: TENANT, from });
    expect(await setting('organizationName')).toEqual({ value: 'Contoso AG', from });
    expect(await setting('models')).toEqual({ value: ['claude-sonnet-5', 'claude-opus-5'], from });
    expect(await setting('clientId')).toEqual({ value: undefined, from: undefined });
    expect(await registry(DETECTION, 'Version')).toContain(FIRST);
    expect(await registry(RUN, 'Foundry Credential Helper')).toContain(`"${FOLDER}\\${AGENT}" agent run`);
  });

  it('starts the agent when somebody logs on', async () => {
    await prefix.restart();
    // What Windows does at log-on: it starts what stands under Run.
    spawnSync('wine', ['wineboot'], { env: prefix.env, stdio: 'ignore' });
    await expect.poll(async () => (await agent())?.pid, { timeout: 20_000 }).toBeTypeOf('number');
    expect(processes()).toEqual([expect.stringContaining(AGENT)]);
  });

  it('replaces the programs under a running agent when a newer version comes, and keeps the policy', async () => {
    await startAgent();
    expect(processes()).toHaveLength(1);
    expect(await install('upgrade to 0.2.0, agent running', '/i', `"${windowsPath(second)}"`)).toBe(0);
    expect(processes()).toEqual([]);
    const path = join(prefix.driveC, 'Program Files/foundry-credential-helper/foundry-credential-helper.exe');
    expect(sha256(path)).toBe(sha256(join(folder, 'next/foundry-credential-helper.exe')));
    expect(installed()).toHaveLength(4);
    expect(await registry(DETECTION, 'Version')).toContain(SECOND);
    expect((await setting('tenantId')).value).toBe(TENANT);
    const listed = (await prefix.run('reg.exe', ['query', UNINSTALL, '/s'])).stdout;
    expect(listed.match(/Foundry Credential Helper/g)).toHaveLength(1);
  });

  it('refuses an older version and changes nothing', async () => {
    expect(await install('downgrade to 0.1.0', '/i', `"${windowsPath(first)}"`)).toBe(1603);
    expect(await registry(DETECTION, 'Version')).toContain(SECOND);
    expect(installed()).toHaveLength(4);
  });

  it('is removed while an agent runs, and leaves nothing', async () => {
    await startAgent();
    expect(processes()).toHaveLength(1);
    expect(await install('uninstall, agent running', '/x', `"${windowsPath(second)}"`)).toBe(0);
    expect(processes()).toEqual([]);
    expect(installed()).toEqual([]);
    expect(existsSync(join(prefix.driveC, 'Program Files/foundry-credential-helper'))).toBe(false);
    for (const key of [DETECTION, `HKLM\\${POLICY_KEY}`]) expect(await registry(key), key).toBeUndefined();
    expect(await registry(RUN, 'Foundry Credential Helper')).toBeUndefined();
    expect((await prefix.run('reg.exe', ['query', UNINSTALL, '/s'])).stdout).not.toContain('Foundry Credential Helper');
    const code = table(second, 'Property').find(([name]) => name === 'ProductCode')?.[1] ?? '';
    expect(await install('uninstall again', '/x', code)).toBe(1605);
  });
});

/** The same programs under another version, in a package of that version. */
function nextVersion(): string {
  const next = join(folder, 'next');
  mkdirSync(next);
  const program = withProductResources(readFileSync(join(binaries, 'foundry-credential-helper.exe')), SECOND);
  writeFileSync(join(next, 'foundry-credential-helper.exe'), program);
  writeFileSync(join(next, AGENT), withoutConsole(program));
  for (const name of ['LICENSE', 'THIRD-PARTY-LICENSES.txt']) copyFileSync(join(binaries, name), join(next, name));
  return writeMsi({ target: x64 as never, version: SECOND, folder: next, output: join(folder, 'second.msi') });
}
