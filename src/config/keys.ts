// The one table of settings. Types, validation and every reference document and policy template come from it.
import * as v from 'valibot';
import * as rules from './rules.ts';

export const CLOUDS = ['public', 'usgovernment', 'china'] as const;

/** What cannot be done without a key. `sign-in` is what the product is for: without such a key nothing works. */
export type Purpose = 'sign-in' | 'doctor' | 'config export';

/** The form a value has natively; all forms may also be given as text (see decode.ts). */
export type KeyType = 'string' | 'integer' | 'boolean' | 'list' | 'map';

export type KeyDefault =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'by-cloud'; readonly values: Readonly<Record<(typeof CLOUDS)[number], unknown>> }
  /** Nothing here: whoever uses the setting decides, as described. */
  | { readonly kind: 'run-time'; readonly description: string };

export interface KeyDefinition {
  /** A label of a few words. */
  readonly title: string;
  /** One line for people. */
  readonly description: string;
  readonly type: KeyType;
  /** What a valid value is; completes `"key" in <origin> …`. */
  readonly rule: string;
  /** Checks and normalises a native value. */
  readonly schema: v.GenericSchema<unknown, unknown> | v.GenericSchema<never, unknown>;
  readonly default?: KeyDefault;
  readonly requiredFor?: readonly Purpose[];
  /** Environment variables that hold it, first one first. */
  readonly environment?: readonly string[];
  /** May hold credentials: never shown whole. */
  readonly sensitive?: true;
  readonly example: unknown;
}

const choice = <const T extends readonly string[]>(values: T) => ({
  type: 'string' as const,
  rule: `must be one of ${values.join(', ')}`,
  schema: v.picklist(values),
});

const fixed = <const T>(value: T) => ({ kind: 'value' as const, value });

