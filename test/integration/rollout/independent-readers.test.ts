// Exported files as programs by others read them, and files by others as the linter reads them.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Parser } from 'web-tree-sitter';
import type { Values } from '../../../src/config/configuration.ts';
import type { ExportFile } from '../../../src/rollout/export/export-file.ts';
import { exportFiles } from '../../../src/rollout/export/export-files.ts';
import { REPLACED_DESKTOP_KEYS } from '../../../src/rollout/export/registry-policy.ts';
import { DEFAULT_HELPER_PATHS } from '../../../src/rollout/export/rollout-settings.ts';
import { lintContent } from '../../../src/rollout/validate/lint.ts';
import { parseSettingsFile, readSettingsFile } from '../../../src/rollout/validate/read-file.ts';
import { importRegistryFiles, payloadSettings, powerShellParser, readByPython, readScript, run } from './readers.ts';

/** Everything that a form may have to escape. */
const organization = '#1 Contoso <&> ]]> "O’Neil\' & ‘Söhne‚" \\ 東京 %PATH% $x `y` 🚀';
const headers = { 'X-Department': 'a "b" \\ c' };
const models = [
  { name: 'claude-sonnet-5', supports1m: true },
  { name: 'claude-opus-4-8' },
  { name: 'anthropic-big', labelOverride: '‘Big’ "one"', anthropicFamilyTier: 'opus' },
] as const;
const compactModels = [models[0], 'claude-opus-4-8', models[2]];
const modelsText = JSON.stringify(compactModels);
const helperPaths = { ...DEFAULT_HELPER_PATHS, macos: '/Library/Contoso/Foundry Helper' };

interface Setup {
  readonly values: Values;
  /** This program's settings as text, without `models` and `organizationName`. */
  readonly own: Record<string, string>;
  /** Claude Desktop's, as text. */
  readonly desktop: Record<string, string>;
  /** Claude Code's address; absent: no files for it. */
  readonly claudeCode?: Record<string, string>;
}

const entra = {
  tenantId: 'contoso.onmicrosoft.com',
  clientId: '11111111-2222-3333-4444-555555555555',
};
const common = { models, organizationName: organization, headers };
const gateway = {
  inferenceProvider: 'gateway',
  inferenceGatewayAuthScheme: 'bearer',
  modelDiscoveryEnabled: 'false',
};
const foundry = { inferenceProvider: 'foundry', inferenceFoundryResource: 'contoso-foundry' };
const resource = { foundryResource: 'contoso-foundry' };
const apim = { baseUrl: 'https://contoso.azure-api.net/claude/anthropic' };
const registryKeys = {
  'claude-desktop': 'Claude',
  'foundry-credential-helper': 'FoundryCredentialHelper',
  'claude-code': 'ClaudeCode',
};
const apiKey = { credential: 'api-key' } as const;

