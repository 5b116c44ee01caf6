import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'plist';
import { describe, expect, it } from 'vitest';
import { OWN_ID } from '../../../src/claude-desktop/config-library.ts';
import { readLocal } from '../../../src/claude-desktop/read.ts';
import { macPreferences } from '../../../src/config/sources/mac-preferences.ts';
import { windowsPolicy } from '../../../src/config/sources/windows-policy.ts';
import { replaceFile } from '../../../src/platform/replace-file.ts';
import { FakeRegistry } from '../../support/fakes/fake-registry.ts';
import { desk, META, SETTINGS, WORK, withWork } from './local-support.ts';

const OTHER = '0a1b2c3d-0000-4000-8000-000000000002';
const refusal = (code: string, says: string) =>
  expect.objectContaining({ code, detail: expect.stringContaining(says) });
const onUnix = process.platform !== 'win32';
/** Windows has other access rights than these. */
const expectMode = (path: string, mode: number) => onUnix && expect(statSync(path).mode & 0o777).toBe(mode);
const failingAt = (name: string) => (draft: string, target: string) => {
  if (target.endsWith(name)) throw new Error('no space left');
  replaceFile(draft, target);
};

describe.each(['linux', 'darwin', 'win32'] as const)('a profile on %s', (platform) => {
  it('is written in the app’s own form, applied, and gone without a trace', () => {
    const { own, meta, json, configure, remove, snapshot, places, settings, folder } = desk({ platform });
    const before = snapshot();
    expect(configure()).toEqual({ changed: [own, meta], backups: [] });
    expect(OWN_ID).toMatch(/^[a-f0-9-]{36}$/);
    expect(json(meta)).toEqual({ appliedId: OWN_ID, entries: [{ id: OWN_ID, name: 'foundry-credential-helper' }] });
    expect(json(own)).toMatchObject({
      $schemaVersion: 2,
      inference: { provider: 'gateway', credential: { kind: 'helper-script', ttlSec: 900, timeoutSec: 600 } },
      models: { list: ['claude-sonnet-5'] },
    });
    expect(readLocal(places)).toMatchObject({ state: 'values', origin: own, values: settings });
    expectMode(folder, 0o700);
    for (const file of [own, meta]) expectMode(file, 0o600);
    expect(configure()).toEqual({ changed: [], backups: [] });
    expect(remove()).toEqual({ changed: [meta, own], isAsBefore: true, backups: [] });
    expect(snapshot()).toEqual(before);
    expect(existsSync(join(places.stateFolder, 'claude-desktop.json'))).toBe(false);
    expect(remove()).toEqual({ changed: [], isAsBefore: true, backups: [] });
  });
});

describe('what an admin set', () => {
  it.runIf(process.getuid?.() === 0)('rules out a profile on Linux', () => {
    const { root, write, configure, snapshot } = desk();
    const file = join(root, 'etc/claude-desktop/managed-settings.json');
    write(file, '{"inferenceProvider": "gateway"}');
    expect(() => configure({ force: true })).toThrow(refusal('ERR_CLAUDE_DESKTOP_MANAGED', file));
    chmodSync(file, 0o666);
    expect(() => configure()).toThrow(refusal('ERR_CLAUDE_DESKTOP_MANAGED', `${file}, which is writable by`));
    write(file, '{"disableAutoUpdates": true}');
    chmodSync(file, 0o644);
    expect(snapshot()).toEqual({});
    expect(configure().changed).toHaveLength(2);
  });

  it('rules out a profile on macOS', () => {
    const { root } = desk();
    const managed = macPreferences('ada', join(root, 'prefs'), 'claude-desktop');
    const { write, configure, snapshot } = desk({ platform: 'darwin', managed });
    const file = join(root, 'prefs/com.anthropic.claudefordesktop.plist');
    write(file, build({ isClaudeCodeForDesktopEnabled: 'false' }));
    expect(() => configure({ force: true })).toThrow(refusal('ERR_CLAUDE_DESKTOP_MANAGED', file));
    write(file, '<plist');
    expect(() => configure()).toThrow(refusal('ERR_CLAUDE_DESKTOP_MANAGED', `${file}, which `));
    expect(snapshot()).toEqual({});
    write(file, build({ disableAutoUpdates: 'true' }));
    expect(configure().changed).toHaveLength(2);
  });

  it.each(['HKEY_LOCAL_MACHINE', 'HKEY_CURRENT_USER'] as const)('rules out a profile on Windows: %s', (hive) => {
    const registry = new FakeRegistry();
    const managed = windowsPolicy(registry, 'claude-desktop');
    const { configure, snapshot } = desk({ platform: 'win32', managed });
    const set = (name: string) =>
      registry.set(hive, 'SOFTWARE\\Policies\\Claude', [{ name, type: 'REG_SZ', data: 'true' }]);
    set('inferenceProvider');
    expect(() => configure({ force: true })).toThrow(refusal('ERR_CLAUDE_DESKTOP_MANAGED', hive));
    registry.error = new Error('denied');
    expect(() => configure()).toThrow(refusal('ERR_CLAUDE_DESKTOP_MANAGED', "can't be read"));
    expect(snapshot()).toEqual({});
    registry.error = undefined;
    set('disableAutoUpdates');
    expect(configure().changed).toHaveLength(2);
  });
});

