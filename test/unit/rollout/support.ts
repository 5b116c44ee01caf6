import { build, buildBinary, type PlistValue } from 'plist';
import type { Finding } from '../../../src/claude-desktop/finding.ts';
import { lintContent } from '../../../src/rollout/validate/lint.ts';
import { parseSettingsFile } from '../../../src/rollout/validate/read-file.ts';

export type Values = Readonly<Record<string, PlistValue>>;

/** Claude Desktop's settings with nothing wrong, for macOS. */
export const goodDesktop: Values = {
  inferenceProvider: 'gateway',
  inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com/anthropic',
  inferenceGatewayAuthScheme: 'bearer',
  modelDiscoveryEnabled: 'false',
  inferenceModels: '["claude-sonnet-5",{"name":"claude-opus-4-8","supports1m":true}]',
  inferenceCredentialKind: 'helper-script',
  inferenceCredentialHelper: '/usr/local/bin/foundry-credential-helper',
  inferenceCredentialHelperTtlSec: '900',
  inferenceCredentialHelperTimeoutSec: '600',
};

export const windowsPath = 'C:\\Program Files\\foundry-credential-helper\\foundry-credential-helper.exe';

export const goodOwn: Values = {
  tenantId: 'contoso.onmicrosoft.com',
  clientId: '11111111-2222-3333-4444-555555555555',
};

export function profile(payloads: readonly Values[], more: Values = {}): Buffer {
  const identity = {
    PayloadType: 'Configuration',
    PayloadIdentifier: 'com.contoso.test',
    PayloadUUID: uuid(0),
    PayloadVersion: 1,
    PayloadScope: 'System',
  };
  return Buffer.from(build({ ...identity, PayloadContent: [...payloads], ...more }));
}

export const payload = (values: Values, domain = 'com.anthropic.claudefordesktop', number = domain.length): Values => ({
  PayloadType: domain,
  PayloadIdentifier: `com.contoso.test.${number}`,
  PayloadUUID: uuid(number),
  PayloadVersion: 1,
  ...values,
});

/** A UUID for each number up to 99. */
export const uuid = (number: number): string => `6D1E6E0A-0F5B-4C1B-9A53-0000000000${String(number).padStart(2, '0')}`;

export const plist = (values: Values): Buffer => Buffer.from(build(values));
export const binaryPlist = (values: Values): Buffer => Buffer.from(buildBinary(values));
export const json = (values: object): Buffer => Buffer.from(JSON.stringify(values));

/** `lines` are below the given key as regedit would write them. */
export const reg = (lines: readonly string[], key = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Claude'): Buffer =>
  Buffer.from(['Windows Registry Editor Version 5.00', '', `[${key}]`, ...lines, ''].join('\r\n'));

export const regLines = (values: Values): readonly string[] =>
  Object.entries({
    ...values,
    ...(values['inferenceCredentialHelper'] ? { inferenceCredentialHelper: windowsPath } : {}),
  }).map(([key, value]) => `"${key}"="${String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);

export const lint = (bytes: Buffer, name = 'file'): readonly Finding[] => lintContent(parseSettingsFile(name, bytes));

/** `id` or `id key` of each finding. */
export const found = (bytes: Buffer): readonly string[] =>
  lint(bytes).map(({ id, key }) => (key === undefined ? id : `${id} ${key}`));