export const keys = {
  tenantId: {
    title: 'Tenant',
    description: 'The Entra tenant that users sign in to.',
    type: 'string',
    rule: 'must be the GUID of a tenant or one of its verified domain names',
    schema: rules.tenantId,
    requiredFor: ['sign-in', 'doctor', 'config export'],
    environment: ['AZURE_TENANT_ID'],
    example: 'contoso.onmicrosoft.com',
  },
  clientId: {
    title: 'Application (client) ID',
    description: 'Application (client) ID of the app registration in Entra.',
    type: 'string',
    rule: 'must be the GUID that the app registration shows as "Application (client) ID"',
    schema: rules.guid,
    requiredFor: ['sign-in', 'doctor', 'config export'],
    environment: ['AZURE_CLIENT_ID'],
    example: '11111111-2222-3333-4444-555555555555',
  },
  foundryResource: {
    title: 'Foundry resource',
    description: 'Name of the Microsoft Foundry resource, the first part of its host name.',
    type: 'string',
    rule: 'must be 2 to 64 letters, digits and hyphens, with no hyphen at either end',
    schema: rules.foundryResource,
    requiredFor: ['doctor', 'config export'],
    example: 'contoso-foundry',
  },
  models: {
    title: 'Deployments',
    description: 'Names of the Claude deployments in Foundry; the first one is the default.',
    type: 'list',
    rule: 'must be a list of at least one deployment name, each of them text',
    schema: rules.models,
    requiredFor: ['doctor', 'config export'],
    example: ['claude-sonnet-5', 'claude-opus-4-8'],
  },
  cloud: {
    title: 'Azure cloud',
    description: 'The Azure cloud of the tenant; decides sign-in host and default scope.',
    ...choice(CLOUDS),
    default: fixed('public'),
    example: 'usgovernment',
  },
  scope: {
    title: 'Scope',
    description: 'What the access token is for, as one OAuth 2.0 scope.',
    type: 'string',
    rule: 'must be one absolute https:// or api:// scope such as https://cognitiveservices.azure.com/.default',
    schema: rules.scope,
    default: {
      kind: 'by-cloud',
      values: {
        public: 'https://cognitiveservices.azure.com/.default',
        usgovernment: 'https://cognitiveservices.azure.us/.default',
        china: 'https://cognitiveservices.azure.cn/.default',
      },
    },
    example: 'https://ai.azure.com/.default',
  },
  signInMethod: {
    title: 'Sign-in method',
    description:
      'How users sign in: with a code on any device, or in the browser of this computer, for which the app registration needs the redirect URI http://127.0.0.1/callback.',
    ...choice(['device-code', 'browser']),
    default: fixed('device-code'),
    example: 'browser',
  },
  browserSignInFallback: {
    title: 'Browser sign-in as a way through',
    description:
      'Where "signInMethod" is device-code and a policy of Entra refuses codes: has the sign-in page offer to go on in the browser, for which the app registration needs the redirect URI http://127.0.0.1/callback.',
    type: 'boolean',
    rule: 'must be true or false',
    schema: v.boolean(),
    default: fixed(false),
    example: true,
  },
  accountHint: {
    title: 'Account',
    description: 'User name that the sign-in page offers, and the only account that is accepted.',
    type: 'string',
    rule: 'must be one line of 1 to 256 characters',
    schema: rules.line(256),
    example: 'ada@contoso.com',
  },
  organizationName: {
    title: 'Organization name',
    description: 'Name of the organization that the sign-in page shows as the one who asks.',
    type: 'string',
    rule: 'must be one line of 1 to 100 characters',
    schema: rules.line(100),
    example: 'Contoso Ltd',
  },
  organizationLogo: {
    title: 'Organization logo',
    description:
      'File with the logo that the sign-in page shows, on every computer: PNG, JPEG or WebP, at most 256 KiB. A sign-in never fails for it.',
    type: 'string',
    rule: 'must be an absolute path of this computer, not of a network; ~ and variables are not expanded',
    schema: rules.localPath,
    example: '/usr/share/contoso/logo.png',
  },
  credential: {
    title: 'Credential',
    description: 'What is handed to Claude Desktop: an Entra access token, or an API key kept in the keystore.',
    ...choice(['entra', 'api-key']),
    default: fixed('entra'),
    example: 'api-key',
  },
  outputFormat: {
    title: 'Output format',
    description: 'What is printed for Claude Desktop: the bare token, or a JSON object with token and headers.',
    ...choice(['token', 'json']),
    default: fixed('token'),
    example: 'json',
  },
  headers: {
    title: 'HTTP headers',
    description: 'HTTP headers that Claude Desktop adds to each request; used with "outputFormat" json.',
    type: 'map',
    rule: 'must be an object whose values are all text',
    schema: rules.headers,
    sensitive: true,
    example: { 'X-Department': 'research' },
  },
  sendAuthorizationHeader: {
    title: 'Send the Authorization header',
    description: 'Adds "Authorization: Bearer" with the token to the headers; used with "outputFormat" json.',
    type: 'boolean',
    rule: 'must be true or false',
    schema: v.boolean(),
    default: fixed(false),
    example: true,
  },
  allowTokenEndpoint: {
    title: 'Allow the token endpoint',
    description:
      'Lets "exec" run a command that finds tokens for Azure SDKs at an endpoint on this computer, for as long as it lives.',
    type: 'boolean',
    rule: 'must be true or false',
    schema: v.boolean(),
    default: fixed(false),
    example: true,
  },
  minimumTokenLifetimeSeconds: {
    title: 'Minimum token lifetime (seconds)',
    description: 'Seconds that a token still lives, at least, when it is handed out.',
    type: 'integer',
    rule: 'must be a whole number from 300 to 3300',
    schema: rules.minimumTokenLifetimeSeconds,
    default: {
      kind: 'run-time',
      description: 'inferenceCredentialHelperTtlSec of Claude Desktop where it can be read, else 900, plus 120',
    },
    example: 1020,
  },
  proxy: {
    title: 'Proxy',
    description: 'HTTP proxy for the sign-in service, where needed with user name and password.',
    type: 'string',
    rule: 'must be host:port or an http:// or https:// URL; percent-encode special characters in user name and password',
    schema: rules.proxy,
    environment: ['HTTPS_PROXY', 'https_proxy'],
    sensitive: true,
    example: 'http://proxy.contoso.com:8080',
  },
  noProxy: {
    title: 'Hosts without proxy',
    description: 'Hosts that are reached without the proxy: names, suffixes, addresses, ranges, or * for all.',
    type: 'list',
    rule: 'must be a list of host names, domain suffixes, addresses or address ranges',
    schema: rules.noProxy,
    environment: ['NO_PROXY', 'no_proxy'],
    example: ['.contoso.com', '10.0.0.0/8'],
  },
  caFile: {
    title: 'File of trusted roots',
    description: 'PEM file with further trusted root certificates, for networks that inspect TLS.',
    type: 'string',
    rule: 'must be an absolute path; ~ and variables are not expanded',
    schema: rules.absolutePath,
    environment: ['NODE_EXTRA_CA_CERTS'],
    example: '/etc/ssl/certs/contoso-root.pem',
  },
  logLevel: {
    title: 'Log level',
    description: 'How much the agent writes to its log.',
    ...choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: fixed('info'),
    example: 'debug',
  },
} as const satisfies Record<string, KeyDefinition>;

export type ConfigurationKey = keyof typeof keys;

/** All keys, in the table's order. */
export const configurationKeys = Object.keys(keys) as readonly ConfigurationKey[];

/** The validated, native type of a key's value. */
export type KeyValue<K extends ConfigurationKey> = v.InferOutput<(typeof keys)[K]['schema']>;

export function isConfigurationKey(name: string): name is ConfigurationKey {
  return Object.hasOwn(keys, name);
}

/** The entry of a key, without the precise types of its schema. */
export function definitionOf(key: ConfigurationKey): KeyDefinition {
  return keys[key];
}

/** Whether its value is a path, which holds for one platform only. */
export function isPathKey(key: ConfigurationKey): boolean {
  return key === 'caFile' || key === 'organizationLogo';
}