describe('another applied profile', () => {
  it('is named and kept unless --force is given, and applied again at the end', () => {
    const { meta, own, json, configure, remove, snapshot } = withWork();
    const before = snapshot();
    expect(() => configure()).toThrow(refusal('ERR_CLAUDE_DESKTOP_CONFLICT', `"Work", applied in ${meta}`));
    expect(snapshot()).toEqual(before);
    const { backups } = configure({ force: true });
    expect(backups).toMatchObject([{ of: meta, backup: `${meta}.backup` }]);
    expect(readFileSync(`${meta}.backup`, 'utf8')).toBe(META);
    expect(json(meta)).toEqual({
      appliedId: OWN_ID,
      entries: [
        { id: WORK, name: 'Work', color: 1.5 },
        { id: OWN_ID, name: 'foundry-credential-helper' },
      ],
      hybridPointer: null,
    });
    expect(remove()).toEqual({ changed: [meta, own], isAsBefore: true, backups: [], applied: 'Work' });
    expect(snapshot()).toEqual(before);
  });

  it('is named by its ID if it has no name', () => {
    const { configure } = withWork(`{"appliedId": "${WORK}"}`);
    expect(() => configure()).toThrow(refusal('ERR_CLAUDE_DESKTOP_CONFLICT', WORK));
  });

  it('that can’t be read is named with the reason', () => {
    const { folder, write, configure, snapshot } = withWork();
    const file = join(folder, `${WORK}.json`);
    write(file, '{"a": 1,}');
    const before = snapshot();
    expect(() => configure()).toThrow(refusal('ERR_CLIENT_SETTINGS_UNREADABLE', `${file} isn't valid JSON, line 1`));
    rmSync(file);
    expect(() => configure()).toThrow(refusal('ERR_CLIENT_SETTINGS_UNREADABLE', `${file} doesn't exist`));
    write(file, '{"a": 1,}');
    expect(snapshot()).toEqual(before);
    expect(configure({ force: true }).changed).toHaveLength(2);
  });

  it("that only exists, without being applied, isn't an obstacle", () => {
    const { meta, json, configure, remove, read } = withWork(`{"entries":[{"id":"${WORK}","name":"Work"}]}`);
    const before = read(meta);
    configure();
    expect(json(meta)).toMatchObject({ appliedId: OWN_ID, entries: [{ id: WORK }, { id: OWN_ID }] });
    remove();
    expect(read(meta)).toBe(before);
  });
});

