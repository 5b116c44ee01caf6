// `config validate`, `config export` and `config init` as an admin runs them.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { createSandbox, type Sandbox } from '../support/harness/sandbox.ts';
import { binary, run, runJson, runWithInput } from './support.ts';

const clientId = '11111111-2222-3333-4444-555555555555';
const settings = {
  tenantId: 'contoso.onmicrosoft.com',
  clientId,
  foundryResource: 'contoso-foundry',
  models: ['claude-sonnet-5', 'claude-opus-4-8'],
};
const corpus = join(projectFolder, 'test/fixtures/rollout-corpus');
const ANSWERS = `entra\ncontoso.onmicrosoft.com\n${clientId}\ncontoso-foundry\nclaude-sonnet-5, claude-opus-4-8\n\nContoso\n\n`;
/** What docs/how-to/api-key.md calls complete for Claude Desktop. */
const apiKeySettings = {
  credential: 'api-key',
  foundryResource: 'contoso-foundry',
  models: ['claude-sonnet-5', 'claude-opus-4-8'],
};

function sandboxForTest(config?: object): Sandbox {
  const sandbox = createSandbox();
  onTestFinished(() => sandbox.dispose());
  if (config !== undefined) sandbox.writeConfig(config);
  return sandbox;
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

describe('config validate', () => {
  it("prints nothing if this computer's configuration is right, exit 0", async () => {
    const { env } = sandboxForTest(settings);
    expect(await run(env, 'config', 'validate')).toEqual({ exitCode: 0, stdout: 'No findings.\n', stderr: '' });
    expect(await runJson(env, 'config', 'validate')).toEqual({
      version: 1,
      valid: true,
      files: [],
      findings: [],
      headers: [],
      unreadable: [],
    });
  });

  it('names file, key, rule and remedy of every fault, exit 1', async () => {
    const sandbox = sandboxForTest({ tenantId: 'common', tenat: 'x', models: ['a', 'a'] });
    const { exitCode, stdout, stderr } = await run(sandbox.env, 'config', 'validate', '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    const { findings, valid } = JSON.parse(stdout) as { findings: { id: string; key: string }[]; valid: boolean };
    expect(valid).toBe(false);
    expect(findings.map(({ id, key }) => `${id} ${key}`)).toEqual([
      'setting-invalid tenantId',
      'setting-invalid models',
      'setting-missing clientId',
      'setting-unknown tenat',
    ]);
    for (const finding of findings) {
      expect(finding).toEqual({
        id: expect.any(String),
        severity: expect.stringMatching(/^(?:error|warning)$/),
        file: sandbox.configFile,
        key: expect.any(String),
        rule: expect.stringMatching(/^(?:must|is|isn't) /),
        remedy: expect.stringMatching(/\w/),
      });
    }
    const human = await run(sandbox.env, 'config', 'validate');
    expect(human).toMatchObject({ exitCode: 1, stderr: '' });
    expect(human.stdout).toContain(`${sandbox.configFile}\n  error: setting-invalid  tenantId\n    must `);
    expect(human.stdout).toContain("  warning: setting-unknown  tenat\n    isn't ");
    expect(human.stdout).toMatch(/\n3 errors, 1 warning\.\n$/);
  });

  it('names element and severity of what is in a file; only errors change the exit code', async () => {
    const { env, root } = sandboxForTest();
    const path = join(root, 'config.json');
    writeFileSync(
      path,
      `{\n  "tenantId": "contoso.onmicrosoft.com",\n  "clientId": "${clientId}",\n  "tenat": "x"\n}\n`,
    );
    const { exitCode, stdout } = await run(env, 'config', 'validate', path);
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/\n1 warning\.\n$/) });
    expect(stdout).toContain('  warning: setting-unknown  tenat, line 4\n');
    expect(await runJson(env, 'config', 'validate', path)).toMatchObject({
      valid: true,
      findings: [{ id: 'setting-unknown', severity: 'warning', element: 'line 4' }],
    });
  });

  it('reads a signed profile and leaves the signature to others', async () => {
    const { env } = sandboxForTest();
    const result = await run(env, 'config', 'validate', join(corpus, 'signed.mobileconfig'));
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toMatch(/ {2}note: profile-signature-unchecked\n.+\n.+\n\n1 note\.\n.+they match\.\n$/);
  });

  it('accepts a version of Claude Desktop, and refuses other text', async () => {
    const { env } = sandboxForTest();
    const path = join(corpus, 'gateway.reg');
    const validate = (version: string) => run(env, 'config', 'validate', '--desktop-version', version, path);
    expect(await validate('2.26454.0')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^No findings\.\n.+they match\.\n$/),
    });
    expect((await validate('1.5000.0')).stdout).toContain('  warning: key-too-new  inferenceCredentialKind, line 7\n');
    for (const version of ['latest', '2', '2.x', '2.1.2.3.4']) {
      expect(await validate(version)).toMatchObject({
        exitCode: 2,
        stdout: '',
        stderr: expect.stringContaining('error[ERR_USAGE]'),
      });
    }
  });

  it("exits with 3 and an error for what can't be read, after the findings about the rest", async () => {
    const { env, root } = sandboxForTest();
    const good = join(root, 'good.json');
    const broken = join(root, 'broken.mobileconfig');
    writeFileSync(good, JSON.stringify({ inferenceProvider: 'azure', inferenceModels: ['a'] }));
    writeFileSync(broken, '<plist>\n<dict><key>inferenceFoundryApiKey</key><string a=s3cret>s3cret</dict>');
    const { exitCode, stdout, stderr } = await run(env, 'config', 'validate', broken, good, join(root, 'none.reg'));
    expect(exitCode).toBe(3);
    expect(stdout).toContain('error: provider-invalid  inferenceProvider, line 1');
    expect(stdout).toMatch(/; 2 files couldn't be checked\.\n$/);
    expect(stderr).toContain(`error[ERR_FILE_UNREADABLE]`);
    expect(stderr).toContain(`${broken} isn't well-formed XML, line 2`);
    expect(stderr).toContain("none.reg doesn't exist");
    // The XML parser has its own voice.
    expect(stderr + stdout).not.toMatch(/s3cret|xmldom/);
  });

  it.each([
    ['a folder', (path: string) => mkdirSync(path)],
    ['a dead link', (path: string) => symlinkSync('/nowhere', path)],
    ['an empty file', (path: string) => writeFileSync(path, '')],
    ['an image', (path: string) => writeFileSync(path, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0xff]))],
    ['a damaged signed profile', (path: string) => writeFileSync(path, Buffer.from([0x30, 0x82, 1, 0, 6, 9]))],
    ['a file of 2 MiB', (path: string) => writeFileSync(path, `{"tenantId":"${'a'.repeat(2_000_000)}"}`)],
    [
      'lists without end',
      (path: string) => writeFileSync(path, `<plist>${'<array>'.repeat(60_000)}${'</array>'.repeat(60_000)}</plist>`),
    ],
    ['brackets without end', (path: string) => writeFileSync(path, `{"inferenceModels":${'['.repeat(500_000)}`)],
    ['settings of something else', (path: string) => writeFileSync(path, '{"a":1}')],
  ])('refuses %s with exit 3', async (_what, make) => {
    const { env, root } = sandboxForTest();
    const path = join(root, 'file.plist');
    make(path);
    const { exitCode, stdout, stderr } = await run(env, 'config', 'validate', path);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(/^foundry-credential-helper: error\[ERR_FILE_UNREADABLE\]: .*file\.plist .+\nhint: .+\n$/);
  });
});

