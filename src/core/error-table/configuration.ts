import type { ErrorSpec } from './spec.ts';

export const CONFIGURATION_ERRORS = {
  ERR_CONFIG_MISSING: {
    category: 'configuration',
    message: 'a required setting is missing',
    hint: 'ask your IT department to set it, or run "foundry-credential-helper config init" to set it yourself',
  },
  ERR_CONFIG_INVALID: {
    category: 'configuration',
    message: 'a setting is invalid',
    hint: 'correct the value where it\'s set; "foundry-credential-helper config show" lists each value and where it comes from',
    page: 'setup',
  },
  ERR_POLICY_ONLY: {
    category: 'configuration',
    message: 'your organization manages all settings of this program',
    hint: 'your own settings have no effect on this computer, and nothing was changed; ask your IT department to change the policy',
  },
  ERR_CONFIG_UNREADABLE: {
    category: 'configuration',
    message: "this program's settings can't be read",
    hint: "fix or delete this file, or the setting that names it; until then the program won't run",
    page: 'setup',
  },
  ERR_FILE_UNREADABLE: {
    category: 'configuration',
    message: "this file can't be used",
    hint: 'check that it\'s the file you mean, and that it\'s complete: "foundry-credential-helper config validate" takes a profile, property list, registry export, or JSON settings for this program or Claude Desktop; the option --answers takes a JSON object',
  },
  ERR_CLIENT_SETTINGS_UNREADABLE: {
    category: 'configuration',
    message: "the settings of Claude Code or Claude Desktop can't be read",
    hint: 'fix the named file, or move it away; nothing was changed',
  },
  ERR_CLAUDE_CODE_CONFLICT: {
    category: 'configuration',
    message: "Claude Code's settings conflict with this program",
    hint: 'remove the named keys; if the only one is another "apiKeyHelper", "foundry-credential-helper claude-code configure --force" replaces it; nothing was changed',
  },
  ERR_CLAUDE_DESKTOP_MANAGED: {
    category: 'configuration',
    message: "your organization manages Claude Desktop's settings on this computer",
    hint: 'Claude Desktop ignores local settings while managed ones exist: ask your IT department to add this program to the managed settings; nothing was changed',
  },
  ERR_CLAUDE_DESKTOP_CONFLICT: {
    category: 'configuration',
    message: 'Claude Desktop uses another profile',
    hint: 'to use this program\'s profile instead, run "foundry-credential-helper claude-desktop configure --force", which keeps the other one; nothing was changed',
  },
  ERR_ENDPOINT_OFF: {
    category: 'configuration',
    message: 'the token endpoint for Azure SDKs is off',
    hint: 'an admin sets "allowTokenEndpoint" to true; any program that runs as this user can then get tokens from the endpoint',
  },
  ERR_ENDPOINT_RESOURCE: {
    category: 'configuration',
    message: 'this program has tokens for one resource only',
    hint: 'use the scope that "foundry-credential-helper config show" lists, or correct "scope"; if AZURE_CLIENT_ID names another application, unset it for this command',
  },
  ERR_ENTRA_APP_UNKNOWN: {
    category: 'configuration',
    message: "Entra doesn't know this application in the tenant",
    hint: 'check "clientId" and "tenantId": the application must be registered in that tenant, or approved for it',
    page: 'setup',
  },
  ERR_ENTRA_TENANT_UNKNOWN: {
    category: 'configuration',
    message: "Entra doesn't know this tenant",
    hint: 'check "tenantId" (and "cloud" for a national cloud)',
    page: 'setup',
  },
  ERR_ENTRA_PUBLIC_CLIENT_OFF: {
    category: 'configuration',
    message: "the app registration doesn't allow public client flows",
    hint: 'check "clientId"; in the app registration, set Authentication > "Allow public client flows" to Yes',
    page: 'setup',
  },
  ERR_ENTRA_REDIRECT_URI: {
    category: 'configuration',
    message: "the app registration doesn't have this program's redirect URI",
    hint: 'an admin adds http://127.0.0.1/callback to the app registration as a redirect URI for mobile and desktop applications: az ad app update --id CLIENT-ID --public-client-redirect-uris http://127.0.0.1/callback',
    page: 'setup',
  },
  ERR_ENTRA_RESOURCE_MISSING: {
    category: 'configuration',
    message: 'the application that "scope" names isn\'t in your organization\'s Entra tenant',
    hint: 'check "scope" and "tenantId"; if they\'re right, an admin adds that application to the tenant: az ad sp create --id APPLICATION-ID',
    page: 'setup',
  },
  ERR_ENTRA_SCOPE: {
    category: 'configuration',
    message: "Entra doesn't accept the requested scope",
    hint: 'check "scope"; the default is right for Foundry',
    page: 'setup',
  },
} as const satisfies Record<string, ErrorSpec>;
