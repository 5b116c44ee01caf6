// Managed policy of this computer as the compiled binary follows it. /etc is a copy that only its processes see.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { createEtcFolder, type EtcFolder } from '../support/harness/etc-folder.ts';
import { canUnshareMounts } from '../support/harness/mount-namespace.ts';
import { createSandbox, type Sandbox } from '../support/harness/sandbox.ts';
import { binary, type Run, run, runWithInput, signIn, worldForTest } from './support.ts';

const identity = { tenantId: 'contoso.onmicrosoft.com', clientId: '11111111-2222-3333-4444-555555555555' };

function place(config: object): { readonly sandbox: Sandbox; readonly etc: EtcFolder } {
  const sandbox = createSandbox();
  onTestFinished(() => sandbox.dispose());
  sandbox.writeConfig(config);
  return { sandbox, etc: createEtcFolder(sandbox.root) };
}

function runUnder(etc: EtcFolder, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Run> {
  return runWithInput(env, '', etc.seenBy([binary, ...args]));
}

describe.runIf(canUnshareMounts)('config show', () => {
  it('says who overrides whom, hides credentials, and names every source', async () => {
    const { sandbox, etc } = place({ ...identity, logLevel: 'debug', headers: { 'X-Key': 's3cret' } });
    etc.writePolicy({ tenantId: 'policy.example', proxy: 'http://ada:s3cret@proxy.example:8080' });
    const env = { ...sandbox.env, AZURE_TENANT_ID: 'env.example' };
    const { exitCode, stdout, stderr } = await runUnder(etc, env, 'config', 'show');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const policy = '/etc/foundry-credential-helper/policy.json';
    expect(stdout).toMatch(/^KEY +VALUE +FROM$/m);
    expect(stdout).toMatch(
      new RegExp(`^tenantId +policy\\.example +${policy}, overrides ${sandbox.configFile}, AZURE_TENANT_ID$`, 'm'),
    );
    expect(stdout).toMatch(new RegExp(`^logLevel +debug +${sandbox.configFile}$`, 'm'));
    expect(stdout).toMatch(/^proxy +http:\/\/\(hidden\)@proxy\.example:8080 /m);
    expect(stdout).toMatch(/^models +-$/m);
    expect(stdout).toMatch(new RegExp(`^ {2}policy +${policy}: read$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^ {2}your file +${sandbox.configFile}: read$`, 'm'));
    expect(stdout).toMatch(/^ {2}environment +environment variables: read$/m);
    expect(stdout).not.toMatch(/s3cret|ada/);

    const shown = JSON.parse((await runUnder(etc, env, 'config', 'show', '--json')).stdout);
    expect(shown).toMatchObject({ version: 1, problems: [] });
    expect(shown.settings.find(({ key }: { key: string }) => key === 'tenantId')).toEqual({
      key: 'tenantId',
      value: 'policy.example',
      origin: { kind: 'managed', location: policy },
      overrides: [
        { kind: 'user-file', location: sandbox.configFile },
        { kind: 'environment', location: 'AZURE_TENANT_ID' },
      ],
    });
    expect(shown.sources.map(({ kind, state }: Record<string, string>) => `${kind} ${state}`)).toEqual([
      'managed values',
      'user-file values',
      'environment values',
    ]);
    expect(JSON.stringify(shown)).not.toMatch(/s3cret|ada/);
  });

  it.each([
    [
      'invalid value',
      { tenantId: 'common' },
      'ERR_CONFIG_INVALID',
      /"tenantId" in \S+policy\.json must name one tenant/,
    ],
    ['broken file', '{"tenantId": "x",}', 'ERR_CONFIG_UNREADABLE', /policy\.json isn't valid JSON, line 1, column/],
  ])('names an %s in the policy with file and rule, exit 3', async (_, policy, code, message) => {
    const { sandbox, etc } = place(identity);
    etc.writePolicy(policy);
    const { exitCode, stdout, stderr } = await runUnder(etc, sandbox.env, 'config', 'show');
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).toMatch(message);
    expect(stdout).toMatch(/^clientId +11111111/m);
    const { problems } = JSON.parse((await runUnder(etc, sandbox.env, 'config', 'show', '--json')).stdout);
    expect(problems).toMatchObject([{ code }]);
  });

  it('notes an unknown key in policy and file, and succeeds', async () => {
    const { sandbox, etc } = place({ ...identity, later: { a: 1 } });
    etc.writePolicy({ tenatId: 'x' });
    const { exitCode, stdout, stderr } = await runUnder(etc, sandbox.env, 'config', 'show');
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      'note: unknown setting "tenatId" in /etc/foundry-credential-helper/policy.json; did you mean "tenantId"?\n' +
        `note: unknown setting "later" in ${sandbox.configFile}\n`,
    );
    expect(stdout).toMatch(/^tenantId +contoso\.onmicrosoft\.com /m);
    const shown = await runUnder(etc, sandbox.env, 'config', 'show', '--json');
    expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(shown.stdout)).toMatchObject({
      problems: [],
      unknownKeys: [
        { key: 'tenatId', location: '/etc/foundry-credential-helper/policy.json', nearest: 'tenantId' },
        { key: 'later', location: sandbox.configFile },
      ],
    });
  });

  it('marks as missing what the credential requires', async () => {
    const { sandbox, etc } = place({});
    const missing = async () =>
      (await runUnder(etc, sandbox.env, 'config', 'show')).stdout.match(/^\w+(?= +\(missing\)$)/gm);
    expect(await missing()).toEqual(['tenantId', 'clientId']);
    etc.writePolicy({ credential: 'api-key' });
    expect(await missing()).toBeNull();
  });
});

