// Claude Desktop's keys for the report: those that matter here, each only in the form that its value must have. What has
// another form may be a misplaced key or password.
import { isAbsolute } from 'node:path';
import { isModelName, modelNames } from './model-names.ts';
import type { DesktopReading } from './read.ts';

type Show = (value: unknown) => string | undefined;

const word: Show = (value) => matching(value, /^[a-z][a-z\d-]{0,31}$/);
const guidOrDomain: Show = (value) =>
  matching(value, /^([\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|([a-z\d-]+\.)+[a-z]{2,24})$/i);
const seconds: Show = (value) => matching(String(value), /^\d{1,6}$/);
const flag: Show = (value) => matching(String(value), /^(true|false|0|1)$/);
/** Keys are long and without structure: 32 hexadecimal digits, or 84 letters and digits. */
const resource: Show = (value) =>
  looksLikeKey(value) ? undefined : matching(value, /^[a-z\d][a-z\d-]{0,62}[a-z\d]$/i);
const host: Show = (value) => (typeof value === 'string' ? URL.parse(value)?.origin : undefined);
/** Up to the first argument, which may be anything. */
const path: Show = (value) =>
  typeof value === 'string' && isAbsolute(value) ? value.split(/\s+[-/]/, 1)[0]?.slice(0, 300) : undefined;
const models: Show = (value) => {
  const names = modelNames(value).filter((name) => isModelName(name) && !looksLikeKey(name));
  return names.length === 0 ? undefined : names.join(', ');
};
const hidden: Show = () => undefined;

const KEYS: Readonly<Record<string, Show>> = {
  inferenceProvider: word,
  inferenceCredentialKind: word,
  inferenceCredentialHelper: path,
  inferenceCredentialHelperWindows: path,
  inferenceCredentialHelperArgs: hidden,
  inferenceCredentialHelperTtlSec: seconds,
  inferenceCredentialHelperTimeoutSec: seconds,
  inferenceCredentialHelperSilentRefreshEnabled: flag,
  inferenceCustomHeaders: hidden,
  inferenceModels: models,
  modelDiscoveryEnabled: flag,
  inferenceFoundryResource: resource,
  inferenceFoundryBaseUrl: host,
  inferenceFoundryApiKey: hidden,
  inferenceFoundryTenantId: guidOrDomain,
  inferenceFoundryClientId: guidOrDomain,
  inferenceFoundryAuthFlow: word,
  inferenceGatewayBaseUrl: host,
  inferenceGatewayApiKey: hidden,
  inferenceGatewayAuthScheme: word,
  disableDeploymentModeChooser: flag,
};

export function describeDesktop(reading: DesktopReading): readonly string[] {
  switch (reading.state) {
    case 'absent':
      return ['no configuration was found'];
    case 'ignored':
      return [`${reading.origin} is there, but Claude Desktop does not accept it`];
    case 'values': {
      const { values, origin } = reading;
      const set = Object.keys(KEYS).filter((key) => Object.hasOwn(values, key));
      const others = Object.keys(values).length - set.length;
      return [
        `from ${origin}`,
        ...set.map((key) => `${key.padEnd(46)} ${KEYS[key]?.(values[key]) ?? '(set, not shown)'}`),
        ...(others === 0 ? [] : [`and ${others} other keys, not shown`]),
      ];
    }
  }
}

function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}

function looksLikeKey(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z\d]{30,}$/i.test(value);
}
