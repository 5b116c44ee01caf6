// Rollouts in the registry of a Wine prefix.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Values } from '../../../src/config/configuration.ts';
import { DEFAULT_HELPER_PATHS } from '../../../src/rollout/export/rollout-settings.ts';
import { type WinePrefix, windowsPath } from '../../support/harness/wine.ts';

export const POLICIES = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies';

const common = {
  foundryResource: 'contoso-foundry',
  models: [{ name: 'claude-sonnet-5', supports1m: true, labelOverride: '“Sonnet” "5"' }, { name: 'claude-opus-4-8' }],
  organizationName: '#1 Contoso ‘Söhne’ "AG" %PATH% \\ 東京 🚀',
} as const;

export const entraToken: Values = {
  ...common,
  tenantId: 'contoso.onmicrosoft.com',
  clientId: '11111111-2222-3333-4444-555555555555',
  baseUrl: 'https://contoso.azure-api.net/anthropic',
};
export const apiKey: Values = { ...common, credential: 'api-key' };

export const helperPaths = { ...DEFAULT_HELPER_PATHS, windows: 'D:\\Contoso Ltd\\Foundry Helper\\the helper.exe' };

/** What a computer may have in these keys before a rollout: values of an earlier one, and an admin's value. */
export const EARLIER_VALUES = Buffer.from(
  [
    'Windows Registry Editor Version 5.00\r\n',
    `[${POLICIES}\\FoundryCredentialHelper]\r\n@="x"\r\n"logLevel"="debug"\r\n"TENANTID"="old"\r\n`,
    `[${POLICIES}\\FoundryCredentialHelper\\Sub]\r\n"a"="b"\r\n`,
    `[${POLICIES}\\Claude]\r\n"inferenceFoundryApiKey"="s3cret"\r\n"inferenceGatewayOidc"="{}"`,
    `"inferenceModels"="[]"\r\n"egressProxyUrl"="http://proxy:1"\r\n`,
  ].join('\r\n'),
);

/** Imports a registry file. */
export async function importFile(prefix: WinePrefix, content: Buffer): Promise<void> {
  const file = join(prefix.root, 'import.reg');
  writeFileSync(file, content);
  expect(await prefix.run('reg.exe', ['import', windowsPath(file)])).toMatchObject({ exitCode: 0 });
}

/** Text values by key below Policies, as `reg export` writes them. */
export async function readPolicies(prefix: WinePrefix): Promise<Record<string, Record<string, string>>> {
  const file = join(prefix.root, 'export.reg');
  expect(await prefix.run('reg.exe', ['export', POLICIES, windowsPath(file), '/y'])).toMatchObject({ exitCode: 0 });
  const keys = readFileSync(file, 'utf16le')
    .split(/^(?=\[)/m)
    // The file's first line, and the key of all policies.
    .slice(2);
  return Object.fromEntries(
    keys.map((key) => {
      const name = /^\[(.*)\]/.exec(key)?.[1]?.slice(POLICIES.length + 1) ?? '';
      const lines = [...key.matchAll(/^(?:"([^"]*)"|@)="(.*)"\r?$/gm)];
      const values = lines.map(([, value = '@', text = '']) => [value, text.replaceAll(/\\(.)/g, '$1')]);
      return [name, Object.fromEntries(values) as Record<string, string>];
    }),
  );
}
