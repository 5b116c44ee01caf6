// Whatever Claude Desktop's list of configurations holds, in whatever form: `remove` brings every byte of it back.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type LibraryEntry,
  OWN_ID,
  withOwnEntry,
  withoutOwnEntry,
} from '../../../src/claude-desktop/config-library.ts';
import { desktopProfile } from '../../../src/claude-desktop/desktop-profile.ts';
import { configureLocal } from '../../../src/claude-desktop/local-profile.ts';
import { configLibrary } from '../../../src/claude-desktop/places.ts';
import { removeLocal } from '../../../src/claude-desktop/remove-local-profile.ts';
import { check, json, TIMEOUT_MS } from './support.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'fuzz-local-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const WORK = '0a1b2c3d-0000-4000-8000-000000000001';
const entry = fc.oneof(json, fc.record({ id: fc.oneof(fc.uuid(), fc.constant(WORK), fc.string()), name: fc.string() }));
const meta = fc
  .tuple(fc.dictionary(fc.string(), json), fc.option(fc.constantFrom(WORK, '', null)), fc.option(fc.array(entry)))
  .map(([others, appliedId, entries]) => ({
    ...others,
    ...(appliedId === undefined ? {} : { appliedId }),
    ...(entries === null ? { entries: undefined } : { entries }),
  }));
const form = fc.record({
  indent: fc.constantFrom(0, 1, 2, 8, '\t'),
  eol: fc.constantFrom('\n', '\r\n'),
  bom: fc.boolean(),
});

const settings = desktopProfile(
  { foundryResource: 'contoso-foundry', models: [{ name: 'claude-sonnet-5' }] },
  { helperPath: '/usr/bin/foundry-credential-helper' },
);

it('a removal brings back every byte', { timeout: TIMEOUT_MS }, async () => {
  const places = { platform: 'linux', env: {}, home, root: home, stateFolder: join(home, 'state') } as const;
  const folder = configLibrary(places);
  const file = join(folder, '_meta.json');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${WORK}.json`), '{}');
  const property = fc.property(meta, form, (value, { indent, eol, bom }) => {
    const text = (bom ? '\u{feff}' : '') + JSON.stringify(value, undefined, indent).replaceAll('\n', eol);
    writeFileSync(file, text);
    configureLocal(places, settings, { force: true });
    const { appliedId, entries } = JSON.parse(readFileSync(file, 'utf8')) as { appliedId: string; entries: unknown[] };
    expect([appliedId, entries.slice(0, value.entries?.length ?? 0)]).toEqual([OWN_ID, asJson(value.entries ?? [])]);
    expect(removeLocal(places).isAsBefore).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(readdirSync(folder).sort()).toEqual([`${WORK}.json`, '_meta.json']);
  });
  await check(property, { costly: 4 });
});

it('a removal removes only what configure added if the file has changed since', {
  timeout: TIMEOUT_MS,
}, async () => {
  const property = fc.property(meta, form, (value, { indent, eol }) => {
    const text = JSON.stringify(value, undefined, indent).replaceAll('\n', eol);
    const entries = (value.entries ?? []) as LibraryEntry[];
    const added = withOwnEntry({ state: 'library', text, appliedId: undefined, entries: [] });
    const { appliedId: _, ...rest } = asJson({ ...value, entries }) as Record<string, unknown>;
    expect(JSON.parse(withoutOwnEntry(added, undefined))).toEqual(rest);
    expect(JSON.parse(withoutOwnEntry(added, WORK))).toEqual({ ...rest, appliedId: WORK });
  });
  await check(property);
});

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
