// docs/reference/support.md says which versions are supported. It must name those that the build and the rules use.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { runtimes } from '../../installers/build/runtimes.ts';
import { desktopProfile } from '../../src/claude-desktop/desktop-profile.ts';
import { type DesktopKeyName, desktopKey, desktopKeyNames } from '../../src/claude-desktop/keys.ts';
import { compareVersions } from '../../src/core/version.ts';

const read = (path: string): string => readFileSync(join(projectFolder, path), 'utf8');
const page = read('docs/reference/support.md');

/** The first version of Claude Desktop that knows all of these keys. */
const firstVersionOf = (keys: readonly DesktopKeyName[]): string | undefined =>
  keys
    .map((key) => desktopKey(key).since)
    .toSorted(compareVersions)
    .at(-1);

const helperPath = '/usr/bin/foundry-credential-helper';
const keysOf = (values: Parameters<typeof desktopProfile>[0]): readonly DesktopKeyName[] =>
  Object.keys(desktopProfile(values, { helperPath })) as DesktopKeyName[];

describe('docs/reference/support.md', () => {
  it('names the Node of each target', () => {
    const { 'windows-arm64': arm, ...others } = runtimes;
    const versions = new Set(Object.values(others).map(({ version }) => version));
    expect([...versions]).toHaveLength(1);
    expect(page).toContain(`is ${[...versions].join()}, and ${arm.version} on Windows for arm64`);
  });

  it('names the glibc that the packages depend on', () => {
    const [, glibc] = /libc6 \(>= ([\d.]+)\)/.exec(read('installers/linux/deb.ts')) ?? [];
    expect(glibc).toBeDefined();
    expect(page).toContain(`glibc ${glibc}`);
    expect(read('docs/how-to/install-linux.md')).toContain(`glibc ${glibc}`);
  });

  it('names the first Claude Desktop that knows every setting that is exported', () => {
    const models = [{ name: 'claude-sonnet-5' }];
    const exported = keysOf({ foundryResource: 'contoso-foundry', models });
    expect(page).toContain(`| ${firstVersionOf(exported)} or later | the settings that`);
    const withAddress = keysOf({
      credential: 'api-key',
      foundryResource: 'contoso-foundry',
      baseUrl: 'https://contoso.azure-api.net/anthropic',
      models,
    });
    expect(page).toContain(`| ${firstVersionOf(withAddress)} or later | an API key together with \`baseUrl\``);
  });

  it('names the newest Claude Desktop that the rules know', () => {
    expect(page).toContain(`| up to ${firstVersionOf(desktopKeyNames)} |`);
  });
});