describe('files that can’t be read', () => {
  it.each([
    ['no JSON', '{', "isn't valid JSON, line 1"],
    ['empty', '', "isn't valid JSON"],
    ['a list', '[]', "isn't a JSON object"],
    ['an ID that is a path', '{"appliedId": "../../x"}', `has an "appliedId" that isn't a UUID`],
    ['an ID that is a number', '{"appliedId": 7}', `has an "appliedId" that isn't a UUID`],
    ['entries that are no list', '{"entries": {}}', `has "entries" that aren't a list`],
    ['no text', Buffer.from([0xff, 0xff, 0xff]), 'is neither UTF-8'],
  ])('stop everything: _meta.json is %s', (_, content, reason) => {
    const { meta, write, configure, remove, snapshot } = desk();
    write(meta, content);
    const before = snapshot();
    expect(() => configure({ force: true })).toThrow(refusal('ERR_CLIENT_SETTINGS_UNREADABLE', `${meta} ${reason}`));
    expect(() => remove()).toThrow(refusal('ERR_CLIENT_SETTINGS_UNREADABLE', `${meta} ${reason}`));
    expect(snapshot()).toEqual(before);
  });

  it.runIf(onUnix).each([
    ['a folder', (path: string) => mkdirSync(path, { recursive: true }), "isn't a regular file"],
    ['a link to nothing', (path: string) => symlinkSync(`${path}.nowhere`, path), 'is a link to a file that doesn'],
  ])('stop everything: %s', (_, make, reason) => {
    const { folder, meta, configure } = desk();
    mkdirSync(folder, { recursive: true });
    make(meta);
    expect(() => configure({ force: true })).toThrow(refusal('ERR_CLIENT_SETTINGS_UNREADABLE', `${meta} ${reason}`));
    expect(readdirSync(folder)).toEqual(['_meta.json']);
  });

  it("stop everything: this program's profile that someone damaged, which remove keeps a copy of", () => {
    const { own, write, configure, remove, read, folder } = desk();
    configure();
    write(own, '{"oops');
    expect(() => configure({ force: true })).toThrow(
      refusal('ERR_CLIENT_SETTINGS_UNREADABLE', `${own} isn't valid JSON`),
    );
    expect(remove().backups).toMatchObject([{ backup: `${own}.backup` }]);
    expect(read(`${own}.backup`)).toBe('{"oops');
    expect(readdirSync(folder)).toEqual([`${OWN_ID}.json.backup`]);
  });
});

describe('a write that fails', () => {
  it.each(['_meta.json', `${OWN_ID}.json`, 'claude-desktop.json'])('changes nothing: %s', (name) => {
    const { configure, snapshot, places } = withWork();
    const before = snapshot();
    const error = refusal('ERR_FILE_UNWRITABLE', name);
    expect(() => configure({ force: true, replace: failingAt(name) })).toThrow(error);
    expect(snapshot()).toEqual(before);
    expect(readdirSync(places.stateFolder)).toEqual([]);
    expect(configure({ force: true }).changed).toHaveLength(2);
  });

  it('leaves no folder behind that wasn’t there', () => {
    const { configure, snapshot } = desk();
    expect(() => configure({ replace: failingAt('_meta.json') })).toThrow(refusal('ERR_FILE_UNWRITABLE', '_meta.json'));
    expect(snapshot()).toEqual({});
  });

  it('changes nothing if this program can’t remember what was there', () => {
    const { configure, snapshot, places } = withWork();
    const before = snapshot();
    writeFileSync(places.stateFolder, 'a file in its place');
    expect(() => configure({ force: true })).toThrow(refusal('ERR_STATE_UNWRITABLE', places.stateFolder));
    expect(snapshot()).toEqual(before);
  });

  it('is noticed by reading back, and undone', () => {
    const { configure, snapshot } = withWork();
    const before = snapshot();
    const garbling = (draft: string, target: string) => {
      if (target.endsWith(`${OWN_ID}.json`)) writeFileSync(draft, '{"$schemaVersion": 2}');
      replaceFile(draft, target);
    };
    expect(() => configure({ force: true, replace: garbling })).toThrow(
      refusal('ERR_FILE_UNWRITABLE', 'reads back differently'),
    );
    expect(snapshot()).toEqual(before);
  });

  it('leaves the backup of a file that can’t be put back, and says so', () => {
    const { own, write, configure, read } = withWork();
    write(own, '{"mine": 1}');
    let count = 0;
    const failing = (draft: string, target: string) => {
      count += 1;
      if (count > 2) throw new Error('the disk is gone');
      replaceFile(draft, target);
    };
    expect(() => configure({ force: true, replace: failing })).toThrow(
      refusal('ERR_FILE_UNWRITABLE', `couldn't be put back: ${own}`),
    );
    expect(read(`${own}.backup`)).toBe('{"mine": 1}');
  });

  it("doesn't change anything in an update or a removal either", () => {
    const { configure, remove, snapshot } = withWork();
    configure({ force: true });
    const before = snapshot();
    const updated = { ...SETTINGS, inferenceModels: ['claude-opus-4-8'] };
    expect(() => configure({ replace: failingAt(`${OWN_ID}.json`) }, updated)).toThrow();
    expect(() => remove({ replace: failingAt('_meta.json') })).toThrow(refusal('ERR_FILE_UNWRITABLE', '_meta.json'));
    expect(snapshot()).toEqual(before);
    expect(remove().isAsBefore).toBe(true);
  });
});

