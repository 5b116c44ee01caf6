// `config validate` on a file and `doctor` on the same settings in force must find the same.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { build, type PlistValue } from 'plist';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/claude-desktop/finding.ts';
import { type DesktopKeyName, desktopKey, desktopKeyNames } from '../../../src/claude-desktop/keys.ts';
import { configLibrary } from '../../../src/claude-desktop/places.ts';
import { type DesktopPlaces, readDesktopConfiguration } from '../../../src/claude-desktop/read.ts';
import { resolveConfiguration } from '../../../src/config/resolve.ts';
import { macPreferences } from '../../../src/config/sources/mac-preferences.ts';
import { windowsPolicy } from '../../../src/config/sources/windows-policy.ts';
import { desktopFindings } from '../../../src/doctor/checks/desktop.ts';
import { writeRegistryFile } from '../../../src/formats/registry-file.ts';
import { lintContent } from '../../../src/rollout/validate/lint.ts';
import { parseSettingsFile } from '../../../src/rollout/validate/read-file.ts';
import { FakeRegistry } from '../../support/fakes/fake-registry.ts';
import { isLong } from '../../support/harness/long.ts';

type Settings = Readonly<Record<string, unknown>>;

const ID = '0f8a6b7c-1d2e-4f30-9a4b-5c6d7e8f9a0b';
const DOMAIN_FILE = 'com.anthropic.claudefordesktop.plist';
const POLICY = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Claude';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'rule-book-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const junk = fc.constantFrom(
  '',
  ' ',
  'x',
  'yes',
  '0',
  '7.5',
  '[]',
  '{}',
  '["a"]',
  '{"A":"b"}',
  'http://a.b/?c',
  '/opt/x --y',
);

/** Right values, values at the edges, and values of other keys. */
function valueFor(key: DesktopKeyName): fc.Arbitrary<unknown> {
  const { type, values = [], min = 0, max = 10_000 } = desktopKey(key);
  switch (type) {
    case 'boolean':
      return fc.oneof(fc.boolean(), fc.constantFrom('true', 'FALSE', '1'), junk);
    case 'number':
      return fc.oneof(fc.constantFrom(min, max, min - 1, max + 1, String(min), String(max + 1)), junk);
    case 'enum':
      return fc.oneof(fc.constantFrom(...values), junk);
    case 'array':
      return fc.oneof(
        fc.constantFrom<unknown>(['claude-sonnet-5'], ['prod'], [{ name: 'claude-opus-4-8' }], [1], {}),
        junk,
      );
    case 'object':
    case 'record':
      return fc.oneof(fc.constantFrom<unknown>({ A: 'b' }, { A: 1 }, ['A: b']), junk);
    case 'string':
      return fc.oneof(
        fc.constantFrom(
          'contoso-foundry',
          'Contoso',
          'https://contoso-foundry.services.ai.azure.com/anthropic',
          'https://contoso.azure-api.net',
          '/usr/bin/foundry-credential-helper',
          'C:\\x\\foundry-credential-helper.exe',
          '/opt/other',
        ),
        junk,
      );
  }
}

/** Mostly keys of inference, so that their rules meet. */
const inferenceKeys = desktopKeyNames.filter((key) => key.startsWith('inference'));
const keyName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...inferenceKeys) },
  { weight: 1, arbitrary: fc.constantFrom(...desktopKeyNames) },
);
const settings: fc.Arbitrary<Settings> = fc
  .uniqueArray(
    keyName.chain((key) => valueFor(key).map((value) => [key, value] as const)),
    { selector: ([key]) => key, minLength: 1, maxLength: 14 },
  )
  .map((pairs) => ({ inferenceProvider: 'gateway', ...Object.fromEntries(pairs) }));

const asText = (values: Settings): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );

const seen = new Set<string>();

/** Everything but where it was found: the file and the line. */
function comparable(findings: readonly Finding[]): readonly string[] {
  for (const { id } of findings) seen.add(id);
  return findings
    .map(({ file: _file, ...rest }) =>
      JSON.stringify(rest)
        .replace(/line \d+(?:, )?/, '')
        .replace(',"element":""', ''),
    )
    .sort();
}

const validated = (file: string, bytes: Buffer) =>
  comparable(lintContent(parseSettingsFile(file, bytes), { credential: 'entra' }));

function diagnosed(places: DesktopPlaces): readonly string[] {
  const reading = readDesktopConfiguration({ env: {}, root, home: join(root, 'home'), ...places });
  if (reading.state !== 'values') throw new Error(`nothing was read: ${JSON.stringify(reading)}`);
  return comparable(desktopFindings({ resolution: resolveConfiguration([]) }, reading));
}

const RUNS = isLong ? 5_000 : 300;

describe('config validate and doctor find the same', () => {
  it('in local settings', () => {
    const folder = configLibrary({ platform: 'linux', env: {}, home: join(root, 'home') });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '_meta.json'), JSON.stringify({ appliedId: ID, entries: [] }));
    fc.assert(
      fc.property(settings, (values) => {
        // A JSON file doesn't say which system reads it, so the path must be one that Linux takes.
        const text = JSON.stringify({ ...values, inferenceCredentialHelper: '/usr/bin/foundry-credential-helper' });
        writeFileSync(join(folder, `${ID}.json`), text);
        expect(diagnosed({ platform: 'linux' })).toEqual(validated('claude.json', Buffer.from(text)));
      }),
      { numRuns: RUNS },
    );
  });

  it('in profiles of macOS', () => {
    const folder = join(root, 'prefs');
    mkdirSync(folder, { recursive: true });
    const managed = macPreferences(undefined, folder, 'claude-desktop');
    fc.assert(
      fc.property(settings, (values) => {
        const bytes = Buffer.from(build(values as Record<string, PlistValue>));
        writeFileSync(join(folder, DOMAIN_FILE), bytes);
        expect(diagnosed({ platform: 'darwin', managed })).toEqual(validated(DOMAIN_FILE, bytes));
      }),
      { numRuns: RUNS },
    );
  });

  it('in the registry of Windows', () => {
    fc.assert(
      fc.property(settings, (values) => {
        const bytes = writeRegistryFile(POLICY, asText(values));
        const registry = new FakeRegistry();
        registry.import(bytes.toString('utf16le').replace(/^\ufeff/, ''));
        const managed = windowsPolicy(registry, 'claude-desktop');
        expect(diagnosed({ platform: 'win32', managed })).toEqual(validated('claude.reg', bytes));
      }),
      { numRuns: RUNS },
    );
  });

  it('and the runs meet most rules', () => {
    expect(seen.size).toBeGreaterThan(20);
  });
});
