// The JSON Schema by ajv: it must never refuse what the program takes, and should refuse what it doesn't.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { patternOf } from '../../../scripts/policy/key-schema.ts';
import { parseValue } from '../../../src/config/decode.ts';
import { configurationKeys, definitionOf } from '../../../src/config/keys.ts';

const schema = JSON.parse(readFileSync(join(projectFolder, 'deploy/policy/config.schema.json'), 'utf8'));
const accepts = new Ajv({ strict: true, allErrors: true }).compile(schema);

const GUID = '11111111-2222-3333-4444-55555555AAAA';

describe('the JSON Schema', () => {
  it('takes a whole configuration, as config.json and as policy.json with values as text', () => {
    const native = Object.fromEntries(configurationKeys.map((key) => [key, definitionOf(key).example]));
    const asText = Object.entries(native).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    expect(accepts({ $schema: './config.schema.json', ...native })).toBe(true);
    expect(accepts(Object.fromEntries(asText))).toBe(true);
    expect(accepts({})).toBe(true);
    expect(
      accepts(
        JSON.parse(
          /```json\n(.*?)```/s.exec(readFileSync(join(projectFolder, 'docs/reference/policy.md'), 'utf8'))?.[1] ?? '',
        ),
      ),
    ).toBe(true);
  });

  it.each([
    ['clientId', 'contoso'],
    ['clientId', 7],
    ['foundryResource', '-contoso'],
    ['models', []],
    ['baseUrl', 'http://contoso.azure-api.net'],
    ['baseUrl', 'https://contoso.azure-api.net/anthropic?a=b'],
    ['models', ['a b']],
    ['models', ['a']],
    ['models', [{ supports1m: true }]],
    ['models', [{ name: 'claude-sonnet-5', contextWindow: 7 }]],
    ['models', [{ name: 'claude-sonnet-5', anthropicFamilyTier: 'gpt' }]],
    ['models', 7],
    ['cloud', 'moon'],
    ['scope', 'User.Read'],
    ['accountHint', ''],
    ['organizationName', 'x'.repeat(101)],
    ['headers', { 'X-Department': 1 }],
    ['headers', ['X-Department']],
    ['minimumTokenLifetimeSeconds', 299],
    ['minimumTokenLifetimeSeconds', 900.5],
    ['minimumTokenLifetimeSeconds', 'long'],
    ['noProxy', ['a b']],
    ['logLevel', 'loud'],
  ] as const)('refuses "%s": %j, as the program does', (key, value) => {
    expect(accepts({ [key]: value })).toBe(false);
    expect(parseValue(key, value)).toMatchObject({ valid: false });
  });

  it('allows unknown settings, about which the program only warns', () => {
    expect(accepts({ tenant: 'contoso.com', later: [1] })).toBe(true);
  });

  it('takes deployments as names, objects, and text', () => {
    const models = [' claude-sonnet-5 ', { name: 'claude-opus-4-8', labelOverride: 'Opus', supports1m: true }];
    for (const value of [models, JSON.stringify(models), 'claude-sonnet-5, claude-opus-4-8']) {
      expect(accepts({ models: value })).toBe(true);
      expect(parseValue('models', value)).toMatchObject({ valid: true });
    }
  });

  it('takes everything that the program takes, once it is in its final form', () => {
    const raw: fc.Arbitrary<unknown> = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme-ascii' }),
      fc.integer({ min: 0, max: 4000 }),
      fc.boolean(),
      fc.array(fc.string()),
      fc.dictionary(fc.string(), fc.string()),
      fc.uuid().map((id) => id.toUpperCase()),
      fc.domain(),
      fc.webUrl(),
      fc.constantFrom(GUID, 'https://AI.Azure.com/.default', 'API://x/Y', 'TRUE', '0', 'a,b', '[]', '{}', '/x'),
      fc.array(fc.oneof(fc.stringMatching(/^ ?[a-z]{1,3} ?$/), fc.record({ name: fc.stringMatching(/^[a-z]{1,3}$/) }))),
      ...configurationKeys.map((key) => fc.constant(definitionOf(key).example)),
    );
    let taken = 0;
    fc.assert(
      fc.property(fc.constantFrom(...configurationKeys), raw, (key, value) => {
        const parsed = parseValue(key, value);
        if (!parsed.valid) return;
        taken += 1;
        expect(accepts({ [key]: parsed.value }), JSON.stringify([key, parsed.value, accepts.errors])).toBe(true);
        if (typeof value !== 'string' || value === value.trim()) expect(accepts({ [key]: value })).toBe(true);
      }),
      { seed: 20_261_123, numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(300);
  });
});

describe('a pattern whose flag is written out', () => {
  it.each([
    /^[0-9a-f]{8}$/i,
    /^(?:https|api):\/\/[a-z0-9._:-]+\/[\x21\x23-\x3e\x40-\x5b\x5d-\x7e]+$/i,
    /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])$/i,
    /^\s*(?:true|false|0|1)\s*$/i,
  ])('%s means the same', (pattern) => {
    const written = new RegExp(patternOf(pattern), 'u');
    const lower = new RegExp(pattern.source);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.stringMatching(lower),
          fc.stringMatching(lower).map((text) => text.toUpperCase()),
          fc.string(),
        ),
        (text) => {
          expect(written.test(text)).toBe(pattern.test(text));
        },
      ),
      { seed: 20_261_123, numRuns: 300 },
    );
  });
});