describe('what Claude Desktop would refuse', () => {
  it('isn’t written', () => {
    const { configure, snapshot } = desk();
    const dropped = { ...SETTINGS, inferenceModels: ['my-deployment'] };
    expect(() => configure({}, dropped)).toThrow(
      refusal('ERR_CONFIG_INVALID', 'inferenceModels, entry 1 holds a name'),
    );
    const badPath = { ...SETTINGS, inferenceCredentialHelper: '/opt/50%/foundry-credential-helper' };
    expect(() => configure({}, badPath)).toThrow(refusal('ERR_CONFIG_INVALID', 'inferenceCredentialHelper '));
    expect(() => configure({ credential: 'api-key' }, { ...SETTINGS })).toThrow(refusal('ERR_CONFIG_INVALID', 'match'));
    expect(snapshot()).toEqual({});
  });
});

describe('an update', () => {
  it('changes this program’s keys only, and is undone all the same', () => {
    const { own, meta, json, write, configure, remove, snapshot, read, places } = withWork();
    const before = snapshot();
    configure({ force: true });
    const nested = json(own) as { models: object };
    // As the user who adds a key in Claude Desktop's own window.
    const edited = JSON.stringify({ ...nested, models: { ...nested.models, future: [1] }, appearance: { x: true } });
    write(own, edited);
    expect(configure().changed).toEqual([]);
    const { changed, backups } = configure({}, { ...SETTINGS, inferenceModels: ['claude-opus-4-8'] });
    expect([changed, backups.map(({ backup }) => backup)]).toEqual([[own], [`${own}.backup`]]);
    expect(read(`${own}.backup`)).toBe(edited);
    expect(json(own)).toMatchObject({ models: { list: ['claude-opus-4-8'], future: [1] }, appearance: { x: true } });
    expect(readLocal(places)).toMatchObject({ values: { inferenceModels: ['claude-opus-4-8'] } });
    rmSync(`${own}.backup`);
    expect(remove()).toMatchObject({ changed: [meta, own], isAsBefore: true, applied: 'Work' });
    expect(snapshot()).toEqual(before);
  });

  it('to another provider removes every key of the old one', () => {
    const { own, configure, remove, snapshot, read, places } = desk();
    configure();
    const { inferenceGatewayBaseUrl: _a, inferenceGatewayAuthScheme: _b, ...rest } = SETTINGS;
    const foundry = { ...rest, inferenceProvider: 'foundry', inferenceFoundryResource: 'contoso-foundry' };
    expect(configure({ credential: 'api-key' }, foundry)).toEqual({ changed: [own], backups: [] });
    expect(readLocal(places)).toMatchObject({ values: foundry });
    expect(read(own)).not.toMatch(/bearer|gateway/i);
    remove();
    expect(snapshot()).toEqual({});
  });

  it('replaces a profile that an earlier installation left, and puts it back', () => {
    const { own, write, configure, remove, snapshot } = desk();
    write(own, '{"inferenceProvider":"gateway","inferenceCredentialHelper":"/old/foundry-credential-helper"}', 0o640);
    const before = snapshot();
    expect(configure().backups).toMatchObject([{ backup: `${own}.backup` }]);
    expectMode(own, 0o640);
    expect(remove().isAsBefore).toBe(true);
    expect(snapshot()).toEqual(before);
  });

  it('writes a deleted profile again', () => {
    const { own, configure, remove, snapshot } = desk();
    configure();
    rmSync(own);
    expect(configure()).toEqual({ changed: [own], backups: [] });
    expect(remove().isAsBefore).toBe(true);
    expect(snapshot()).toEqual({});
  });
});

