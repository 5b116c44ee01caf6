// What admins import, as it's in deploy/policy, read by programs of others.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOMParser, type Document, type Element } from '@xmldom/xmldom';
import { build } from 'plist';
import { describe, expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { parseValue } from '../../../src/config/decode.ts';
import { type ConfigurationKey, configurationKeys, definitionOf } from '../../../src/config/keys.ts';
import { places } from '../../../src/config/places.ts';
import { resolveConfiguration } from '../../../src/config/resolve.ts';
import { windowsPolicy } from '../../../src/config/sources/windows-policy.ts';
import { parsePlist } from '../../../src/formats/plist.ts';
import { parseRegistryFile } from '../../../src/formats/registry-file.ts';
import type { RegistryValue } from '../../../src/platform/registry.ts';
import { FakeRegistry } from '../../support/fakes/fake-registry.ts';

const folder = join(projectFolder, 'deploy/policy');
const XSD = join(import.meta.dirname, 'policy-definitions.xsd');
const ADMX = join(folder, 'FoundryCredentialHelper.admx');
const ADML = join(folder, 'en-US/FoundryCredentialHelper.adml');

const text = (file: string): string => readFileSync(file, 'utf8');
const parse = (file: string): Document => new DOMParser().parseFromString(text(file), 'text/xml');
const all = (node: Document | Element, name: string): Element[] => [...node.getElementsByTagName(name)];
const attribute = (node: Element | undefined, name: string): string => node?.getAttribute(name) ?? '';

const validate = (file: string) => spawnSync('xmllint', ['--noout', '--schema', XSD, file], { encoding: 'utf8' });

describe('the administrative template', () => {
  it.each([ADMX, ADML])('%s follows the schema, by libxml2', (file) => {
    expect(validate(file)).toMatchObject({ status: 0 });
  });

  it.each([
    ['a name twice', ADMX, /name="clientId" class/, 'name="tenantId" class'],
    ["a category that doesn't exist", ADMX, /parentCategory ref="\w+"/, 'parentCategory ref="Nowhere"'],
    ['a system that is not defined', ADMX, /supportedOn ref="\w+"/, 'supportedOn ref="Windows11"'],
    ['a class of its own', ADMX, /class="Both"/, 'class="All"'],
    ['a string id with a hyphen', ADML, /id="tenantId_Explain"/, 'id="tenantId-Explain"'],
    ['elements before the category', ADMX, /<parentCategory ref="\w+" \/>/, ''],
  ])('would be refused with %s', (_, file, found, put) => {
    const broken = join(mkdtempSync(join(tmpdir(), 'admx-')), 'broken.xml');
    onTestFinished(() => rmSync(join(broken, '..'), { recursive: true }));
    expect(text(file)).toMatch(found);
    writeFileSync(broken, text(file).replace(found, put));
    // xmllint: not valid; 5 would be a fault of the schema itself.
    expect(validate(broken).status).toBe(3);
  });

  it('refers to texts and presentations that exist, and to all of them', () => {
    const references = [...text(ADMX).matchAll(/\$\((string|presentation)\.(\w+)\)/g)].map(
      ([, kind, id]) => `${kind} ${id}`,
    );
    const defined = ['string', 'presentation'].flatMap((kind) =>
      all(parse(ADML), kind).map((node) => `${kind} ${attribute(node, 'id')}`),
    );
    expect([...new Set(references)].sort()).toEqual(defined.sort());
    expect(all(parse(ADML), 'string').filter((node) => (node.textContent ?? '').trim() === '')).toEqual([]);
  });

  it('shows each value by the control that its type wants', () => {
    const controls: Record<string, string> = { text: 'textBox', decimal: 'decimalTextBox', enum: 'dropdownList' };
    const presentations = all(parse(ADML), 'presentation');
    for (const policy of all(parse(ADMX), 'policy')) {
      const [elements] = all(policy, 'elements');
      if (elements === undefined) continue;
      const [value] = [...elements.childNodes].filter((node): node is Element => node.nodeType === 1);
      const presentation = presentations.find((node) => attribute(node, 'id') === attribute(policy, 'name'));
      const [control] = [...(presentation?.childNodes ?? [])].filter((node): node is Element => node.nodeType === 1);
      expect(control?.nodeName).toBe(controls[value?.nodeName ?? '']);
      expect(attribute(control, 'refId')).toBe(attribute(value, 'id'));
    }
  });

  it('has a policy for every key, in the key that is read', () => {
    const policies = all(parse(ADMX), 'policy');
    expect(policies.map((policy) => attribute(policy, 'name'))).toEqual(configurationKeys);
    expect(new Set(policies.map((policy) => attribute(policy, 'key')))).toEqual(new Set([places.own.registryKey]));
  });

  it.each(['first', 'last'] as const)('writes what the program reads: %s choice of every policy', (which) => {
    const registry = new FakeRegistry();
    const written = all(parse(ADMX), 'policy').map((policy) => setByEditor(policy, which));
    registry.set('HKEY_LOCAL_MACHINE', places.own.registryKey, written);
    const { problems, settings } = resolveConfiguration(windowsPolicy(registry));
    // The example of a path is one of Linux.
    const expected = process.platform === 'win32' ? /"caFile"/ : /^$/;
    for (const { detail = '' } of problems) expect(detail).toMatch(expected);
    for (const { name } of written) expect(settings[name as 'tenantId'].origin?.kind).toBe('managed');
  });
});

/**
 * What the editor writes to the registry for an enabled (last choice: disabled) policy, with the key's example as text.
 */
function setByEditor(policy: Element, which: 'first' | 'last'): RegistryValue {
  const key = attribute(policy, 'name') as (typeof configurationKeys)[number];
  const [enabled] = all(policy, which === 'first' ? 'enabledValue' : 'disabledValue');
  if (enabled !== undefined) {
    const [decimal] = all(enabled, 'decimal');
    return { name: attribute(policy, 'valueName'), type: 'REG_DWORD', data: Number(attribute(decimal, 'value')) };
  }
  const [elements] = all(policy, 'elements');
  const [value] = [...(elements?.childNodes ?? [])].filter((node): node is Element => node.nodeType === 1);
  const name = attribute(value, 'valueName');
  switch (value?.nodeName) {
    case 'decimal':
      return { name, type: 'REG_DWORD', data: Number(attribute(value, which === 'first' ? 'minValue' : 'maxValue')) };
    case 'enum':
      return { name, type: 'REG_SZ', data: all(value, 'string').at(which === 'first' ? 0 : -1)?.textContent ?? '' };
    default: {
      const { example } = definitionOf(key);
      const data = Array.isArray(example)
        ? example.join(', ')
        : typeof example === 'object'
          ? JSON.stringify(example)
          : String(example);
      expect(data.length).toBeLessThanOrEqual(Number(attribute(value, 'maxLength') || 1023));
      return { name, type: 'REG_SZ', data };
    }
  }
}

const MANIFEST = join(folder, `${places.own.domain}.plist`);

interface Subkey {
  readonly pfm_name: string;
  readonly pfm_type: string;
  readonly pfm_title: string;
  readonly pfm_description: string;
  readonly pfm_default?: unknown;
  readonly pfm_range_list?: readonly unknown[];
  readonly pfm_range_min?: number;
  readonly pfm_range_max?: number;
  readonly pfm_format?: string;
  readonly pfm_require?: string;
  readonly pfm_value_placeholder?: string;
  readonly pfm_subkeys?: readonly Subkey[];
}

function readManifest() {
  const script = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb")), default=str))';
  const text = execFileSync('python3', ['-c', script, MANIFEST], { encoding: 'utf8' });
  return JSON.parse(text) as Record<string, unknown> & { readonly pfm_subkeys: readonly Subkey[] };
}

describe('the Profile Manifest', () => {
  it('says what the format requires, by plistlib', () => {
    expect(readManifest()).toMatchObject({
      pfm_domain: places.own.domain,
      pfm_format_version: 1,
      pfm_interaction: 'combined',
      pfm_last_modified: expect.stringMatching(/^20\d\d-\d\d-\d\d /),
      pfm_platforms: ['macOS'],
      pfm_targets: ['system-managed', 'user-managed'],
      pfm_title: expect.stringMatching(/\w/),
      pfm_unique: true,
      pfm_version: expect.any(Number),
    });
    expect(execFileSync('plistutil', ['-i', MANIFEST, '-f', 'bin', '-o', '-']).subarray(0, 6).toString()).toBe(
      'bplist',
    );
  });

  it('has every key once, after those of the payload itself', () => {
    const names = readManifest().pfm_subkeys.map(({ pfm_name }) => pfm_name);
    expect(names.slice(7)).toEqual(configurationKeys);
    expect(names.slice(0, 7).every((name) => /^Payload[A-Z]/.test(name))).toBe(true);
    for (const name of ['PayloadIdentifier', 'PayloadType', 'PayloadUUID', 'PayloadVersion'])
      expect(names).toContain(name);
  });

  it('offers for each key only what the program takes', () => {
    const types = ['string', 'integer', 'boolean', 'array', 'dictionary'];
    for (const subkey of readManifest().pfm_subkeys.slice(7)) {
      const key = subkey.pfm_name as (typeof configurationKeys)[number];
      expect(types).toContain(subkey.pfm_type);
      expect(subkey.pfm_title).toMatch(/\w/);
      expect(subkey.pfm_description).toMatch(/\w/);
      const offered = [
        subkey.pfm_default,
        ...(subkey.pfm_range_list ?? []),
        subkey.pfm_range_min,
        subkey.pfm_range_max,
      ];
      for (const value of [...offered, subkey.pfm_value_placeholder].filter((one) => one !== undefined)) {
        expect([key, parseValue(key, value)]).toEqual([key, { valid: true, value }]);
      }
      if (subkey.pfm_type === 'array')
        expect(subkey.pfm_subkeys).toMatchObject([{ pfm_type: key === 'models' ? 'dictionary' : 'string' }]);
      if (subkey.pfm_format !== undefined)
        expect(String(definitionOf(key).example)).toMatch(new RegExp(subkey.pfm_format, 'u'));
    }
  });
});

describe('the deployments', () => {
  const manifest = () => readManifest().pfm_subkeys.find(({ pfm_name }) => pfm_name === 'models');
  const members = () => manifest()?.pfm_subkeys?.[0]?.pfm_subkeys ?? [];

  it('can be filled in with every member that the Profile Manifest offers, and with the name alone', () => {
    const values: Record<string, unknown> = { string: 'claude-opus-4-8', boolean: true };
    const offered = members().map(({ pfm_name, pfm_type, pfm_range_list }) => [
      pfm_name,
      pfm_range_list?.at(-1) ?? values[pfm_type],
    ]);
    const full = Object.fromEntries(offered);
    expect(Object.keys(full)).toEqual(['name', 'labelOverride', 'supports1m', 'anthropicFamilyTier']);
    const required = members().filter(({ pfm_require }) => pfm_require === 'always');
    expect(required.map(({ pfm_name }) => pfm_name)).toEqual(['name']);
    const written = build({ models: [full, { name: 'claude-sonnet-5' }, 'claude-haiku-4-5'] });
    expect(parseValue('models', (parsePlist(written) as Record<string, unknown>)['models'])).toEqual({
      valid: true,
      value: [full, { name: 'claude-sonnet-5' }, { name: 'claude-haiku-4-5' }],
    });
  });

  it('can be typed into Group Policy as the explanation says', () => {
    const explanation = all(parse(ADML), 'string').find((node) => attribute(node, 'id') === 'models_Explain');
    const array = /write one JSON array: (\[.*\])$/m.exec(explanation?.textContent ?? '')?.[1];
    expect(parseValue('models', array)).toEqual({
      valid: true,
      value: [{ name: 'claude-sonnet-5', supports1m: true }, { name: 'claude-haiku-4-5' }],
    });
    expect(explanation?.textContent).toMatch(/^Example: claude-sonnet-5, claude-opus-4-8$/m);
  });
});

describe('the examples in docs/reference/policy.md', () => {
  const page = text(join(projectFolder, 'docs/reference/policy.md'));
  const block = (language: string): string =>
    new RegExp(`\`\`\`${language}\\n(.*?)\n\`\`\``, 's').exec(page)?.[1] ?? '';
  const json = JSON.parse(block('json')) as Record<string, unknown>;

  it('mean the same in all forms', () => {
    expect(Object.keys(json).length).toBeGreaterThan(5);
    expect(parsePlist(block('xml'))).toEqual(json);
    const [key, ...others] = parseRegistryFile(`${block('reg').replaceAll('\n', '\r\n')}\r\n`);
    expect([key?.path, others]).toEqual([`HKEY_LOCAL_MACHINE\\${places.own.registryKey}`, []]);
    const meaning = (name: string, value: unknown) => [name, parseValue(name as ConfigurationKey, value)];
    const values = (key?.values ?? []).map(({ name, data }) => meaning(name, data));
    expect(values).toEqual(Object.entries(json).map(([name, value]) => meaning(name, value)));
    expect(values).not.toContainEqual([expect.anything(), expect.objectContaining({ valid: false })]);
  });
});
