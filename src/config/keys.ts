// The one table of settings. Types, validation, every reference document, and every policy template come from it.
import * as v from 'valibot';
import { CLOUDS, type Cloud, DEFAULT_SCOPES } from '../core/cloud.ts';
import { SIGN_IN_METHODS } from '../core/sign-in-method.ts';
import { models } from './models.ts';
import * as rules from './rules.ts';

/** What can't be done without a key. Without a key that is required for `sign-in`, nothing works. */
export type Purpose = 'sign-in' | 'doctor' | 'config export';

/** The settings that decide whether other settings are required. */
export interface Circumstances {
  readonly credential?: 'entra' | 'api-key' | undefined;
  readonly baseUrl?: string | undefined;
}

/** The native form of a value. Every value may also be text (see decode.ts). */
export type KeyType = 'string' | 'integer' | 'boolean' | 'list' | 'map';

export type KeyDefault =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'by-cloud'; readonly values: Readonly<Record<Cloud, unknown>> }
  /** The code that uses the setting decides, as described. */
  | { readonly kind: 'run-time'; readonly description: string };

export interface Exemption {
  /** For reference documents; completes `Required for … unless …`. */
  readonly text: string;
  readonly holds: (circumstances: Circumstances) => boolean;
}

export interface KeyDefinition {
  /** A short label. */
  readonly title: string;
  /** One line for people. */
  readonly description: string;
  readonly type: KeyType;
  /** What a valid value must be; completes `"key" in <origin> …`. */
  readonly rule: string;
  /** Checks and normalizes a native value. */
  readonly schema: v.GenericSchema<unknown, unknown> | v.GenericSchema<never, unknown>;
  readonly default?: KeyDefault;
  /** Ask `purposesOf`, which knows the exception. */
  readonly requiredFor?: readonly Purpose[];
  /** When `requiredFor` doesn't apply. */
  readonly unless?: Exemption;
  /** Environment variables with the value; the first one that is set wins. */
  readonly environment?: readonly string[];
  /** Where users' own values don't count: everywhere, or on computers with a managed policy. Default: nowhere. */
  readonly onlyManaged?: 'always' | 'with-policy';
  /** May contain credentials: never shown in full. */
  readonly sensitive?: true;
  readonly example: unknown;
}

const choice = <const T extends readonly string[]>(values: T) => ({
  type: 'string' as const,
  rule: `must be one of ${values.join(', ')}`,
  schema: v.picklist(values),
});

/** No one signs in with Entra if an API key is handed out. */
const withApiKey: Exemption = {
  text: '`credential` is `api-key`',
  holds: ({ credential }) => credential === 'api-key',
};

/** An API key belongs to a resource, and Claude Desktop's foundry provider requires the name. */
const withBaseUrl: Exemption = {
  text: '`baseUrl` is set and `credential` is `entra`',
  holds: ({ baseUrl, credential }) => baseUrl !== undefined && credential !== 'api-key',
};

const fixed = <const T>(value: T) => ({ kind: 'value' as const, value });

