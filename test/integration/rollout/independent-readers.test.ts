// Exported files as programs by others read them, and files by others as the linter reads them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Language, Parser } from 'web-tree-sitter';
import type { ExportFile } from '../../../src/rollout/export/export-file.ts';
import { exportFiles } from '../../../src/rollout/export/export-files.ts';
import { DEFAULT_HELPER_PATHS, PROVIDERS } from '../../../src/rollout/export/rollout-settings.ts';
import { lintContent } from '../../../src/rollout/validate/lint.ts';
import { readSettingsFile } from '../../../src/rollout/validate/read-file.ts';
import { emptyHive } from './registry-hive.ts';

/** Everything that a form may have to escape. */
const organization = 'Contoso <&> "O’Neil\' & Söhne" \\ 東京 %PATH% $x `y` 🚀';

const values = {
  tenantId: 'contoso.onmicrosoft.com',
  clientId: '11111111-2222-3333-4444-555555555555',
  foundryResource: 'contoso-foundry',
  models: ['claude-sonnet-5', 'claude-opus-4-8'],
  organizationName: organization,
  sendAuthorizationHeader: true,
  minimumTokenLifetimeSeconds: 1020,
  headers: { 'X-Department': 'a "b" \\ c' },
};

const ownText = {
  ...values,
  models: '["claude-sonnet-5","claude-opus-4-8"]',
  sendAuthorizationHeader: 'true',
  minimumTokenLifetimeSeconds: '1020',
  headers: JSON.stringify(values.headers),
};

const common = {
  inferenceModels: '["claude-sonnet-5","claude-opus-4-8"]',
  inferenceCredentialKind: 'helper-script',
  inferenceCredentialHelperTtlSec: '900',
  inferenceCredentialHelperTimeoutSec: '600',
};
const desktopText = {
  foundry: { ...common, inferenceProvider: 'foundry', inferenceFoundryResource: 'contoso-foundry' },
  gateway: {
    ...common,
    inferenceProvider: 'gateway',
    inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com/anthropic',
    inferenceGatewayAuthScheme: 'bearer',
    modelDiscoveryEnabled: 'false',
  },
};
const macPath = '/usr/local/bin/foundry-credential-helper';
const windowsPath = 'C:\\Program Files\\foundry-credential-helper\\foundry-credential-helper.exe';

const run = (command: string, args: readonly string[], input?: Buffer, env: NodeJS.ProcessEnv = {}): Buffer =>
  execFileSync(command, args, { input, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });

let folder: string;
const require = createRequire(import.meta.url);
let powerShell: Parser;
beforeAll(async () => {
  await Parser.init();
  const grammar = readFileSync(require.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm'));
  powerShell = new Parser().setLanguage(await Language.load(grammar));
  folder = mkdtempSync(join(tmpdir(), 'rollout-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(PROVIDERS)('the export for the provider %s', (provider) => {
  let files: readonly ExportFile[];
  const at = (path: string): string => join(folder, provider, path);
  const desktop = { ...desktopText[provider], inferenceCredentialHelper: macPath };

  beforeAll(() => {
    files = exportFiles(values, { provider, helperPaths: DEFAULT_HELPER_PATHS });
    for (const { path, content } of files) {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), content);
    }
  });

  it('is well-formed XML for libxml2', () => {
    const xml = files.filter(({ path }) => /\.(?:plist|mobileconfig)$/.test(path));
    expect(xml).toHaveLength(4);
    for (const { path } of xml) run('xmllint', ['--noout', '--nonet', at(path)]);
  });

  it.each([
    ['com.anthropic.claudefordesktop', () => desktop],
    ['dev.foundry-credential-helper', () => ownText],
  ])('says the same to plistlib in the preference file of %s', (domain, expected) => {
    expect(plistlib(at(`macos/jamf/${domain}.plist`))).toEqual(expected());
  });

  it.each([
    ['claude-desktop', 'com.anthropic.claudefordesktop', () => desktop],
    ['foundry-credential-helper', 'dev.foundry-credential-helper', () => ownText],
  ])('says the same to plistlib in the profile of %s', (name, domain, expected) => {
    const profile = plistlib(at(`macos/${name}.mobileconfig`));
    expect(profile).toMatchObject({ PayloadType: 'Configuration', PayloadScope: 'System', PayloadVersion: 1 });
    const [payload] = profile['PayloadContent'] as [Record<string, unknown>];
    expect(payload).toMatchObject({ PayloadType: domain, PayloadVersion: 1 });
    expect(Object.fromEntries(Object.entries(payload).filter(([key]) => !key.startsWith('Payload')))).toEqual(
      expected(),
    );
    const uuids = [profile['PayloadUUID'], payload['PayloadUUID']];
    expect(new Set(uuids).size).toBe(2);
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
  });

  it('survives libplist: to binary and back, with nothing found in either', () => {
    for (const { path } of files.filter(({ path: name }) => /\.(?:plist|mobileconfig)$/.test(name))) {
      const binary = join(folder, 'binary.plist');
      run('plistutil', ['-i', at(path), '-o', binary, '-f', 'bin']);
      expect(readFileSync(binary).subarray(0, 6).toString()).toBe('bplist');
      expect(lintContent(readSettingsFile(binary))).toEqual([]);
      expect(plistlib(binary)).toEqual(plistlib(at(path)));
    }
  });

  it('imports into a registry hive by libhivex, whose own export says the same', () => {
    const own = importAndExport(at('windows/foundry-credential-helper.reg'));
    const imported = own('FoundryCredentialHelper');
    expect(imported.values).toEqual(ownText);
    expect(lintContent(readSettingsFile(imported.file))).toEqual([]);
    const claude = importAndExport(at('windows/claude-desktop.reg'))('Claude');
    expect(claude.values).toEqual({ ...desktop, inferenceCredentialHelper: windowsPath });
    expect(lintContent(readSettingsFile(claude.file))).toEqual([]);
  });

  it('is native JSON for Linux', () => {
    const read = (path: string): unknown =>
      JSON.parse(
        run('python3', [
          '-c',
          'import json,sys; print(json.dumps(json.load(open(sys.argv[1], encoding="utf-8"))))',
          at(path),
        ]).toString(),
      );
    expect(read('linux/foundry-credential-helper/policy.json')).toEqual(values);
    expect(read('linux/claude-desktop/managed-settings.json')).toEqual({
      ...desktop,
      inferenceCredentialHelper: '/usr/bin/foundry-credential-helper',
      inferenceModels: values.models,
      inferenceCredentialHelperTtlSec: 900,
      inferenceCredentialHelperTimeoutSec: 600,
      ...(provider === 'gateway' ? { modelDiscoveryEnabled: false } : {}),
    });
  });

  it('holds the same values in the scripts for Intune as in the registry exports', () => {
    expect(scriptValues(at('windows/intune/set-foundry-credential-helper-policy.ps1'))).toEqual(ownText);
    expect(scriptValues(at('windows/intune/set-claude-desktop-policy.ps1'))).toEqual({
      ...desktop,
      inferenceCredentialHelper: windowsPath,
    });
  });

  it('is the same every time, and other UUIDs stand in it for other answers', () => {
    const options = { provider, helperPaths: DEFAULT_HELPER_PATHS };
    expect(exportFiles(structuredClone(values), options)).toEqual(files);
    const other = exportFiles({ ...values, models: ['claude-haiku-5'] }, options);
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

it('understands a binary property list that plistlib wrote', () => {
  const file = join(folder, 'by-plistlib.plist');
  const program =
    'import plistlib,sys; plistlib.dump({"inferenceProvider":"foundry","inferenceModels":["a"],"inferenceCredentialHelperTtlSec":900}, open(sys.argv[1],"wb"), fmt=plistlib.FMT_BINARY)';
  run('python3', ['-c', program, file]);
  const found = lintContent(readSettingsFile(file)).map(({ id, key }) => `${id} ${key}`);
  expect(found.toSorted()).toEqual([
    'endpoint-missing inferenceFoundryResource',
    'native-structure inferenceModels',
    'value-not-text inferenceCredentialHelperTtlSec',
  ]);
});

function plistlib(file: string): Record<string, unknown> {
  const program = 'import plistlib,json,sys; print(json.dumps(plistlib.load(open(sys.argv[1],"rb"))))';
  return JSON.parse(run('python3', ['-c', program, file]).toString()) as Record<string, unknown>;
}

/** Merges the file into an empty hive; what comes out of the hive is in libhivex's words, with every text as UTF-16 in hex. */
function importAndExport(file: string): (key: string) => { values: Record<string, string>; file: string } {
  const hive = join(folder, 'software.hive');
  writeFileSync(hive, emptyHive());
  const prefix = ['--prefix', 'HKEY_LOCAL_MACHINE\\SOFTWARE'];
  const parent = join(folder, 'parent.reg');
  writeFileSync(parent, 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies]\n\n');
  // It takes UTF-8; the decoder is glibc's.
  const decoded = join(folder, 'decoded.reg');
  writeFileSync(decoded, run('iconv', ['-f', 'UTF-16', '-t', 'UTF-8', file]));
  const utf8 = { PERL_UNICODE: 'D' };
  run('hivexregedit', ['--merge', ...prefix, hive, parent, decoded], undefined, utf8);
  return (key) => {
    const exported = run('hivexregedit', ['--export', ...prefix, hive, `\\Policies\\${key}`], undefined, utf8);
    const copy = join(folder, `${key}.reg`);
    writeFileSync(copy, exported);
    const lines = [...exported.toString().matchAll(/^"([^"]+)"=hex\(1\):([0-9a-f,]+)$/gm)];
    const text = (hex: string): string =>
      Buffer.from(hex.replaceAll(',', ''), 'hex').toString('utf16le').replace(/\0$/, '');
    return { file: copy, values: Object.fromEntries(lines.map(([, name = '', hex = '']) => [name, text(hex)])) };
  };
}

/** The texts in single quotes as tree-sitter's PowerShell grammar finds them, in pairs of name and value. */
function scriptValues(file: string): Record<string, string> {
  const script = readFileSync(file, 'utf8');
  expect(script.startsWith('\ufeff# ')).toBe(true);
  const tree = powerShell.parse(script.slice(1));
  if (tree === null) throw new Error('not parsed');
  expect(tree.rootNode.hasError).toBe(false);
  const calls = tree.rootNode
    .descendantsOfType('invokation_expression')
    .filter((node) => node?.text.startsWith('$key.SetValue('));
  const texts = calls.map((call) => call?.descendantsOfType('verbatim_string_characters') ?? []);
  // about_Quoting_Rules: a quotation mark in such a text stands for itself when doubled.
  const plain = (text = ''): string => text.slice(1, -1).replaceAll(/(['‘’‚‛])\1/g, '$1');
  return Object.fromEntries(texts.map(([name, value]) => [plain(name?.text), plain(value?.text)]));
}
