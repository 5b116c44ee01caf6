// What the real client on Linux can't show: macOS, Windows, and files that can't be opened. The rules for them are
// those of Claude Code's documentation, https://code.claude.com/docs/en/managed-settings.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readInForce, type Surroundings } from '../../../src/claude-code/in-force.ts';
import { type MdmDocument, preferenceDocuments, registryDocuments } from '../../../src/claude-code/mdm.ts';
import { claudeCodeSettings } from '../../../src/claude-code/settings.ts';
import { culpritText, judge } from '../../../src/claude-code/verdict.ts';
import type { Hive, Registry } from '../../../src/platform/registry.ts';

const values = { foundryResource: 'contoso-foundry', models: [{ name: 'claude-sonnet-5' }] };
const ours = claudeCodeSettings(values, { command: ['foundry-credential-helper'], isWindows: false });
const stale = { apiKeyHelper: 'echo stale' };

/** Settings by their place below the test's folder. */
function place(files: Readonly<Record<string, unknown>>, more: Partial<Surroundings> = {}): Surroundings {
  const root = mkdtempSync(join(tmpdir(), 'fch-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return {
    env: {},
    home: join(root, 'home'),
    folder: join(root, 'project'),
    system: 'linux',
    managedFolder: join(root, 'managed'),
    mdm: [],
    ...more,
  };
}

const verdict = (around: Surroundings) => judge(readInForce(around), {});
const mdm = (settings: Readonly<Record<string, unknown>>, rank: MdmDocument['rank'] = 'admin'): MdmDocument => ({
  rank,
  location: `MDM ${rank}`,
  reading: { state: 'settings', settings },
});

const USER = 'home/.claude/settings.json';
const MANAGED = 'managed/managed-settings.json';

describe('device management', () => {
  it('outranks managed files, but not their variables that it leaves out', () => {
    const around = place(
      { [MANAGED]: { ...stale, env: ours.env } },
      { mdm: [mdm({ apiKeyHelper: ours.apiKeyHelper })] },
    );
    expect(verdict(around)).toMatchObject({ state: 'works', source: { kind: 'managed', location: 'MDM admin' } });
  });

  it("silences a managed file's helper, even if it has none", () => {
    const around = place({ [MANAGED]: ours }, { mdm: [mdm({ model: 'opus' })] });
    expect(verdict(around)).toMatchObject({ state: 'not-configured', missing: [{ key: 'apiKeyHelper' }] });
  });

  it('is ignored if it only says how sources combine', () => {
    const around = place({ [MANAGED]: ours }, { mdm: [mdm({ managedSourcesBehavior: 'first-wins' })] });
    expect(verdict(around)).toMatchObject({ state: 'works' });
  });

  it('of the user counts only if nothing else is managed', () => {
    const users = [mdm({ ...ours }, 'user')];
    expect(verdict(place({}, { mdm: users }))).toMatchObject({ state: 'works', source: { location: 'MDM user' } });
    expect(verdict(place({ [MANAGED]: { model: 'opus' } }, { mdm: users }))).toMatchObject({ state: 'not-configured' });
  });

  it("that is broken prevents Claude Code from starting; that can't be opened doesn't", () => {
    const broken: MdmDocument = { ...mdm({}), reading: { state: 'rejected', reason: "isn't JSON", isJson: false } };
    const closed: MdmDocument = { ...mdm({}), reading: { state: 'unreadable', reason: "can't be read" } };
    expect(verdict(place({ [USER]: ours }, { mdm: [broken] }))).toMatchObject({ state: 'conflict' });
    const { state, warnings } = verdict(place({ [USER]: ours }, { mdm: [closed] }));
    expect({ state, text: warnings.map(culpritText) }).toEqual({ state: 'works', text: ["MDM admin can't be read"] });
  });
});

describe('the registry', () => {
  const registry = (values: Partial<Record<Hive, [string, string, string | undefined]>>): Registry => ({
    readKey(hive) {
      const [name, type, data] = values[hive] ?? [];
      return name === undefined || type === undefined ? undefined : [{ name, type, data }];
    },
  });

  it('holds the settings as one text', () => {
    const documents = registryDocuments(registry({ HKEY_LOCAL_MACHINE: ['settings', 'REG_SZ', JSON.stringify(ours)] }));
    const around = place({ [USER]: stale }, { mdm: documents, system: 'windows' });
    expect(verdict(around)).toMatchObject({
      state: 'works',
      source: { location: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\ClaudeCode\\Settings' },
    });
  });

  it.each([
    ['is broken', registry({ HKEY_LOCAL_MACHINE: ['Settings', 'REG_SZ', '{'] }), 'rejected'],
    ['has another type', registry({ HKEY_LOCAL_MACHINE: ['Settings', 'REG_EXPAND_SZ', undefined] }), 'unreadable'],
    ['holds other values only', registry({ HKEY_LOCAL_MACHINE: ['Other', 'REG_SZ', '{}'] }), 'absent'],
    ['has no such key', registry({}), 'absent'],
    ["can't be opened", new Error('no addon'), 'unreadable'],
  ])('%s', (_, given, state) => {
    expect(registryDocuments(given)[0]).toMatchObject({ reading: { state } });
  });

  it("doesn't tell upper and lower case of a variable apart, nor does Windows", () => {
    const env = { ...ours.env, Anthropic_Auth_Token: 'stale' };
    const around = place({ [USER]: { ...ours, env } }, { system: 'windows' });
    expect(verdict(around)).toMatchObject({ state: 'conflict', conflicts: [{ key: 'env.ANTHROPIC_AUTH_TOKEN' }] });
    expect(verdict({ ...around, system: 'linux' })).toMatchObject({ state: 'works' });
  });
});

describe('profiles of macOS', () => {
  const plist = (body: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict>${body}</dict></plist>`;
  const entries = Object.entries(ours.env).map(([name, value]) => `<key>${name}</key><string>${value}</string>`);
  const profile = plist(
    `<key>apiKeyHelper</key><string>${ours.apiKeyHelper}</string><key>env</key><dict>${entries.join('')}</dict>`,
  );

  it("hold native types; the user's own outranks the computer's", async () => {
    const files = {
      'ada/com.anthropic.claudecode.plist': profile,
      'com.anthropic.claudecode.plist': plist('<key>apiKeyHelper</key><string>echo stale</string>'),
    };
    const root = dirname(place(files).managedFolder);
    const documents = await preferenceDocuments(root, 'ada');
    expect(verdict(place({}, { mdm: documents, system: 'macos' }))).toMatchObject({ state: 'works' });
    const computers = await preferenceDocuments(root, undefined);
    expect(verdict(place({}, { mdm: computers, system: 'macos' }))).toMatchObject({ state: 'not-configured' });
  });

  it('may be broken', async () => {
    const root = dirname(place({ 'com.anthropic.claudecode.plist': '<plist>' }).managedFolder);
    expect(await preferenceDocuments(root, undefined)).toMatchObject([{ reading: { state: 'rejected' } }]);
  });
});

describe('an address', () => {
  const expected = { baseUrl: 'https://contoso-foundry.services.ai.azure.com/anthropic' };
  const elsewhere = { ANTHROPIC_FOUNDRY_BASE_URL: 'https://pe.contoso.com/anthropic' };
  const { ANTHROPIC_FOUNDRY_RESOURCE: _, ...rest } = ours.env;

  it.each([
    [
      'of the same resource',
      { [USER]: { ...ours, env: { ...rest, ANTHROPIC_FOUNDRY_BASE_URL: `${expected.baseUrl}/` } } },
      'works',
    ],
    ['from --base-url', { [USER]: { ...ours, env: { ...rest, ...elsewhere } } }, 'works'],
    ['of another file', { [USER]: { ...ours, env: rest }, [MANAGED]: { env: elsewhere } }, 'conflict'],
    ['of another resource', { [USER]: { ...ours, env: { ...rest, ANTHROPIC_FOUNDRY_RESOURCE: 'other' } } }, 'conflict'],
    ['that is none', { [USER]: { ...ours, env: { ...rest, ANTHROPIC_FOUNDRY_BASE_URL: 'contoso' } } }, 'conflict'],
  ])('%s', (_name, files, state) => {
    expect(judge(readInForce(place(files)), expected)).toMatchObject({ state });
  });
});

it('warns of tiers without a model', () => {
  const models = { ANTHROPIC_DEFAULT_MODEL: 'x', ANTHROPIC_DEFAULT_OPUS_MODEL: 'x' };
  const env = { ...ours.env, ANTHROPIC_MODEL: 'x', ANTHROPIC_DEFAULT_MODEL: '', ANTHROPIC_DEFAULT_OPUS_MODEL: '' };
  const { state, warnings } = judge(readInForce(place({ [USER]: { ...ours, env } })), { models });
  expect({ state, keys: warnings.map(({ key }) => key) }).toEqual({
    state: 'works',
    keys: ['env.ANTHROPIC_DEFAULT_OPUS_MODEL'],
  });
});

describe('a variable that holds a structure', () => {
  it.each(Object.keys(ours.env))("%s: there's a verdict all the same", (name) => {
    for (const value of [{ toString: null }, [{ toString: null }]]) {
      const around = place({ 'home/.claude/settings.json': { ...ours, env: { ...ours.env, [name]: value } } });
      expect(['works', 'conflict', 'incomplete', 'not-configured']).toContain(verdict(around).state);
    }
  });
});

describe('local settings', () => {
  it.each([
    ['of the main worktree', 'gitdir: ../main/.git/worktrees/wt\n', 'conflict'],
    ['of a submodule are its own', 'gitdir: ../main/.git/modules/wt\n', 'works'],
  ])('%s', (_, git, state) => {
    const files = { [USER]: ours, 'main/.claude/settings.local.json': stale, 'project/.git': git };
    expect(verdict(place(files))).toMatchObject({ state });
  });

  it("at the root of a repository in the home folder don't count", () => {
    const files = { [USER]: ours, 'home/.git/HEAD': '', 'home/.claude/settings.local.json': stale };
    const around = place(files);
    expect(verdict({ ...around, folder: join(around.home, 'sub') })).toMatchObject({ state: 'works' });
    expect(verdict({ ...around, folder: around.home })).toMatchObject({ state: 'conflict' });
  });
});
