// The exported registry files, as Windows' own tools (those of Wine) import them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Values } from '../../src/config/configuration.ts';
import { exportFiles } from '../../src/rollout/export/export-files.ts';
import {
  asText,
  DEFAULT_HELPER_PATHS,
  desktopSettings,
  ownSettings,
} from '../../src/rollout/export/rollout-settings.ts';
import { createWinePrefix, type WinePrefix, windowsPath } from '../harness/wine.ts';

const POLICIES = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies';
const common = {
  foundryResource: 'contoso-foundry',
  models: [{ name: 'claude-sonnet-5', supports1m: true, labelOverride: '“Sonnet” "5"' }, { name: 'claude-opus-4-8' }],
  organizationName: '#1 Contoso ‘Söhne’ "AG" %PATH% \\ 東京 🚀',
} as const;
const rollouts: Readonly<Record<string, Values>> = {
  'an Entra token': {
    ...common,
    tenantId: 'contoso.onmicrosoft.com',
    clientId: '11111111-2222-3333-4444-555555555555',
    baseUrl: 'https://contoso.azure-api.net/anthropic',
  },
  'an API key': { ...common, credential: 'api-key' },
};
const helperPaths = { ...DEFAULT_HELPER_PATHS, windows: 'D:\\Contoso Ltd\\Foundry Helper\\the helper.exe' };

let prefix: WinePrefix;
beforeAll(async () => {
  prefix = await createWinePrefix();
});
afterAll(() => prefix.stop());

const importFile = async (content: Buffer): Promise<void> => {
  const file = join(prefix.root, 'import.reg');
  writeFileSync(file, content);
  expect(await prefix.run('reg.exe', ['import', windowsPath(file)])).toMatchObject({ exitCode: 0 });
};

/** Text values by key below Policies, as `reg export` writes them. */
async function readPolicies(): Promise<Record<string, Record<string, string>>> {
  const file = join(prefix.root, 'export.reg');
  expect(await prefix.run('reg.exe', ['export', POLICIES, windowsPath(file), '/y'])).toMatchObject({ exitCode: 0 });
  const keys = readFileSync(file, 'utf16le')
    .split(/^(?=\[)/m)
    .slice(1);
  return Object.fromEntries(
    keys.map((key) => {
      const name = /^\[(.*)\]/.exec(key)?.[1]?.slice(POLICIES.length + 1) ?? '';
      const lines = [...key.matchAll(/^(?:"([^"]*)"|@)="(.*)"\r?$/gm)];
      const values = lines.map(([, value = '@', text = '']) => [value, text.replaceAll(/\\(.)/g, '$1')]);
      return [name, Object.fromEntries(values) as Record<string, string>];
    }),
  );
}

describe.each(Object.entries(rollouts))('a rollout for %s', (_name, values) => {
  it('replaces what the one before has left, and leaves the settings of the admin alone', async () => {
    const stale = ['"inferenceFoundryApiKey"="s3cret"', '"inferenceGatewayOidc"="{}"', '"inferenceModels"="[]"'];
    await importFile(
      Buffer.from(
        [
          'Windows Registry Editor Version 5.00\r\n',
          `[${POLICIES}\\FoundryCredentialHelper]\r\n@="x"\r\n"logLevel"="debug"\r\n"TENANTID"="old"\r\n`,
          `[${POLICIES}\\FoundryCredentialHelper\\Sub]\r\n"a"="b"\r\n`,
          `[${POLICIES}\\Claude]\r\n${stale.join('\r\n')}\r\n"egressProxyUrl"="http://proxy:1"\r\n`,
        ].join('\r\n'),
      ),
    );
    const files = exportFiles(values, helperPaths);
    for (const { path, content } of files) if (path.endsWith('.reg')) await importFile(content);
    const policies = await readPolicies();
    expect(policies['FoundryCredentialHelper']).toEqual(asText(ownSettings(values, 'windows')));
    expect(policies['FoundryCredentialHelper\\Sub']).toBeUndefined();
    expect(policies['Claude']).toEqual({
      ...asText(desktopSettings(values, helperPaths.windows)),
      egressProxyUrl: 'http://proxy:1',
    });
    if (values.credential === 'api-key') return;
    expect(JSON.parse(policies['ClaudeCode']?.['Settings'] ?? '')).toMatchObject({
      apiKeyHelper: `"${helperPaths.windows}" claude-code token`,
      parentSettingsBehavior: 'merge',
    });
  });
});