describe('a removal after someone has changed the files', () => {
  it('leaves the profile that is applied meanwhile', () => {
    const { meta, own, write, json, configure, remove } = withWork();
    configure({ force: true });
    const changed = { ...json(meta), appliedId: OTHER };
    write(
      meta,
      JSON.stringify({ ...changed, entries: [...(json(meta)['entries'] as object[]), { id: OTHER, name: 'New' }] }),
    );
    expect(remove()).toEqual({ changed: [meta, own], isAsBefore: false, backups: [], applied: 'New' });
    expect(json(meta)).toEqual({
      appliedId: OTHER,
      entries: [
        { id: WORK, name: 'Work', color: 1.5 },
        { id: OTHER, name: 'New' },
      ],
      hybridPointer: null,
    });
    expect(readFileSync(`${meta}.backup`, 'utf8')).toBe(META);
    expect(existsSync(own)).toBe(false);
  });

  it("applies the earlier profile again if this program's is still applied", () => {
    const { meta, write, json, configure, remove } = withWork();
    configure({ force: true });
    write(meta, JSON.stringify({ ...json(meta), added: true }));
    expect(remove()).toMatchObject({ isAsBefore: false, applied: 'Work' });
    expect(json(meta)).toMatchObject({ appliedId: WORK, added: true, entries: [{ id: WORK }] });
  });

  it('applies nothing if the earlier one is gone', () => {
    const { folder, meta, write, json, configure, remove } = withWork();
    configure({ force: true });
    write(meta, JSON.stringify({ ...json(meta), added: true }));
    rmSync(join(folder, `${WORK}.json`));
    expect(remove()).not.toHaveProperty('applied');
    expect(json(meta)).not.toHaveProperty('appliedId');
  });

  it("keeps a copy of this program's profile if someone edited it", () => {
    const { own, write, json, configure, remove, read } = desk();
    configure();
    const edited = JSON.stringify({ ...json(own), workspace: { mine: 1 } });
    write(own, edited);
    expect(remove()).toMatchObject({ isAsBefore: false, backups: [{ backup: `${own}.backup` }] });
    expect(read(`${own}.backup`)).toBe(edited);
    expect(existsSync(own)).toBe(false);
  });

  it("doesn't treat another formatting of the same content as a change", () => {
    const { meta, own, write, json, configure, remove, snapshot } = withWork();
    const before = snapshot();
    configure({ force: true });
    const { entries, ...rest } = json(meta);
    write(meta, JSON.stringify({ entries, ...rest }, undefined, '\t'));
    write(own, JSON.stringify(json(own)));
    expect(remove().isAsBefore).toBe(true);
    expect(snapshot()).toEqual(before);
  });

  it('works without the record, and without the backup', () => {
    const lost = withWork();
    lost.configure({ force: true });
    rmSync(lost.places.stateFolder, { recursive: true });
    expect(lost.remove()).toMatchObject({ isAsBefore: false });
    expect(lost.json(lost.meta)).toEqual({ entries: [{ id: WORK, name: 'Work', color: 1.5 }], hybridPointer: null });
    expect(readFileSync(`${lost.meta}.backup`, 'utf8')).toBe(META);

    const spoiled = withWork();
    spoiled.configure({ force: true });
    spoiled.write(`${spoiled.meta}.backup`, '{"appliedId": "mine"}');
    expect(spoiled.remove()).toMatchObject({ isAsBefore: false, applied: 'Work' });
    expect(readFileSync(`${spoiled.meta}.backup`, 'utf8')).toBe('{"appliedId": "mine"}');
  });

  it('ignores a record that is garbage or about another folder', () => {
    const { places, configure, remove, json, meta } = withWork();
    configure({ force: true });
    const record = join(places.stateFolder, 'claude-desktop.json');
    for (const content of ['{', '{"version": 2}', readFileSync(record, 'utf8').replace('home', 'elsewhere')]) {
      writeFileSync(record, content);
      expect(remove()).toMatchObject({ isAsBefore: false });
      expect(json(meta)).not.toHaveProperty('appliedId');
      configure();
    }
  });

  it("does nothing if this program's profile is gone already, and forgets it", () => {
    const { meta, own, write, places, configure, remove, snapshot } = withWork();
    configure({ force: true });
    write(meta, META);
    rmSync(own);
    const before = snapshot();
    expect(remove()).toEqual({ changed: [], isAsBefore: true, backups: [] });
    expect(snapshot()).toEqual(before);
    expect(readdirSync(places.stateFolder)).toEqual([]);
  });

  it('leaves Claude Desktop’s other files', () => {
    const { folder, write, configure, remove, snapshot } = desk();
    configure();
    write(join(folder, '..', 'claude_desktop_config.json'), '{}');
    expect(remove().isAsBefore).toBe(true);
    expect(Object.keys(snapshot()).filter((name) => name.includes('.json'))).toEqual([
      join('.config', 'Claude-3p', 'claude_desktop_config.json'),
    ]);
  });
});