describe.runIf(canUnshareMounts)('the other commands of config', () => {
  it('validate finds what is wrong in the policy, and export passes its values on', async () => {
    const { sandbox, etc } = place({ foundryResource: 'contoso-foundry', models: ['claude-sonnet-5'] });
    etc.writePolicy({ ...identity, cloud: 'moon' });
    const validated = await runUnder(etc, sandbox.env, 'config', 'validate');
    expect(validated).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/policy\.json\n {2}error: setting-invalid {2}cloud/),
    });
    etc.writePolicy(identity);
    const exported = await runUnder(etc, sandbox.env, 'config', 'export', `${sandbox.root}/out`);
    expect(exported).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Written to') });
  });

  it('doctor and report go by it', async () => {
    const { sandbox, etc } = place({});
    etc.writePolicy({ ...identity, cloud: 'moon' });
    const { exitCode, stdout } = await runUnder(etc, sandbox.env, 'doctor', '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).checks.find(({ id }: { id: string }) => id === 'configuration')).toMatchObject({
      state: 'fail',
      detail: expect.stringMatching(/"cloud" in \/etc\/foundry-credential-helper\/policy\.json/),
      facts: { tenantId: '/etc/foundry-credential-helper/policy.json' },
    });
    const report = `${sandbox.root}/report.md`;
    expect(await runUnder(etc, sandbox.env, 'report', report)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(report, 'utf8')).toContain('from /etc/foundry-credential-helper/policy.json');
  });

  it("init doesn't ask for what policy decides", async () => {
    const { sandbox, etc } = place({});
    etc.writePolicy(identity);
    const answers = 'yes\nentra\ncontoso-foundry\nclaude-sonnet-5\nbrowser\n-\n\n';
    const { exitCode, stderr } = await runWithInput(sandbox.env, answers, etc.seenBy([binary, 'config', 'init']));
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    for (const question of ['Entra tenant', 'Application']) {
      expect(stderr).toMatch(
        new RegExp(`^${question}.*: set by policy \\(/etc/foundry-credential-helper/policy\\.json\\)$`, 'm'),
      );
    }
    expect(JSON.parse(readFileSync(sandbox.configFile, 'utf8'))).toEqual({
      foundryResource: 'contoso-foundry',
      models: ['claude-sonnet-5'],
      signInMethod: 'browser',
    });
  });
});

describe.runIf(canUnshareMounts)('a running agent', () => {
  it('follows a policy as soon as it is written, changed, broken, repaired and removed', async () => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    const etc = createEtcFolder(world.sandbox.root);
    const [file, ...args] = etc.seenBy([binary, 'agent', 'run']);
    const agent = spawn(file, args, { env: world.env, stdio: 'ignore' });
    onTestFinished(() => void agent.kill('SIGKILL'));
    while ((await run(world.env, 'agent', 'status')).exitCode !== 0) await sleep(20);
    const helper = () => runHelper(binary, { context: 'background', env: world.env });

    expect(await helper()).toMatchObject({ state: 'ok' });
    etc.writePolicy({ outputFormat: 'json', headers: { 'X-Policy': 'yes' } });
    expect(await helper()).toMatchObject({ state: 'ok', headers: { 'X-Policy': 'yes' } });
    etc.writePolicy({ outputFormat: 'json', headers: '{"X-Policy":"again"}' });
    expect(await helper()).toMatchObject({ state: 'ok', headers: { 'X-Policy': 'again' } });

    const inLog = () =>
      readFileSync(`${world.sandbox.stateFolder}/agent.log`, 'utf8').match(/^.*"setting-unknown".*$/gm) ?? [];
    etc.writePolicy({ later: true, outputFormat: 'json' });
    for (let time = 0; time < 3; time += 1) expect(await helper()).toMatchObject({ state: 'ok', headers: {} });
    etc.writePolicy({ later: true });
    expect(await helper()).toMatchObject({ state: 'ok' });
    await expect
      .poll(() => inLog().map((line) => JSON.parse(line)))
      .toMatchObject([{ level: 'warn', key: 'later', location: '/etc/foundry-credential-helper/policy.json' }]);

    etc.writePolicy({ tenantId: 'common' });
    expect(await helper()).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringMatching(/error\[ERR_CONFIG_INVALID\].*"tenantId" in \/etc\/\S+policy\.json must name one/),
    });
    etc.writePolicy('{');
    expect(await helper()).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('ERR_CONFIG_UNREADABLE') });

    etc.removePolicy();
    expect(await helper()).toMatchObject({ state: 'ok' });
    // One agent all the time, and the sign-in is still the same.
    expect(agent.exitCode).toBeNull();
  });
});
