import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'plist';
import { describe, expect, it } from 'vitest';
import { OWN_ID } from '../../../src/claude-desktop/config-library.ts';
import { judgeDesktop } from '../../../src/claude-desktop/verdict.ts';
import { macPreferences } from '../../../src/config/sources/mac-preferences.ts';
import { desk, SETTINGS, WORK } from './local-support.ts';

/** A home with this program in it, and Claude Desktop configured to run it. */
function configured(settings: Readonly<Record<string, unknown>> = {}) {
  const made = desk();
  const program = join(made.root, 'foundry-credential-helper');
  made.write(program, 'x');
  chmodSync(program, 0o755);
  const values = { ...SETTINGS, inferenceCredentialHelper: program };
  const judge = (expected: Readonly<Record<string, unknown>> = values) =>
    judgeDesktop(made.places, { program, expected });
  if (Object.keys(settings).length > 0) made.write(made.own, JSON.stringify({ ...values, ...settings }));
  else made.configure({}, values);
  return { ...made, program, values, judge };
}

const apply = (made: ReturnType<typeof configured>) =>
  made.write(made.meta, JSON.stringify({ appliedId: OWN_ID, entries: [{ id: OWN_ID, name: 'Mine' }] }));

// Windows has other paths; there, test/platform/windows/claude-desktop.test.ts does this.
describe.skipIf(process.platform === 'win32')('whether Claude Desktop uses this program', () => {
  it('is so after configure, with what may be shown', () => {
    const { judge, own, program } = configured();
    expect(judge()).toEqual({
      usesThisProgram: true,
      source: 'local',
      state: 'values',
      place: own,
      profile: 'foundry-credential-helper',
      isOverruled: false,
      startsWithClaudeAi: false,
      helper: { path: program, isThisProgram: true },
      header: expect.objectContaining({ sends: 'Authorization: Bearer', verdict: 'match' }),
      settings: expect.arrayContaining([{ key: 'inferenceProvider', value: 'gateway' }]),
      findings: [],
      differs: [],
    });
  });

  it('isn’t so without any configuration', () => {
    expect(judgeDesktop(desk().places, { program: '/x' })).toEqual({
      usesThisProgram: false,
      source: 'none',
      state: 'absent',
      isOverruled: false,
      startsWithClaudeAi: false,
      settings: [],
      findings: [],
      differs: [],
    });
  });

  it('isn’t so if it can’t be read, with the reason', () => {
    const { write, meta, judge } = configured();
    write(meta, '{');
    expect(judge()).toMatchObject({
      usesThisProgram: false,
      source: 'local',
      state: 'unreadable',
      place: meta,
      reason: expect.stringContaining("isn't valid JSON"),
    });
  });

  it('is judged by the file itself, not by its name', () => {
    const made = configured();
    const link = join(made.root, 'link', 'foundry-credential-helper');
    made.write(join(made.root, 'link', 'x'), '');
    symlinkSync(made.program, link);
    made.configure({}, { ...made.values, inferenceCredentialHelper: link });
    expect(made.judge()).toMatchObject({ usesThisProgram: true, helper: { path: link, isThisProgram: true } });
    const other = join(made.root, 'other', 'foundry-credential-helper');
    made.write(other, 'y');
    made.configure({}, { ...made.values, inferenceCredentialHelper: other });
    expect(made.judge()).toMatchObject({ usesThisProgram: false, helper: { path: other, isThisProgram: false } });
  });

  it('isn’t so with an error by the rules', () => {
    const made = configured({ inferenceProvider: 'foundry', inferenceFoundryResource: 'contoso-foundry' });
    apply(made);
    expect(made.judge()).toMatchObject({
      usesThisProgram: false,
      profile: 'Mine',
      header: { sends: 'x-api-key', accepts: 'Authorization: Bearer', verdict: 'mismatch' },
      findings: [expect.objectContaining({ id: 'header-mismatch', severity: 'error' })],
    });
  });

  it('isn’t so if Claude Desktop starts with the claude.ai account that it remembers', () => {
    const made = configured();
    const app = join(made.folder, '..', 'claude_desktop_config.json');
    made.write(app, '{"deploymentMode": "1p", "mcpServers": {}}');
    expect(made.judge()).toMatchObject({ usesThisProgram: false, startsWithClaudeAi: true });
    for (const content of ['{"deploymentMode": "3p"}', '{}', '{', '[]']) {
      made.write(app, content);
      expect(made.judge()).toMatchObject({ usesThisProgram: true, startsWithClaudeAi: false });
    }
    made.write(app, '{"deploymentMode": "1p"}');
    made.write(made.own, JSON.stringify({ ...made.values, disableDeploymentModeChooser: true }));
    expect(made.judge()).toMatchObject({ usesThisProgram: true, startsWithClaudeAi: false });
  });

  it('differs if an admin’s settings lead elsewhere, which means that this program’s have no effect', () => {
    const made = configured();
    const file = join(made.root, 'prefs/com.anthropic.claudefordesktop.plist');
    made.write(file, build({ inferenceProvider: 'bedrock' }));
    const managed = macPreferences(undefined, join(made.root, 'prefs'), 'claude-desktop');
    const mac = desk({ platform: 'darwin', managed });
    mac.write(mac.meta, JSON.stringify({ appliedId: OWN_ID }));
    expect(judgeDesktop(mac.places, { program: made.program })).toMatchObject({
      usesThisProgram: false,
      source: 'managed',
      place: file,
      isOverruled: true,
      findings: expect.arrayContaining([expect.objectContaining({ id: 'helper-not-used' })]),
    });
  });

  it('says which values differ from what this program’s settings make', () => {
    const { judge, values } = configured({ inferenceGatewayBaseUrl: `${SETTINGS.inferenceGatewayBaseUrl}/` });
    expect(judge().differs).toEqual([]);
    const made = configured();
    expect(made.judge().differs).toEqual([]);
    const expected = { ...values, inferenceGatewayBaseUrl: 'https://a.example', inferenceModels: ['claude-opus-4-8'] };
    expect(made.judge(expected).differs).toEqual(['inferenceGatewayBaseUrl', 'inferenceModels']);
  });

  it('never shows what may be a secret', () => {
    const canary = 'sk-ant-c4nary0123456789abcdef';
    const made = configured({ inferenceGatewayApiKey: canary, inferenceCustomHeaders: { 'X-Key': canary } });
    made.write(made.meta, JSON.stringify({ appliedId: OWN_ID, entries: [{ id: OWN_ID, name: canary }] }));
    made.write(join(made.folder, `${WORK}.json`), '{}');
    const verdict = made.judge();
    expect(verdict.profile).toBe('(not shown)');
    expect(JSON.stringify(verdict)).not.toContain(canary);
  });
});