describe('_meta.json as people have it', () => {
  const crlf = META.replaceAll('\n', '\r\n');
  it.each([
    ['CRLF', Buffer.from(crlf)],
    ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(META)])],
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(META, 'utf16le')])],
    ['one line', Buffer.from(JSON.stringify(JSON.parse(META)))],
    ['null for no applied one', Buffer.from('{"appliedId":null,"entries":[]}')],
    ['entries that aren’t entries', Buffer.from('{"appliedId":"","entries":[null,7,{"id":3},{"name":"x"}]}')],
  ])('comes back byte for byte: %s', (_, bytes) => {
    const { meta, write, configure, remove, json, snapshot } = desk();
    write(meta, bytes, 0o640);
    const before = snapshot();
    configure({ force: true });
    expect(json(meta)).toMatchObject({ appliedId: OWN_ID });
    expectMode(meta, 0o640);
    expect(configure()).toMatchObject({ changed: [] });
    expect(remove().isAsBefore).toBe(true);
    expect(snapshot()).toEqual(before);
  });

  it('keeps its line ends and every byte that isn’t this program’s', () => {
    const { meta, write, configure, read } = desk();
    write(meta, crlf);
    configure({ force: true });
    const text = read(meta);
    expect(text).not.toMatch(/[^\r]\n/);
    expect(text).toContain(`{"id": "${WORK}", "name": "Work", "color": 1.50}`);
    expect(text).toContain('"hybridPointer": null\r\n}\r\n');
  });

  it.runIf(onUnix)('is written through links, for people who keep their settings elsewhere', () => {
    const { root, folder, meta, own, write, configure, remove, json, snapshot } = desk();
    const elsewhere = join(root, 'dotfiles/meta.json');
    write(elsewhere, META);
    write(join(root, 'dotfiles/own.json'), '{}');
    mkdirSync(folder, { recursive: true });
    symlinkSync(elsewhere, meta);
    symlinkSync(join(root, 'dotfiles/own.json'), own);
    const before = snapshot();
    const { backups } = configure({ force: true });
    expect(backups.map(({ backup }) => backup)).toEqual([
      join(root, 'dotfiles/own.json.backup'),
      `${elsewhere}.backup`,
    ]);
    expect([lstatSync(meta).isSymbolicLink(), lstatSync(own).isSymbolicLink()]).toEqual([true, true]);
    expect(json(elsewhere)).toMatchObject({ appliedId: OWN_ID });
    remove();
    expect(snapshot()).toEqual(before);
    expect(readFileSync(elsewhere, 'utf8')).toBe(META);
    expect(readdirSync(join(root, 'dotfiles')).sort()).toEqual(['meta.json', 'own.json']);
  });
});