const setups: Readonly<Record<string, Setup>> = {
  'an Entra token': {
    values: { ...entra, ...resource, ...common },
    own: { ...entra, ...resource },
    desktop: { ...gateway, inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com/anthropic' },
    claudeCode: { ANTHROPIC_FOUNDRY_RESOURCE: 'contoso-foundry' },
  },
  'an Entra token and a gateway of another cloud': {
    values: { ...entra, ...apim, ...common, cloud: 'usgovernment', scope: 'api://contoso/.default' },
    own: { ...entra, ...apim, cloud: 'usgovernment', scope: 'api://contoso/.default' },
    desktop: { ...gateway, inferenceGatewayBaseUrl: apim.baseUrl },
    claudeCode: { ANTHROPIC_FOUNDRY_BASE_URL: apim.baseUrl },
  },
  'an API key': {
    values: { ...resource, ...common, ...apiKey },
    own: { ...resource, ...apiKey },
    desktop: foundry,
  },
  'an API key and a gateway': {
    values: { ...resource, ...apim, ...common, ...apiKey },
    own: { ...resource, ...apim, ...apiKey },
    desktop: { ...foundry, inferenceFoundryBaseUrl: apim.baseUrl },
  },
};

let folder: string;
let powerShell: Parser;
beforeAll(async () => {
  powerShell = await powerShellParser();
  folder = mkdtempSync(join(tmpdir(), 'rollout-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(Object.entries(setups))('the export for %s', (name, { values, own, desktop, claudeCode }) => {
  let files: readonly ExportFile[];
  const at = (path: string): string => join(folder, name.replaceAll(' ', '-'), path);
  let python: ReadonlyMap<string, Record<string, unknown>>;
  const byPython = (path: string): Record<string, unknown> => python.get(path) ?? {};
  const programs = [
    'claude-desktop',
    'foundry-credential-helper',
    ...(claudeCode === undefined ? [] : ['claude-code']),
  ];

  let registryFiles: readonly string[];

  const ownText = { ...own, models: modelsText, organizationName: organization, headers: JSON.stringify(headers) };
  const desktopText = (helper: string) => ({
    ...desktop,
    inferenceModels: modelsText,
    inferenceCredentialKind: 'helper-script',
    inferenceCredentialHelper: helper,
    inferenceCredentialHelperTtlSec: '900',
    inferenceCredentialHelperTimeoutSec: '600',
  });
  const claudeCodeSettings = (apiKeyHelper: string) => ({
    apiKeyHelper,
    env: expect.objectContaining({ ...claudeCode, CLAUDE_CODE_USE_FOUNDRY: '1', CLAUDE_CODE_SKIP_FOUNDRY_AUTH: '1' }),
    parentSettingsBehavior: 'merge',
  });
  const onMac = claudeCodeSettings(`'${helperPaths.macos}' claude-code token`);
  const onWindows = claudeCodeSettings(`"${helperPaths.windows}" claude-code token`);
  const onLinux = claudeCodeSettings(`${helperPaths.linux} claude-code token`);

  beforeAll(() => {
    files = exportFiles(values, helperPaths);
    registryFiles = programs.map((program) => at(`windows/${program}.reg`));
    for (const { path, content } of files) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), content);
    }
    const readable = files.map(({ path }) => path).filter((path) => /\.(?:plist|mobileconfig|json)$/.test(path));
    const contents = readByPython(readable.map(at));
    python = new Map(readable.map((path, index) => [path, contents[index] ?? {}]));
  });

  it('has one file for each program, system, and form, and no others', () => {
    const scripts = programs.flatMap((program) => ['detect', 'remediate'].map((verb) => `${verb}-${program}-policy`));
    const domains = {
      'claude-desktop': 'com.anthropic.claudefordesktop',
      'foundry-credential-helper': 'dev.foundry-credential-helper',
      'claude-code': 'com.anthropic.claudecode',
    };
    const dropIn = 'claude-code/managed-settings.d/50-foundry-credential-helper.json';
    expect(files.map(({ path }) => path).toSorted()).toEqual(
      [
        'README.md',
        ...programs.map((program) => `macos/${program}.mobileconfig`),
        ...programs.map((program) => `macos/jamf/${domains[program as keyof typeof domains]}.plist`),
        ...programs.map((program) => `windows/${program}.reg`),
        ...scripts.map((script) => `windows/intune/${script}.ps1`),
        'linux/claude-desktop/managed-settings.json',
        'linux/foundry-credential-helper/policy.json',
        ...(claudeCode === undefined ? [] : [`macos/${dropIn}`, `windows/${dropIn}`, `linux/${dropIn}`]),
      ].toSorted(),
    );
  });

  it('is well-formed XML for libxml2', () => {
    const xml = files.filter(({ path }) => /\.(?:plist|mobileconfig)$/.test(path));
    expect(xml).toHaveLength(2 * programs.length);
    for (const { path } of xml) run('xmllint', ['--noout', '--nonet', at(path)]);
  });

  it('macOS: says the same to plistlib in preference files and profiles', () => {
    expect(byPython('macos/jamf/dev.foundry-credential-helper.plist')).toEqual(ownText);
    expect(byPython('macos/jamf/com.anthropic.claudefordesktop.plist')).toEqual(desktopText(helperPaths.macos));
    const profiles = programs.map((program) => byPython(`macos/${program}.mobileconfig`));
    const uuids = profiles.flatMap((profile) => {
      const [payload] = profile['PayloadContent'] as [Record<string, unknown>];
      expect(profile).toMatchObject({ PayloadType: 'Configuration', PayloadScope: 'System', PayloadVersion: 1 });
      expect(payload).toMatchObject({ PayloadVersion: 1, PayloadOrganization: organization });
      expect(payload['PayloadIdentifier']).not.toBe(profile['PayloadIdentifier']);
      return [profile['PayloadUUID'], payload['PayloadUUID']];
    });
    expect(new Set(uuids).size).toBe(2 * programs.length);
    for (const uuid of uuids) {
      expect(uuid).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
    }
    const [desktopProfile = {}, ownProfile = {}, claudeCodeProfile] = profiles;
    expect(payloadSettings(desktopProfile)).toEqual(desktopText(helperPaths.macos));
    expect(payloadSettings(ownProfile)).toEqual(ownText);
    if (claudeCodeProfile === undefined) return;
    expect(claudeCodeProfile['PayloadContent']).toMatchObject([{ PayloadType: 'com.anthropic.claudecode' }]);
    // Claude Code takes dictionaries of the property list itself.
    expect(payloadSettings(claudeCodeProfile)).toEqual(onMac);
    expect(byPython('macos/jamf/com.anthropic.claudecode.plist')).toEqual(onMac);
  });

  it('macOS: survives libplist, to binary and back, without an error in either', () => {
    const lists = files.map(({ path }) => path).filter((path) => /\.(?:plist|mobileconfig)$/.test(path));
    const binaries = lists.map((path) => {
      const binary = at(`${path}.binary.plist`);
      run('plistutil', ['-i', at(path), '-o', binary, '-f', 'bin']);
      expect(readFileSync(binary).subarray(0, 6).toString()).toBe('bplist');
      return binary;
    });
    expect(readByPython(binaries)).toEqual(lists.map(byPython));
    const checked = binaries.filter((binary) => !/claude-?code/.test(binary));
    expect(checked.flatMap((file) => errorsIn(file, values.credential))).toEqual([]);
  });

  it('Windows: imports into a registry of libhivex, whose own export says the same', () => {
    const keys = importRegistryFiles(folder, registryFiles);
    const [ours, claude] = [keys.get('FoundryCredentialHelper'), keys.get('Claude')];
    expect(ours?.values).toEqual(ownText);
    expect(claude?.values).toEqual(desktopText(helperPaths.windows));
    for (const key of [ours, claude]) {
      const file = join(folder, 'by-libhivex.reg');
      writeFileSync(file, key?.text ?? '');
      expect(errorsIn(file, values.credential)).toEqual([]);
    }
    expect(keys.has('ClaudeCode')).toBe(claudeCode !== undefined);
    if (claudeCode === undefined) return;
    const { Settings = '', ...others } = keys.get('ClaudeCode')?.values ?? {};
    expect(others).toEqual({});
    expect(JSON.parse(Settings)).toEqual(onWindows);
  });

  it("Windows: an import removes what isn't set anymore, and nothing that is the admin's", () => {
    const policies = '[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies';
    const stale = REPLACED_DESKTOP_KEYS.map((key) => `"${key}"="old"\n`).join('');
    const before = [
      `${policies}\\FoundryCredentialHelper]\n"logLevel"="debug"\n"tenantId"="old"\n@="x"\n`,
      `${policies}\\FoundryCredentialHelper\\Sub]\n"a"="b"\n`,
      `${policies}\\Claude]\n${stale}"egressProxyUrl"="http://proxy:1"\n`,
      `${policies}\\ClaudeCode]\n"Other"="kept"\n`,
    ].join('\n');
    const keys = importRegistryFiles(folder, registryFiles, before);
    expect([...keys.keys()].toSorted()).toEqual(['', 'Claude', 'ClaudeCode', 'FoundryCredentialHelper']);
    expect(keys.get('FoundryCredentialHelper')?.values).toEqual(ownText);
    expect(keys.get('FoundryCredentialHelper')?.text).not.toMatch(/^@=/m);
    const kept = { egressProxyUrl: 'http://proxy:1' };
    expect(keys.get('Claude')?.values).toEqual({ ...desktopText(helperPaths.windows), ...kept });
    expect(keys.get('ClaudeCode')?.values).toMatchObject({ Other: 'kept' });
    // Without the import all of it would be there.
    expect(importRegistryFiles(folder, [], before).get('Claude')?.values).toHaveProperty(
      'inferenceVertexWorkforceOidc',
    );
  });

  it('Windows: the scripts for Intune hold the values of the registry files, and remove the same', () => {
    const keys = importRegistryFiles(folder, registryFiles);
    for (const program of programs) {
      const wanted = keys.get(registryKeys[program as keyof typeof registryKeys])?.values ?? {};
      const replaced = REPLACED_DESKTOP_KEYS.filter((key) => !Object.hasOwn(wanted, key));
      for (const verb of ['detect', 'remediate']) {
        const text = readFileSync(at(`windows/intune/${verb}-${program}-policy.ps1`), 'utf8');
        const script = readScript(powerShell, text);
        expect(script.wanted).toEqual(wanted);
        expect(script.removed).toEqual(program === 'claude-desktop' ? replaced : []);
        // Windows PowerShell 5.1 has all of them.
        expect(['Set-StrictMode', 'Where-Object', 'Write-Output']).toEqual(
          expect.arrayContaining([...script.commands]),
        );
        // It reads ASCII alone right without a byte order mark, which Intune refuses where it enforces signatures.
        expect(text).toMatch(/^[\r\n\x20-\x7e]*$/);
        expect(text.replaceAll(/'[^'\n]*'/g, "''")).not.toMatch(/\?\?|\?\.|&&|\|\||\?\[|\s\?\s/);
        expect(text).toMatch(verb === 'detect' ? /\r\nexit 1\r\n$/ : /\r\nexit 0\r\n$/);
      }
    }
  });

  it('Linux: is native JSON', () => {
    expect(byPython('linux/foundry-credential-helper/policy.json')).toEqual({
      ...own,
      models: compactModels,
      organizationName: organization,
      headers,
    });
    expect(byPython('linux/claude-desktop/managed-settings.json')).toEqual({
      ...desktopText(helperPaths.linux),
      inferenceModels: compactModels,
      inferenceCredentialHelperTtlSec: 900,
      inferenceCredentialHelperTimeoutSec: 600,
      ...(desktop['modelDiscoveryEnabled'] === undefined ? {} : { modelDiscoveryEnabled: false }),
    });
  });

  it.runIf(claudeCode)("has its own file for Claude Code's managed-settings.d on all systems", () => {
    const dropIn = 'claude-code/managed-settings.d/50-foundry-credential-helper.json';
    expect(byPython(`macos/${dropIn}`)).toEqual(onMac);
    expect(byPython(`windows/${dropIn}`)).toEqual(onWindows);
    expect(byPython(`linux/${dropIn}`)).toEqual(onLinux);
  });

  it('says in its README which header Claude Desktop sends, and what that rests on', () => {
    const guide = readFileSync(at('README.md'), 'utf8');
    const isEntra = claudeCode !== undefined;
    expect(guide).toContain(isEntra ? 'Entra token as `Authorization: Bearer`' : 'API key as `x-api-key`');
    expect(guide).toContain("It hasn't been seen on a real Claude Desktop yet");
    expect(guide.includes('There are no files for Claude Code')).toBe(!isEntra);
    expect(guide.includes('needs Claude Desktop 2.110.0')).toBe('inferenceFoundryBaseUrl' in desktop);
    for (const { path } of files.slice(1)) expect(guide).toContain(`| \`${path}\` | `);
  });

  it('is the same every time, with new UUIDs for different answers', () => {
    expect(exportFiles(structuredClone(values), helperPaths)).toEqual(files);
    const other = exportFiles({ ...values, models: [{ name: 'claude-haiku-5' }] }, helperPaths);
    const uuidsOf = (all: readonly ExportFile[]): string[] =>
      all.flatMap(({ path, content }) =>
        path === 'macos/claude-desktop.mobileconfig'
          ? [...content.toString().matchAll(/<string>([0-9A-F-]{36})<\/string>/g)].map(([, uuid = '']) => uuid)
          : [],
      );
    expect(uuidsOf(files)).toHaveLength(2);
    expect(uuidsOf(other).filter((uuid) => uuidsOf(files).includes(uuid))).toEqual([]);
  });
});

it('understands a binary property list that plistlib wrote', async () => {
  const file = join(folder, 'by-plistlib.plist');
  const program =
    'import plistlib,sys; plistlib.dump({"inferenceProvider":"foundry","inferenceModels":["a"],"inferenceCredentialHelperTtlSec":900}, open(sys.argv[1],"wb"), fmt=plistlib.FMT_BINARY)';
  run('python3', ['-c', program, file]);
  const found = lintContent(await readSettingsFile(file)).map(({ id, key }) => `${id} ${key}`);
  expect(found).toEqual(
    expect.arrayContaining([
      'endpoint-missing inferenceFoundryResource',
      'native-structure inferenceModels',
      'value-not-text inferenceCredentialHelperTtlSec',
    ]),
  );
});

const errorsIn = (file: string, credential: Values['credential']): readonly string[] =>
  lintContent(parseSettingsFile(file, readFileSync(file)), { credential }).flatMap(({ id, key, severity }) =>
    severity === 'error' ? `${id} ${key}` : [],
  );
