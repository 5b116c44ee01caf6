// Managed preferences as macOS keeps them, made by libplist (Debian's plistutil) and Python's plistlib.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openConfiguration } from '../../../src/config/load.ts';
import { resolveConfiguration } from '../../../src/config/resolve.ts';
import { macPreferences } from '../../../src/config/sources/mac-preferences.ts';

const DOMAIN = 'dev.foundry-credential-helper.plist';
const values = {
  tenantId: 'contoso.onmicrosoft.com',
  clientId: '11111111-2222-3333-4444-555555555555',
  organizationName: 'Contoso <&> 東京 🚀',
  models: [{ name: 'claude-sonnet-5' }, { name: 'claude-opus-4-8', labelOverride: 'Opus', supports1m: true }],
  headers: { 'X-Department': 'research' },
  minimumTokenLifetimeSeconds: 1020,
};
const native = { ...values, models: ['claude-sonnet-5', values.models[1]] };
const asText = {
  ...values,
  models: JSON.stringify(native.models),
  headers: JSON.stringify(values.headers),
  minimumTokenLifetimeSeconds: '1020',
};

let folder: string;
let ofUser: string;
let ofComputer: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'preferences-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  ofUser = join(folder, 'ada', DOMAIN);
  ofComputer = join(folder, DOMAIN);
  mkdirSync(dirname(ofUser));
});

const sources = () => macPreferences('ada', folder);
const resolve = () => resolveConfiguration(sources());

function writeByPlistlib(path: string, content: object, format: 'FMT_XML' | 'FMT_BINARY'): void {
  const script =
    'import json, plistlib, sys; plistlib.dump(json.load(sys.stdin), open(sys.argv[1], "wb"), fmt=plistlib.';
  execFileSync('python3', ['-c', `${script}${format})`, path], { input: JSON.stringify(content) });
}

function convert(from: string, format: 'bin' | 'xml', to: string): void {
  execFileSync('plistutil', ['-i', from, '-f', format, '-o', to]);
}

describe('managed preferences', () => {
  it.each([
    ['XML, native values', native, 'xml'],
    ['XML, text', asText, 'xml'],
    ['binary, native values', native, 'bin'],
    ['binary, text', asText, 'bin'],
  ] as const)('%s: by both libraries', (_, content, format) => {
    const python = join(folder, 'python.plist');
    writeByPlistlib(python, content, format === 'bin' ? 'FMT_BINARY' : 'FMT_XML');
    for (const write of [
      () => writeByPlistlib(ofComputer, content, format === 'bin' ? 'FMT_BINARY' : 'FMT_XML'),
      () => convert(python, format, ofComputer),
    ]) {
      write();
      const { settings, problems } = resolve();
      expect(problems).toEqual([]);
      for (const [key, value] of Object.entries(values)) {
        expect(settings[key as keyof typeof values]).toEqual({
          value,
          origin: { kind: 'managed', location: ofComputer },
          overrides: [],
        });
      }
    }
  });

  it("the user's wins over the computer's, key by key", () => {
    writeByPlistlib(ofComputer, { ...values, logLevel: 'warn' }, 'FMT_BINARY');
    writeByPlistlib(ofUser, { organizationName: 'Ada', PayloadUUID: 'A0' }, 'FMT_XML');
    const { settings, problems } = resolve();
    expect(problems).toEqual([]);
    expect(settings.organizationName).toEqual({
      value: 'Ada',
      origin: { kind: 'managed', location: ofUser },
      overrides: [{ kind: 'managed', location: ofComputer }],
    });
    expect(settings.logLevel).toMatchObject({ value: 'warn', origin: { location: ofComputer } });
  });

  it('an account without a name has the computer’s alone', () => {
    expect(macPreferences(undefined, folder).map(({ location }) => location)).toEqual([ofComputer]);
  });

  it("that aren't there are no problem", () => {
    expect(resolve()).toMatchObject({ problems: [], sources: [{ state: 'absent' }, { state: 'absent' }] });
  });

  it.each([
    ['an empty file', '', /isn't well-formed XML/],
    ['half of an XML one', '<?xml version="1.0"?><plist><dict><key>tenantId</key>', /isn't well-formed XML/],
    ['half of a binary one', Buffer.from('bplist00\xd1\x01'), /isn't a valid property list/],
    ['a list', '<plist version="1.0"><array/></plist>', /isn't a property list with a dictionary/],
    ['JSON', '{"tenantId":"x"}', /isn't well-formed XML/],
    ["OpenStep's form", '{ tenantId = "contoso.com"; }', /isn't well-formed XML/],
    [
      'bytes that are no text',
      Buffer.from([0xff, 0x00, 0xc3, 0x28]),
      /is neither UTF-8 nor UTF-16 text|isn't well-formed/,
    ],
  ])('%s is an error that names the file, and rules out lower sources', (_, content, reason) => {
    writeFileSync(ofComputer, content);
    writeByPlistlib(ofUser, values, 'FMT_XML');
    const { problems } = resolve();
    expect(problems.map(({ code }) => code)).toEqual(['ERR_CONFIG_UNREADABLE']);
    expect(problems[0]?.detail).toMatch(new RegExp(`^${ofComputer} ${reason.source}`));
  });

  it('a folder in its place, or a link to nothing, is unreadable, not absent', () => {
    mkdirSync(ofComputer);
    symlinkSync('/nowhere', ofUser);
    expect(resolve().sources.map(({ state }) => state)).toEqual(['unreadable', 'unreadable']);
  });

  it('an invalid value is an error that names key, file and rule, and never falls through', () => {
    writeByPlistlib(ofUser, { tenantId: 'common' }, 'FMT_BINARY');
    writeByPlistlib(ofComputer, values, 'FMT_BINARY');
    const { settings, problems } = resolve();
    expect(settings.tenantId).not.toHaveProperty('value');
    expect(problems[0]?.detail).toMatch(`"tenantId" in ${ofUser} must name one tenant`);
  });

  it('is seen immediately when it changes, and read only then', () => {
    const configuration = openConfiguration({}, { config: join(folder, 'none') }, sources());
    const before = configuration.current();
    expect(configuration.current()).toBe(before);
    writeByPlistlib(ofComputer, { logLevel: 'debug' }, 'FMT_BINARY');
    expect(configuration.current().settings.logLevel.value).toBe('debug');
    writeByPlistlib(ofUser, { logLevel: 'trace' }, 'FMT_BINARY');
    expect(configuration.current().settings.logLevel.value).toBe('trace');
    rmSync(ofUser);
    rmSync(ofComputer);
    expect(configuration.current().settings.logLevel.value).toBe('info');
  });
});