export const keys = {
  tenantId: {
    title: 'Tenant',
    description: 'The Entra tenant that users sign in to.',
    type: 'string',
    rule: 'must be the GUID of a tenant or one of its verified domain names',
    schema: rules.tenantId,
    requiredFor: ['sign-in', 'doctor', 'config export'],
    unless: withApiKey,
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
    unless: withApiKey,
    environment: ['AZURE_CLIENT_ID'],
    example: '11111111-2222-3333-4444-555555555555',
  },
  foundryResource: {
    title: 'Foundry resource',
    description: 'Name of the Microsoft Foundry resource: the first part of its host name.',
    type: 'string',
    rule: 'must be 2 to 64 letters, digits, and hyphens, with no hyphen at either end',
    schema: rules.foundryResource,
    requiredFor: ['doctor', 'config export'],
    unless: withBaseUrl,
    example: 'contoso-foundry',
  },
  baseUrl: {
    title: 'Base URL',
    description:
      'Address for Messages calls, without /v1/messages. Set it if clients reach Foundry through a gateway such as Azure API Management, or under another host name.',
    type: 'string',
    rule: 'must be an https:// URL',
    schema: rules.baseUrl,
    default: {
      kind: 'run-time',
      description: 'https://<foundryResource>.services.ai.azure.com/anthropic',
    },
    example: 'https://contoso.azure-api.net/anthropic',
  },
  models: {
    title: 'Deployments',
    description:
      'Claude deployments in Foundry; the first one is the default. An entry is a name, or an object with "name" and any of "labelOverride" (the name that users see), "supports1m" (true if the deployment accepts a context of one million tokens), and "anthropicFamilyTier" (haiku, sonnet, opus, fable, or mythos).',
    type: 'list',
    rule: 'must be a list of at least one deployment, each a name or an object with a "name"',
    schema: models,
    requiredFor: ['doctor', 'config export'],
    example: ['claude-sonnet-5', 'claude-opus-4-8'],
  },
  cloud: {
    title: 'Azure cloud',
    description: 'The Azure cloud of the tenant. It decides the sign-in host and the default scope.',
    ...choice(CLOUDS),
    default: fixed('public'),
    example: 'usgovernment',
  },
  scope: {
    title: 'Scope',
    description:
      'What the access token is for, as one OAuth 2.0 scope. For a gateway with its own app registration, use api://<application ID>/.default.',
    type: 'string',
    rule: 'must be one absolute https:// or api:// scope such as https://cognitiveservices.azure.com/.default',
    schema: rules.scope,
    default: { kind: 'by-cloud', values: DEFAULT_SCOPES },
    example: 'https://ai.azure.com/.default',
  },
  allowedResources: {
    title: 'Allowed resources',
    description:
      'Other resources for which "headers", "git-credential", and "token --resource" hand out tokens from the same sign-in. An entry is an application ID or an application ID URI, which means all permissions that were granted, or one scope. If the URI has a path, add /.default to it. The application that "clientId" names needs a delegated permission for each resource. On a computer with a managed policy, only the policy can set it.',
    type: 'list',
    rule: 'must be a list of at most 20 resources or scopes, each an https:// or api:// URI or the GUID of an application',
    schema: rules.allowedResources,
    onlyManaged: 'with-policy',
    example: ['api://contoso-mcp', '499b84ac-1321-427f-aa17-267ca6975798/.default'],
  },
  signInMethod: {
    title: 'Sign-in method',
    description:
      "How users sign in: with a code on any device, in this computer's browser, or with the account that the broker of Windows or Linux keeps for an enrolled computer. The browser needs the redirect URI http://127.0.0.1/callback in the app registration, the broker its own one.",
    ...choice(SIGN_IN_METHODS),
    default: fixed('device-code'),
    example: 'browser',
  },
  browserSignInFallback: {
    title: 'Browser sign-in as a fallback',
    description:
      'If "signInMethod" is device-code and an Entra policy blocks device codes, or if it\'s broker and the broker is missing or fails, the sign-in page offers to continue in the browser. That needs the redirect URI http://127.0.0.1/callback in the app registration.',
    type: 'boolean',
    rule: 'must be true or false',
    schema: v.boolean(),
    default: fixed(false),
    example: true,
  },
  accountHint: {
    title: 'Account',
    description:
      'The only account that can sign in: its object ID in Entra (recommended), or a user name, which the sign-in page then suggests. A user name means the account that first signs in with it.',
    type: 'string',
    rule: 'must be one line of 1 to 256 characters',
    schema: rules.line(256),
    example: 'ada@contoso.com',
  },
  organizationName: {
    title: 'Organization name',
    description: 'Name of the organization that asks users to sign in, as the sign-in page shows it.',
    type: 'string',
    rule: 'must be one line of 1 to 100 characters',
    schema: rules.line(100),
    example: 'Contoso Ltd',
  },
  organizationLogo: {
    title: 'Organization logo',
    description:
      "Logo file for the sign-in page: PNG, JPEG, or WebP, at most 256 KiB. Put it on every computer; if it's missing, users can still sign in.",
    type: 'string',
    rule: "must be an absolute path on this computer, not on a network; ~ and variables aren't expanded",
    schema: rules.localPath,
    example: '/usr/share/contoso/logo.png',
  },
  credential: {
    title: 'Credential',
    description: 'What Claude Desktop gets: an Entra access token, or an API key from the keystore.',
    ...choice(['entra', 'api-key']),
    default: fixed('entra'),
    example: 'api-key',
  },
  outputFormat: {
    title: 'Output format',
    description:
      'What the helper prints for Claude Desktop: the token alone, or a JSON object with the token and "headers".',
    ...choice(['token', 'json']),
    default: fixed('token'),
    example: 'json',
  },
  headers: {
    title: 'HTTP headers',
    description:
      'HTTP headers for Claude Desktop to add to each request, such as Ocp-Apim-Subscription-Key for API Management. They need "outputFormat" json, and they override headers of the same name in inferenceCustomHeaders. Claude Desktop sets Authorization itself, so it\'s refused here.',
    type: 'map',
    rule: 'must be an object whose values are all text',
    schema: rules.headers,
    sensitive: true,
    example: { 'X-Department': 'research' },
  },
  allowTokenEndpoint: {
    title: 'Allow the token endpoint',
    description:
      'Lets "foundry-credential-helper exec -- COMMAND" run a command with a token endpoint for Azure SDKs. On a computer with a managed policy, only the policy can set it.',
    type: 'boolean',
    rule: 'must be true or false',
    schema: v.boolean(),
    default: fixed(false),
    onlyManaged: 'with-policy',
    example: true,
  },
  minimumTokenLifetimeSeconds: {
    title: 'Minimum token lifetime (seconds)',
    description: 'How many seconds a token must still be valid when Claude Desktop gets it.',
    type: 'integer',
    rule: 'must be a whole number from 300 to 3300',
    schema: rules.minimumTokenLifetimeSeconds,
    default: {
      kind: 'run-time',
      description: 'inferenceCredentialHelperTtlSec of Claude Desktop if it can be read, otherwise 900, plus 120',
    },
    example: 1020,
  },
  proxy: {
    title: 'Proxy',
    description:
      'How to reach the sign-in service: an HTTP proxy, with user name and password if it needs them; a proxy auto-configuration (PAC) file as pac+https://...; "system" for the system settings; or "none" for no proxy.',
    type: 'string',
    rule: 'must be host:port, an http:// or https:// URL, pac+ and the URL of a PAC file, system, or none; percent-encode special characters in user name and password',
    schema: rules.proxy,
    default: {
      kind: 'run-time',
      description:
        'egressProxyPacUrl or egressProxyUrl of Claude Desktop; if it has neither, the proxy settings of the system',
    },
    environment: ['HTTPS_PROXY', 'https_proxy'],
    sensitive: true,
    example: 'http://proxy.contoso.com:8080',
  },
  noProxy: {
    title: 'Hosts without proxy',
    description:
      'Hosts to reach without a proxy, wherever the proxy comes from: host names, domain suffixes, addresses, address ranges, or * for all.',
    type: 'list',
    rule: 'must be a list of host names, domain suffixes, addresses, or address ranges',
    schema: rules.noProxy,
    environment: ['NO_PROXY', 'no_proxy'],
    example: ['.contoso.com', '10.0.0.0/8'],
  },
  caFile: {
    title: 'Trusted root certificates',
    description: 'PEM file with additional trusted root certificates, for networks that inspect TLS.',
    type: 'string',
    rule: "must be an absolute path; ~ and variables aren't expanded",
    schema: rules.absolutePath,
    environment: ['NODE_EXTRA_CA_CERTS'],
    example: '/etc/ssl/certs/contoso-root.pem',
  },
  policyOnly: {
    title: 'Policy only',
    description:
      "For managed policies only: if true, only managed policies and defaults count. Users' config.json is ignored, and so are the environment variables that are settings or name trusted roots, and the proxy that users gave Claude Desktop. In a user's config.json, this key itself is ignored with a warning.",
    type: 'boolean',
    rule: 'must be true or false',
    schema: v.boolean(),
    default: fixed(false),
    onlyManaged: 'always',
    example: true,
  },
  logLevel: {
    title: 'Log level',
    description: 'How much the agent writes to its log.',
    ...choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: fixed('info'),
    example: 'debug',
  },
  auditToSystemLog: {
    title: 'Audit log to the system log',
    description:
      "Also sends each line of the audit log, which says who got a token, to the system's log: journald or syslog on Linux, the unified log on macOS, the Application log on Windows if the MSI installed the program.",
    type: 'boolean',
    rule: 'must be true or false',
    schema: v.boolean(),
    default: fixed(false),
    example: true,
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

/** What can't be done without the key, given the other settings; empty if the key is optional. */
export function purposesOf(key: ConfigurationKey, circumstances: Circumstances): readonly Purpose[] {
  const { requiredFor = [], unless } = definitionOf(key);
  return unless?.holds(circumstances) === true ? [] : requiredFor;
}

/** Whether the value is a path, which is valid on one platform only. */
export function isPathKey(key: ConfigurationKey): boolean {
  return key === 'caFile' || key === 'organizationLogo';
}
