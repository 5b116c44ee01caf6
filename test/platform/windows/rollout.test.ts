// The exported registry files, as Windows' own tools (those of Wine) import them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { desktopProfile } from '../../../src/claude-desktop/desktop-profile.ts';
import { exportFiles } from '../../../src/rollout/export/export-files.ts';
import { asText, ownSettings } from '../../../src/rollout/export/rollout-settings.ts';
import { createWinePrefix, type WinePrefix } from '../../support/harness/wine.ts';
import { apiKey, EARLIER_VALUES, entraToken, helperPaths, importFile, readPolicies } from './policy-support.ts';

let prefix: WinePrefix;
beforeAll(async () => {
  prefix = await createWinePrefix();
});
afterAll(() => prefix.stop());

describe.each([
  ['an Entra token', entraToken],
  ['an API key', apiKey],
])('a rollout for %s', (_name, values) => {
  it('replaces what the one before has left, and leaves the settings of the admin alone', async () => {
    await importFile(prefix, EARLIER_VALUES);
    const files = exportFiles(values, helperPaths);
    for (const { path, content } of files) if (path.endsWith('.reg')) await importFile(prefix, content);
    const policies = await readPolicies(prefix);
    expect(policies['FoundryCredentialHelper']).toEqual(asText(ownSettings(values, 'windows')));
    expect(policies['FoundryCredentialHelper\\Sub']).toBeUndefined();
    expect(policies['Claude']).toEqual({
      ...asText(desktopProfile(values, { helperPath: helperPaths.windows })),
      egressProxyUrl: 'http://proxy:1',
    });
    if (values.credential === 'api-key') return;
    expect(JSON.parse(policies['ClaudeCode']?.['Settings'] ?? '')).toMatchObject({
      apiKeyHelper: `"${helperPaths.windows}" claude-code token`,
      parentSettingsBehavior: 'merge',
    });
  });
});
