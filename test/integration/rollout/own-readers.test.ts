// What `config export` writes as policy, read back by this program's own policy readers on each system.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { resolveConfiguration } from '../../../src/config/resolve.ts';
import { linuxPolicy } from '../../../src/config/sources/linux-policy.ts';
import { macPreferences } from '../../../src/config/sources/mac-preferences.ts';
import type { ConfigurationSource } from '../../../src/config/sources/source.ts';
import { windowsPolicy } from '../../../src/config/sources/windows-policy.ts';
import type { ExportFile } from '../../../src/rollout/export/export-file.ts';
import { exportFiles } from '../../../src/rollout/export/export-files.ts';
import { DEFAULT_HELPER_PATHS } from '../../../src/rollout/export/rollout-settings.ts';
import { readSettingsFile } from '../../../src/rollout/validate/read-file.ts';
import { FakeRegistry } from '../../support/fakes/fake-registry.ts';

const answers = {
  tenantId: 'contoso.onmicrosoft.com',
  clientId: '11111111-2222-3333-4444-555555555555',
  foundryResource: 'contoso-foundry',
  models: [{ name: 'claude-sonnet-5', supports1m: true }, { name: 'claude-opus-4-8' }],
  signInMethod: 'browser',
  organizationName: '#1 Contoso <&> ]]> "O’Neil\' & Söhne" \\ 東京',
  minimumTokenLifetimeSeconds: 1020,
  headers: { 'X-Department': 'a "b" \\ c' },
  noProxy: ['10.0.0.0/8', '.contoso.com'],
} as const;

let files: readonly ExportFile[];
beforeAll(() => {
  files = exportFiles(answers, DEFAULT_HELPER_PATHS);
});

function exported(name: string): Buffer {
  const file = files.find(({ path }) => path === name);
  if (file === undefined) throw new Error(`${name} is not exported`);
  return Buffer.from(file.content);
}

function place(content: Buffer, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'own-readers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode: 0o644 });
  chmodSync(dirname(path), 0o755);
  return path;
}

function expectAnswers(sources: readonly ConfigurationSource[]): void {
  const { settings, problems } = resolveConfiguration(sources);
  expect(problems).toEqual([]);
  const values = Object.entries(settings).filter(([, { origin }]) => origin?.kind === 'managed');
  expect(Object.fromEntries(values.map(([key, { value }]) => [key, value]))).toEqual(answers);
}

it('macOS: the preference file for Jamf', () => {
  const path = place(exported('macos/jamf/dev.foundry-credential-helper.plist'), 'dev.foundry-credential-helper.plist');
  expectAnswers(macPreferences(undefined, dirname(path)));
});

it('macOS: the payload of the profile, as the system unpacks it', async () => {
  const profile = place(exported('macos/foundry-credential-helper.mobileconfig'), 'profile.mobileconfig');
  const text = exported('macos/foundry-credential-helper.mobileconfig').toString();
  expect(await readSettingsFile(profile)).toBeDefined();
  const [payload] = /<array>\s*(<dict>[\s\S]*<\/dict>)\s*<\/array>/.exec(text)?.slice(1) ?? [];
  const plist = `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">${payload}</plist>\n`;
  const path = place(Buffer.from(plist), 'dev.foundry-credential-helper.plist');
  expectAnswers(macPreferences(undefined, dirname(path)));
});

it('Windows: the registry export', () => {
  const registry = new FakeRegistry();
  registry.import(
    exported('windows/foundry-credential-helper.reg')
      .toString('utf16le')
      .replace(/^\ufeff/, ''),
  );
  expectAnswers(windowsPolicy(registry));
});

it.runIf(process.getuid?.() === 0)('Linux: the policy file', () => {
  expectAnswers([linuxPolicy(place(exported('linux/foundry-credential-helper/policy.json'), 'etc/policy.json'))]);
});