describe('config export', () => {
  it('writes files that pass its own validation, with the same bytes each time', async () => {
    const { env, root } = sandboxForTest(settings);
    const [first, second] = [join(root, 'first'), join(root, 'deep/second')];
    const { exitCode, stdout } = await run(env, 'config', 'export', first);
    expect(exitCode).toBe(0);
    expect((await run(env, 'config', 'export', second)).exitCode).toBe(0);
    const files = filesBelow(first);
    expect(files).toHaveLength(21);
    for (const file of files) {
      expect(stdout).toContain(`  ${file}\n`);
      expect(readFileSync(join(second, file)).equals(readFileSync(join(first, file)))).toBe(true);
    }
    expect(stdout).toMatch(/use its provider "gateway" and send the credential as "Authorization: Bearer"\.\n$/);
    const settingsFiles = files.filter((file) => !/\.(?:md|ps1)$/.test(file)).map((file) => join(first, file));
    const ofClaudeCode = settingsFiles.filter((file) => /claude-?code/.test(file));
    const checkable = settingsFiles.filter((file) => !ofClaudeCode.includes(file));
    expect(await run(env, 'config', 'validate', ...checkable)).toMatchObject({ exitCode: 0 });
    expect(ofClaudeCode).toHaveLength(6);
    for (const file of ofClaudeCode.filter((path) => path.endsWith('.json'))) {
      const { exitCode, stderr } = await run(env, 'config', 'validate', file);
      expect({ exitCode, stderr }).toMatchObject({
        exitCode: 3,
        stderr: expect.stringContaining('claude-code status'),
      });
    }
  });

  it('never overwrites without --force, and with it leaves other files alone', async () => {
    const { env, root } = sandboxForTest(settings);
    const folder = join(root, 'out');
    const taken = join(folder, 'linux/foundry-credential-helper/policy.json');
    const other = join(folder, 'windows/mine.txt');
    for (const path of [taken, other]) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'mine');
    }
    const refused = await run(env, 'config', 'export', folder);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain('error[ERR_FILE_EXISTS]');
    expect(refused.stderr).toContain(taken);
    expect(filesBelow(folder)).toHaveLength(2);
    expect(readFileSync(taken, 'utf8')).toBe('mine');
    expect(await run(env, 'config', 'export', folder, '--force')).toMatchObject({ exitCode: 0 });
    expect(readJson(taken)).toEqual(settings);
    expect(readFileSync(other, 'utf8')).toBe('mine');
    expect(filesBelow(folder)).toHaveLength(22);
  });

  it("doesn't need a tenant with an API key, and has Claude Desktop send it as a key", async () => {
    const { env, root } = sandboxForTest(apiKeySettings);
    const folder = join(root, 'out');
    const { exitCode, stdout, stderr } = await run(env, 'config', 'export', folder, '--provider', 'foundry', '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ provider: 'foundry', header: 'x-api-key' });
    expect(filesBelow(folder)).toHaveLength(13);
    expect(readJson(join(folder, 'linux/foundry-credential-helper/policy.json'))).toEqual(apiKeySettings);
    const desktop = readJson(join(folder, 'linux/claude-desktop/managed-settings.json'));
    expect(desktop).toMatchObject({ inferenceProvider: 'foundry', inferenceFoundryResource: 'contoso-foundry' });
    expect(Object.keys(desktop as object).filter((key) => key.startsWith('inferenceGateway'))).toEqual([]);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain('There are no files for Claude Code');
    const files = filesBelow(folder).filter((file) => !/\.(?:md|ps1)$/.test(file));
    const checked = await run(env, 'config', 'validate', ...files.map((file) => join(folder, file)));
    expect(checked).toMatchObject({ exitCode: 0 });
  });

  it('has Claude Desktop and Claude Code call "baseUrl", with any cloud and either credential', async () => {
    const baseUrl = 'https://contoso.azure-api.net/claude/anthropic';
    const { env, root } = sandboxForTest({ ...settings, foundryResource: undefined, cloud: 'usgovernment' });
    const [withToken, withKey] = [join(root, 'token'), join(root, 'key')];
    const desktop = (folder: string) => readJson(join(folder, 'linux/claude-desktop/managed-settings.json'));
    const withBaseUrl = ['--set', `baseUrl=${baseUrl}/`];
    expect(await run(env, 'config', 'export', withToken, ...withBaseUrl)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(desktop(withToken)).toMatchObject({ inferenceProvider: 'gateway', inferenceGatewayBaseUrl: baseUrl });
    const claudeCode = 'linux/claude-code/managed-settings.d/50-foundry-credential-helper.json';
    expect(readJson(join(withToken, claudeCode))).toMatchObject({
      parentSettingsBehavior: 'merge',
      env: { ANTHROPIC_FOUNDRY_BASE_URL: baseUrl },
    });
    const key = ['--set', 'credential=api-key', '--set', 'foundryResource=Contoso-Foundry', ...withBaseUrl];
    expect(await run(env, 'config', 'export', withKey, ...key)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(desktop(withKey)).toMatchObject({
      inferenceProvider: 'foundry',
      inferenceFoundryResource: 'contoso-foundry',
      inferenceFoundryBaseUrl: baseUrl,
    });
    expect(readFileSync(join(withKey, 'README.md'), 'utf8')).toContain('needs Claude Desktop 2.110.0');
  });

  it('passes on what the settings say about a model', async () => {
    const models = [
      { name: 'claude-sonnet-5', supports1m: true, labelOverride: 'Sonnet "5"' },
      { name: 'anthropic-big', anthropicFamilyTier: 'opus' },
      'claude-haiku-5',
    ];
    const { env, root } = sandboxForTest({ ...settings, models });
    expect(await run(env, 'config', 'export', join(root, 'out'))).toMatchObject({ exitCode: 0 });
    for (const [file, key] of [
      ['linux/claude-desktop/managed-settings.json', 'inferenceModels'],
      ['linux/foundry-credential-helper/policy.json', 'models'],
    ] as const) {
      expect(readJson(join(root, 'out', file))).toMatchObject({ [key]: models });
    }
  });

  it.each([
    ['foundry', settings, /Entra token: Claude Desktop would send it as "x-api-key", .* a token only as a bearer/],
    ['gateway', apiKeySettings, /API key: .* as "Authorization: Bearer", and Foundry accepts a key only in x-api-key/],
  ])('refuses --provider %s if the header would be wrong, and says why', async (provider, config, reason) => {
    const { env, root } = sandboxForTest(config);
    const { exitCode, stdout, stderr } = await run(env, 'config', 'export', join(root, 'out'), '--provider', provider);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(reason);
    expect(existsSync(join(root, 'out'))).toBe(false);
  });

  it("says which settings it doesn't know, and leaves them out", async () => {
    const { env, root } = sandboxForTest({ ...settings, tenantID: 'x' });
    const { exitCode, stderr } = await run(env, 'config', 'export', join(root, 'out'));
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/left out: unknown setting "tenantID" in .*config\.json; did you mean "tenantId"\?/);
    expect(readJson(join(root, 'out/linux/foundry-credential-helper/policy.json'))).toEqual(settings);
  });

  it('takes answers from a file and from --set, the latter first, and helper paths', async () => {
    const { env, root } = sandboxForTest({ ...settings, logLevel: 'debug' });
    const answers = join(root, 'answers.json');
    writeFileSync(answers, JSON.stringify({ foundryResource: 'from-file', organizationName: 'From file' }));
    const result = await run(
      env,
      ...['config', 'export', join(root, 'out'), '--provider', 'gateway', '--answers', answers],
      ...['--set', 'foundryResource=from-flag', '--set', 'models=claude-a,claude-b'],
      ...['--helper-linux', '/opt/our tools/the helper'],
    );
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readJson(join(root, 'out/linux/foundry-credential-helper/policy.json'))).toEqual({
      ...settings,
      foundryResource: 'from-flag',
      models: ['claude-a', 'claude-b'],
      organizationName: 'From file',
      logLevel: 'debug',
    });
    expect(readJson(join(root, 'out/linux/claude-desktop/managed-settings.json'))).toMatchObject({
      inferenceGatewayBaseUrl: 'https://from-flag.services.ai.azure.com/anthropic',
      inferenceGatewayAuthScheme: 'bearer',
      inferenceCredentialHelper: '/opt/our tools/the helper',
      inferenceModels: ['claude-a', 'claude-b'],
    });
  });

  it('leaves out what only concerns this user and this session, and says so', async () => {
    const { env, root } = sandboxForTest({ ...settings, accountHint: 'ada@contoso.com' });
    const here = { ...env, HTTPS_PROXY: 'http://ada:s3cret@proxy:8080', NODE_EXTRA_CA_CERTS: '' };
    const { exitCode, stderr } = await run(here, 'config', 'export', join(root, 'out'));
    expect(exitCode).toBe(0);
    expect(stderr).toContain('left out: "accountHint"');
    expect(stderr).toContain('left out: "proxy", because it comes from HTTPS_PROXY');
    const all = filesBelow(join(root, 'out')).map((file) => readFileSync(join(root, 'out', file), 'utf8'));
    expect(all.join('')).not.toMatch(/ada@|s3cret/);
  });

  it.each([
    ['a missing answer', { ...settings, models: undefined }, [], 3, 'ERR_CONFIG_MISSING'],
    ['an invalid one', settings, ['--set', 'tenantId=common'], 3, 'ERR_CONFIG_INVALID'],
    ['an unknown one', settings, ['--set', 'tenant=x'], 3, 'ERR_CONFIG_INVALID'],
    ['no assignment', settings, ['--set', 'tenantId'], 2, 'ERR_USAGE'],
    ['credentials on the command line', settings, ['--set', 'proxy=http://a:s3cret@b'], 2, 'ERR_USAGE'],
    ['credentials in a policy', { ...settings, proxy: 'http://a:s3cret@b:1' }, [], 3, 'ERR_CONFIG_INVALID'],
    ['another cloud without a base URL', { ...settings, cloud: 'usgovernment' }, [], 3, 'ERR_CONFIG_MISSING'],
    ['an API key without a resource', { ...apiKeySettings, foundryResource: undefined }, [], 3, 'ERR_CONFIG_MISSING'],
    ['a helper path that is not absolute', settings, ['--helper-macos', '~/bin/helper'], 3, 'ERR_CONFIG_INVALID'],
    ['a line break in a helper path', settings, ['--helper-linux', '/usr/bin/a\nb'], 3, 'ERR_CONFIG_INVALID'],
    ['a base URL without TLS', settings, ['--set', 'baseUrl=http://x/anthropic'], 3, 'ERR_CONFIG_INVALID'],
    ['the option that baseUrl replaces', settings, ['--gateway-url', 'https://x/anthropic'], 2, 'ERR_USAGE'],
    ['an unknown provider', settings, ['--provider', 'vertex'], 2, 'ERR_USAGE'],
    ['an answers file that is not there', settings, ['--answers', '/nowhere.json'], 3, 'ERR_FILE_UNREADABLE'],
  ])('refuses %s and writes nothing', async (_what, config, args, exitCode, code) => {
    const { env, root } = sandboxForTest(config);
    const result = await run(env, 'config', 'export', join(root, 'out'), ...args);
    expect(result).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(`error[${code}]`) });
    expect(result.stderr).not.toContain('s3cret');
    expect(existsSync(join(root, 'out'))).toBe(false);
  });

  it("removes what it has written if it can't continue", async () => {
    const { env, root } = sandboxForTest(settings);
    mkdirSync(join(root, 'out'));
    writeFileSync(join(root, 'out/macos'), 'in the way');
    const { exitCode, stderr } = await run(env, 'config', 'export', join(root, 'out'));
    expect({ exitCode, code: /error\[(\w+)\]/.exec(stderr)?.[1] }).toEqual({
      exitCode: 1,
      code: 'ERR_FILE_UNWRITABLE',
    });
    expect(filesBelow(join(root, 'out'))).toEqual(['macos']);
  });
});

describe('config init', () => {
  it('takes piped answers, writes a private file that validates, and exports', async () => {
    const { env, root, configFile } = sandboxForTest();
    const folder = join(root, 'out');
    const result = await runWithInput(env, `${ANSWERS.trimEnd()}\n${folder}\n`, [binary, 'config', 'init']);
    expect(result.exitCode).toBe(0);
    expect(readJson(configFile)).toEqual({ ...settings, signInMethod: 'browser', organizationName: 'Contoso' });
    expect(filesBelow(folder)).toHaveLength(21);
    expect(result.stdout).toContain('provider "gateway"');
    expect(await run(env, 'config', 'validate')).toMatchObject({ exitCode: 0 });
  });

  it("doesn't ask for a tenant with an API key, and exports settings that send a key", async () => {
    const { env, root, configFile } = sandboxForTest();
    const folder = join(root, 'out');
    const answers = `api-key\nContoso-Foundry\nclaude-sonnet-5,claude-opus-4-8\n${folder}\n`;
    const result = await runWithInput(env, answers, [binary, 'config', 'init']);
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('provider "foundry"') });
    expect(result.stderr).not.toMatch(/tenant|client/i);
    expect(readJson(configFile)).toEqual(apiKeySettings);
    const next = await runWithInput(env, 'yes\n\n\n\n\n', [binary, 'config', 'init']);
    expect(next).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('login --api-key\n') });
    expect(readJson(configFile)).toEqual(apiKeySettings);
  });

  it('takes the base URL of a gateway in place of the resource, and a resource in place of it', async () => {
    const { env, configFile } = sandboxForTest();
    const baseUrl = 'https://contoso.azure-api.net/anthropic';
    const common = { tenantId: settings.tenantId, clientId, models: settings.models, signInMethod: 'browser' };
    const init = (input: string) => runWithInput(env, input, [binary, 'config', 'init']);
    const first = ANSWERS.replace('contoso-foundry', `${baseUrl}/`).replace('Contoso\n', '-\n');
    expect(await init(first)).toMatchObject({ exitCode: 0 });
    expect(readJson(configFile)).toEqual({ ...common, baseUrl });
    expect(await init(`yes\n${'\n'.repeat(8)}`)).toMatchObject({ exitCode: 0 });
    expect(readJson(configFile)).toEqual({ ...common, baseUrl });
    expect(await init('yes\n\n\n\ncontoso-foundry\n\n\n\n\n')).toMatchObject({ exitCode: 0 });
    expect(readJson(configFile)).toEqual({ ...common, foundryResource: 'contoso-foundry' });
  });

  it("keeps a backup and every setting that it doesn't ask for", async () => {
    const models = [{ name: 'claude-sonnet-5', supports1m: true }, 'claude-opus-4-8'];
    const { env, configFile } = sandboxForTest({
      ...settings,
      models,
      logLevel: 'debug',
      signInMethod: 'device-code',
      organizationName: 'Old',
    });
    const before = readFileSync(configFile, 'utf8');
    expect(await runWithInput(env, 'yes\n\n\n\nother-foundry\n\n\n-\n\n', [binary, 'config', 'init'])).toMatchObject({
      exitCode: 0,
    });
    expect(readJson(configFile)).toEqual({
      ...settings,
      models,
      foundryResource: 'other-foundry',
      signInMethod: 'device-code',
      logLevel: 'debug',
    });
    expect(readFileSync(`${configFile}.backup`, 'utf8')).toBe(before);
    const second = readFileSync(configFile, 'utf8');
    expect(await runWithInput(env, `yes\n${'\n'.repeat(8)}`, [binary, 'config', 'init'])).toMatchObject({
      exitCode: 0,
    });
    expect(readFileSync(`${configFile}.backup`, 'utf8')).toBe(before);
    expect(readFileSync(`${configFile}.backup-2`, 'utf8')).toBe(second);
  });

  it('says in one line what each question is for', async () => {
    const { env } = sandboxForTest();
    const { stderr } = await runWithInput(env, ANSWERS, [binary, 'config', 'init']);
    const paragraphs = stderr.trim().split('\n\n');
    expect(paragraphs).toHaveLength(ANSWERS.trimEnd().split('\n').length + 1);
    for (const paragraph of paragraphs) expect(paragraph).toMatch(/^[^\n]{40,120}\.\n[^\n]+: ?$/);
    expect(stderr).toContain('browser is one button');
    expect(stderr).toContain('Sign-in: browser or device-code [browser]:');
  });

  it('keeps the sign-in method of a file that names none', async () => {
    const { env, configFile } = sandboxForTest(settings);
    const { exitCode, stderr } = await runWithInput(env, `yes\n${'\n'.repeat(8)}`, [binary, 'config', 'init']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringContaining('Sign-in: browser or device-code [device-code]:'),
    });
    expect(readJson(configFile)).toEqual({ ...settings, signInMethod: 'device-code' });
  });

  it('names the fault in a deployment name', async () => {
    const { env } = sandboxForTest();
    const answers = ANSWERS.replace('claude-sonnet-5,', 'Claude Sonnet 5,');
    const { exitCode, stderr } = await runWithInput(env, answers, [binary, 'config', 'init']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("a deployment name can't contain a space");
  });

  it.each([
    ['no to replacing', 'no\n', 0],
    ['just Enter', '\n', 0],
    ['an end in the middle', 'yes\n\n\n', 1],
    ['an invalid answer', 'yes\n\ncommon\n', 3],
    ['an invalid base URL', 'yes\n\n\n\nhttps://contoso.services.ai.azure.com/\n', 3],
  ])('changes nothing after %s', async (_what, input, exitCode) => {
    const { env, configFile } = sandboxForTest(settings);
    const before = readFileSync(configFile, 'utf8');
    expect((await runWithInput(env, input, [binary, 'config', 'init'])).exitCode).toBe(exitCode);
    expect(readFileSync(configFile, 'utf8')).toBe(before);
    expect(readdirSync(dirname(configFile))).toEqual(['config.json']);
  });

  it("says where it can't write", async () => {
    const { env, configFile } = sandboxForTest();
    mkdirSync(dirname(dirname(configFile)), { recursive: true });
    writeFileSync(dirname(configFile), 'in the way');
    const { exitCode, stderr } = await runWithInput(env, ANSWERS, [binary, 'config', 'init']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[ERR_FILE_UNWRITABLE]');
  });

  it('on a terminal asks again after a wrong answer', async () => {
    const { env, configFile } = sandboxForTest();
    const dialog = onTerminal(env);
    await dialog.type('Credential', 'password\r');
    await dialog.type('Your answer must be one of entra, api-key\\.', '\r');
    await dialog.type('Entra tenant', 'common\r');
    await dialog.type('must name one tenant', 'contoso.onmicrosoft.com\r');
    await dialog.type('client\\) ID', 'nonsense\r');
    await dialog.type('must be the GUID', `${clientId}\r`);
    await dialog.type('Foundry resource', 'http://contoso.azure-api.net\r');
    await dialog.type('must be an https:// URL', 'contoso-foundry\r');
    await dialog.type('Deployments', 'claude-sonnet-5,claude-opus-4-8\r');
    await dialog.type('Sign-in', '\r');
    await dialog.type('Organization', '\r');
    await dialog.type('Folder', '\r');
    expect(await dialog.ended()).toBe(0);
    expect(readJson(configFile)).toEqual({ ...settings, signInMethod: 'browser' });
  });

  it('on a terminal leaves nothing behind after Ctrl-C, wherever it comes', async () => {
    const steps: readonly (readonly [string, string])[] = [
      ['Credential', '\r'],
      ['Entra tenant', 'contoso.onmicrosoft.com\r'],
      ['client\\) ID', `${clientId}\r`],
      ['Foundry resource', 'contoso-foundry\r'],
      ['Deployments', 'claude-a\r'],
      ['Sign-in', '\r'],
      ['Organization', '\r'],
      ['Folder', '\r'],
    ];
    for (const stop of [0, 3, steps.length - 1]) {
      const { env, configFile } = sandboxForTest();
      const dialog = onTerminal(env);
      for (const [question, answer] of steps.slice(0, stop)) await dialog.type(question, answer);
      await dialog.type(steps[stop]?.[0] ?? '', 'half an answ\x03');
      expect(await dialog.ended()).toBe(1);
      expect(dialog.screen()).toContain('error[ERR_CANCELLED]');
      expect(existsSync(dirname(configFile)) ? readdirSync(dirname(configFile)) : []).toEqual([]);
    }
  });
});

it('runs every command block of docs/how-to/claude-desktop-profiles.md', async () => {
  const { env, root, configFile } = sandboxForTest();
  const page = readFileSync(join(import.meta.dirname, '../../docs/how-to/claude-desktop-profiles.md'), 'utf8');
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  expect(blocks).toHaveLength(2);
  const path = `${dirname(binary)}:${env['PATH']}`;
  const script = `cd '${root}'\n${blocks.join('')}`;
  const result = await runWithInput({ ...env, PATH: path }, ANSWERS, ['sh', '-e', '-c', script]);
  expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('No findings.') });
  expect(existsSync(configFile)).toBe(true);
});

/** `script` gives the program a real terminal, and passes on what the test types and what shows. */
function onTerminal(env: NodeJS.ProcessEnv) {
  const command = `stty cols 100; exec '${binary}' config init`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...env, TERM: 'xterm', SHELL: '/bin/sh' },
    timeout: 60_000,
  });
  let screen = '';
  let seen = 0;
  let wake = (): void => undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    wake();
  });
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  void exit.then(() => wake());
  return {
    screen: () => screen,
    /** Waits until the question shows, then types. */
    async type(question: string, keys: string): Promise<void> {
      const pattern = new RegExp(question, 'g');
      for (;;) {
        pattern.lastIndex = seen;
        const match = pattern.exec(screen);
        if (match !== null) {
          seen = match.index + match[0].length;
          break;
        }
        if (child.exitCode !== null) throw new Error(`"${question}" never showed:\n${screen}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      child.stdin.write(keys);
    },
    async ended(): Promise<number | null> {
      return exit;
    },
  };
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}
