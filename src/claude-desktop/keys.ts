// The one table of Claude Desktop's configuration keys: what each holds, since when, and who reads it. Facts come from
// the configuration schema that the vendor publishes inside the npm package @anthropic-ai/claude-code, version 2.1.332.
// Guide: https://claude.com/docs/third-party/claude-desktop/configuration

export const PROVIDERS = ['gateway', 'anthropic', 'bedrock', 'mantle', 'vertex', 'foundry'] as const;
export type Provider = (typeof PROVIDERS)[number];

export type CredentialKind =
  | 'static'
  | 'helper-script'
  | 'interactive'
  | 'vendor-profile'
  | 'workforce'
  | 'external-idp';

/** How a report may show a value: in this form or not at all, since a misplaced value may be a key or password. */
export type Display =
  /** One of `values`, or text that matches `pattern`. */
  | 'word'
  | 'flag'
  | 'number'
  | 'version'
  /** Scheme, host, and port of a URL, and a path of plain words. */
  | 'host'
  /** An absolute path, up to what may be arguments. */
  | 'path'
  /** A GUID or a domain name. */
  | 'directory'
  | 'resource'
  | 'models'
  | 'hidden';

/** A form of a value that Claude Desktop refuses, while the key itself stays valid. */
export type RefusedForm = {
  /** The day it's refused from, at noon Pacific time. */
  readonly refusedFrom: string;
  readonly instead: string;
} & (
  | {
      /** `text`: text that isn't JSON of the key's type. */
      readonly form: 'text' | 'list' | 'record';
    }
  /** This value, or, in a list or object, this value of any entry. */
  | { readonly form: 'value'; readonly value: string }
  /** This member of a list's entry, as a path with dots. */
  | { readonly form: 'member'; readonly member: string }
);

interface DesktopKeyEntry {
  /** The native type; managed sources may hold each as text, arrays and objects as one JSON text. Absent: `string`. */
  readonly type?: 'string' | 'boolean' | 'number' | 'enum' | 'array' | 'object' | 'record';
  /** What an array holds; `union` for names or objects. */
  readonly of?: 'string' | 'object' | 'enum' | 'union';
  /** All that an enum, or an entry of a list of enums, allows. */
  readonly values?: readonly string[];
  /** A number that may have a fraction. Absent: it must be whole. */
  readonly fraction?: true;
  /** The smallest number allowed. */
  readonly min?: number;
  /** The number must be greater than this. */
  readonly above?: number;
  /** The largest number allowed. */
  readonly max?: number;
  /** The most characters that a text may have. */
  readonly maxLength?: number;
  /** What a text must match once spaces at both ends are removed. */
  readonly pattern?: RegExp;
  /**
   * A URL without user name and password. `https-or-loopback`: https, or http to 127.0.0.1, localhost, or [::1].
   * `any`: every scheme. Claude Desktop puts https:// before an address without a scheme, except for `http-or-https`.
   */
  readonly url?: 'https' | 'https-or-loopback' | 'https-no-loopback' | 'http-or-https' | 'any';
  /**
   * A local absolute path that Claude Desktop runs or loads. It refuses `~`, `..`, network and device paths, `"`, `%`,
   * line breaks, and a dot or space at the end. `windows`: a drive letter first. `posix`: a slash first and none at the
   * end.
   */
  readonly path?: 'local' | 'windows' | 'posix';
  /** The first version of Claude Desktop that knows the key, in third-party mode if `modes` has it. */
  readonly since: string;
  /** The first version that knows the key in first-party mode, if it differs from `since`. */
  readonly firstPartySince?: string;
  /** Values that a later version than `since` was the first to know. */
  readonly valuesSince?: Readonly<Record<string, string>>;
  /**
   * `3p`: a provider of the organization runs the models; `1p`: a claude.ai account. Other modes ignore the key.
   * Absent: `3p` alone.
   */
  readonly modes?: readonly ('3p' | '1p')[];
  /** Programs other than Claude Desktop that read it too. Absent: Claude Desktop alone. */
  readonly readers?: readonly ('desktop' | 'code' | 'm365')[];
  /** Providers that the key is for; absent: all. */
  readonly providers?: readonly Provider[];
  /** Kinds of credential that the key is for; absent: all. */
  readonly credentialKinds?: readonly CredentialKind[];
  /** A managed source that holds only such keys leaves the device to local settings. */
  readonly mayBeManagedAlone?: true;
  /**
   * Counts only in the configuration that Anthropic hosts: Claude Desktop ignores it in profiles, policies, and files.
   */
  readonly hostedOnly?: true;
  /** The name it had. Claude Desktop refuses that name from this day on, at noon Pacific time. */
  readonly formerly?: { readonly name: string; readonly refusedFrom: string };
  /** Claude Desktop refuses the key itself from this day on, at noon Pacific time. */
  readonly retired?: { readonly refusedFrom: string; readonly instead: string };
  readonly refusedForms?: readonly RefusedForm[];
  /** The key that replaces this one, which keeps working without an end date. */
  readonly supersededBy?: string;
  /**
   * Its place in the app's own form of a configuration (`$schemaVersion` 2), as a path with dots. Keys for different
   * providers or kinds of credential share a place.
   */
  readonly nested: string;
  /** Absent: `DISPLAY_OF_TYPE`, and for other types `hidden`. */
  readonly show?: Display;
  /** One sentence for admins. */
  readonly description: string;
}

/** What the table says about a key, with the defaults of `type`, `modes`, and `show`. */
export type DesktopKey = DesktopKeyEntry & Required<Pick<DesktopKeyEntry, 'type' | 'modes' | 'show'>>;

const DISPLAY_OF_TYPE: { readonly [type in DesktopKey['type']]?: Display } = {
  boolean: 'flag',
  number: 'number',
  enum: 'word',
};

const ONLY_OBJECTS = [
  { form: 'text', refusedFrom: '2026-10-07', instead: 'a JSON object such as {"Name": "value"}' },
  { form: 'list', refusedFrom: '2026-10-07', instead: 'a JSON object such as {"Name": "value"}' },
] as const;

const desktopKeys = {
  allowOptionalClientAuth: {
    type: 'boolean',
    since: '1.17377.1',
    retired: { refusedFrom: '2026-11-17', instead: 'Claude Desktop 1.49585.0 or later, without this key' },
    nested: 'authentication.allowOptionalClientAuth',
    description: "Lets connections continue without a client certificate if the server doesn't require one.",
  },
  allowedPluginMarketplaces: {
    type: 'array',
    of: 'union',
    since: '1.17377.1',
    readers: ['desktop', 'code'],
    nested: 'plugins.marketplaces',
    description: 'Lists the Git repositories and marketplace files that the app offers as plugin marketplaces.',
  },
  allowedPluginMcpServers: {
    type: 'array',
    of: 'object',
    since: '2.2553.0',
    readers: ['desktop', 'code'],
    nested: 'mcp.allowedPluginServers',
    description: 'Limits which MCP servers plugins may connect to, besides those your organization manages.',
  },
  allowedWorkspaceFolders: {
    type: 'array',
    of: 'union',
    since: '1.2581.0',
    modes: ['3p', '1p'],
    readers: ['desktop', 'code'],
    nested: 'workspace.allowedFolders',
    description: 'Limits the folders that Claude may work in.',
  },
  alwaysStartWithDefaultModel: {
    type: 'boolean',
    since: '2.110.0',
    readers: ['desktop', 'code'],
    nested: 'models.alwaysStartWithDefault',
    description: 'Starts every conversation with the first model of the list, whatever the user chose last.',
  },
  autoModeEnabled: {
    type: 'boolean',
    since: '1.10628.0',
    readers: ['desktop', 'code'],
    nested: 'workspace.autoModeEnabled',
    description: 'Offers the mode in which Claude decides which actions need approval.',
  },
  autoUpdaterEnforcementHours: {
    type: 'number',
    min: 1,
    max: 72,
    since: '1.2581.0',
    modes: ['3p', '1p'],
    mayBeManagedAlone: true,
    nested: 'autoUpdate.enforcementHours',
    description: 'Sets how many hours a downloaded update may wait before the app installs it.',
  },
  banner: {
    type: 'object',
    since: '1.7196.0',
    modes: ['3p', '1p'],
    nested: 'banner',
    description: 'Shows a banner with your text across the top of the app.',
  },
  blockReadsOutsideWorkingDirectories: {
    type: 'boolean',
    since: '1.46388.1',
    modes: ['3p', '1p'],
    readers: ['desktop', 'code'],
    nested: 'workspace.blockReadsOutsideWorkingDirectories',
    description: 'Prevents Code sessions from reading files outside their working folders.',
  },
  bootstrapEnabled: {
    type: 'boolean',
    since: '1.10628.0',
    nested: 'bootstrap.enabled',
    description: 'Turns fetching the bootstrap configuration on or off without removing its address.',
  },
  bootstrapHeaders: {
    type: 'record',
    since: '1.32885.1',
    refusedForms: ONLY_OBJECTS,
    nested: 'bootstrap.headers',
    description: 'Adds HTTP headers to every request for the bootstrap configuration.',
  },
  bootstrapHeadersHelper: {
    path: 'local',
    since: '1.32885.1',
    nested: 'bootstrap.headersHelper',
    show: 'path',
    description: 'Names a program that prints HTTP headers for bootstrap requests as a JSON object.',
  },
  bootstrapOidc: {
    type: 'object',
    since: '1.10628.0',
    nested: 'bootstrap.oidc',
    description: 'Signs users in to your identity provider before the bootstrap configuration is fetched.',
  },
  bootstrapUrl: {
    url: 'https-or-loopback',
    since: '1.10628.0',
    nested: 'bootstrap.url',
    show: 'host',
    description: "Names the server that delivers each user's configuration at launch.",
  },
  builtinBrowserAllowedDomains: {
    type: 'array',
    of: 'string',
    since: '2.2553.0',
    nested: 'builtinBrowser.allowedDomains',
    description: 'Lists the sites Claude may open in the built-in browser if others are blocked.',
  },
  builtinBrowserBlockedDomains: {
    type: 'array',
    of: 'string',
    since: '2.2553.0',
    nested: 'builtinBrowser.blockedDomains',
    description: 'Lists the sites Claude must not open in the built-in browser if others are allowed.',
  },
  builtinBrowserDefaultDomainPolicy: {
    type: 'enum',
    values: ['allow', 'block'],
    since: '2.2553.0',
    nested: 'builtinBrowser.defaultDomainPolicy',
    description: 'Decides whether Claude may open a site in the built-in browser that neither list names.',
  },
  builtinBrowserEnabled: {
    type: 'boolean',
    since: '2.2553.0',
    nested: 'builtinBrowser.enabled',
    description: 'Offers a web browser inside Cowork and Code sessions.',
  },
  builtinToolPolicy: {
    type: 'record',
    since: '1.8089.0',
    modes: ['3p', '1p'],
    readers: ['desktop', 'code'],
    refusedForms: [{ form: 'value', value: 'ask-session', refusedFrom: '2026-10-07', instead: 'ask' }],
    nested: 'workspace.builtinToolPolicy',
    description: 'Decides for each built-in tool whether Claude must ask before using it.',
  },
  chatAdvancedFileAnalysisEnabled: {
    type: 'boolean',
    since: '1.14271.0',
    nested: 'chatSurface.advancedFileAnalysis',
    description: 'Lets Chat run code in a local sandbox to read attached files such as spreadsheets.',
  },
  chatSessionRetentionDays: {
    type: 'number',
    min: 1,
    max: 3650,
    since: '1.52386.0',
    nested: 'sessionRetention.chatDays',
    description: "Deletes chats that haven't been used for this many days.",
  },
  chatTabEnabled: {
    type: 'boolean',
    since: '1.13576.0',
    nested: 'chatSurface.enabled',
    description: 'Shows or hides Chat.',
  },
  claudeAiImport: {
    type: 'object',
    since: '1.10628.0',
    nested: 'claudeAiImport',
    description: 'Lets users import their Claude.ai data and earlier sessions.',
  },
  claudeCodeProcessWrapperEnabled: {
    type: 'boolean',
    since: '2.7032.0',
    firstPartySince: '2.16120.0',
    modes: ['3p', '1p'],
    mayBeManagedAlone: true,
    nested: 'workspace.claudeCodeProcessWrapperEnabled',
    description: 'Starts Claude Code through the launcher that its own managed settings name.',
  },
  claudeInChromeEnabled: {
    type: 'boolean',
    since: '1.34493.0',
    hostedOnly: true,
    nested: 'mcp.claudeInChromeEnabled',
    description: "Lets sessions control the user's browser through the Claude in Chrome extension.",
  },
  claudeInChromePasswordManagersEnabled: {
    type: 'boolean',
    since: '2.9939.2',
    hostedOnly: true,
    nested: 'mcp.claudeInChromePasswordManagersEnabled',
    description: 'Lets a password manager fill in sign-ins while Claude controls the browser.',
  },
  codeAllowedRepositories: {
    type: 'array',
    of: 'union',
    since: '2.16120.0',
    nested: 'codeSurface.allowedRepositories',
    description: 'Limits the Git repositories that Code sessions may work in.',
  },
  codeSessionRetentionDays: {
    type: 'number',
    min: 1,
    max: 3650,
    since: '1.52386.0',
    nested: 'sessionRetention.codeDays',
    description: "Deletes Code sessions that haven't been used for this many days.",
  },
  configRecheckIntervalMinutes: {
    type: 'number',
    min: 2,
    max: 30,
    since: '1.46388.1',
    mayBeManagedAlone: true,
    nested: 'lifecycle.configRecheckIntervalMinutes',
    description: 'Sets how often the running app looks for a changed managed configuration.',
  },
  coworkEDRIntegration: {
    maxLength: 4096,
    path: 'posix',
    since: '2.16120.0',
    modes: ['3p', '1p'],
    mayBeManagedAlone: true,
    nested: 'workspace.edrExtension',
    show: 'path',
    description: 'Names the signed package of your endpoint security vendor for the Cowork virtual machine.',
  },
  coworkEDRIntegrationVendor: {
    pattern: /^[a-z0-9][a-z0-9-]{0,31}$/,
    since: '2.16120.0',
    modes: ['3p', '1p'],
    mayBeManagedAlone: true,
    nested: 'workspace.edrExtensionVendor',
    description: 'Identifies the vendor that signed the package in coworkEDRIntegration.',
  },
  coworkEgressAllowedHosts: {
    type: 'array',
    of: 'string',
    since: '1.2581.0',
    readers: ['desktop', 'code'],
    nested: 'workspace.allowedEgressHosts',
    description: "Lists the hosts that Claude's tools may reach over the network.",
  },
  coworkSessionRetentionDays: {
    type: 'number',
    min: 1,
    max: 3650,
    since: '1.52386.0',
    nested: 'sessionRetention.coworkDays',
    description: "Deletes Cowork tasks that haven't been used for this many days.",
  },
  coworkTabEnabled: {
    type: 'boolean',
    since: '1.9659.0',
    nested: 'coworkSurface.enabled',
    description: 'Shows or hides Cowork.',
  },
  coworkVmIpv6Enabled: {
    type: 'boolean',
    since: '1.52386.0',
    nested: 'workspace.vmIpv6Enabled',
    description: 'Assigns an IPv6 address to the Cowork virtual machine.',
  },
  dangerousMaxVersion: {
    pattern: /^v?(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/i,
    since: '2.110.0',
    mayBeManagedAlone: true,
    nested: 'autoUpdate.dangerousMaxVersion',
    show: 'version',
    description: 'Stops updates at this version and prevents newer versions of the app from opening.',
  },
  defaultModelEffort: {
    type: 'enum',
    values: ['low', 'medium', 'high', 'xhigh', 'max'],
    since: '2.110.0',
    readers: ['desktop', 'code'],
    nested: 'models.defaultEffort',
    description: 'Sets the effort level that the default model starts with.',
  },
  deniedPluginMcpServers: {
    type: 'array',
    of: 'object',
    since: '2.16120.0',
    readers: ['desktop', 'code'],
    nested: 'mcp.deniedPluginServers',
    description: 'Lists MCP servers that plugins must not connect to, even if they are allowed elsewhere.',
  },
  deploymentDisplayName: {
    maxLength: 60,
    since: '1.24012.0',
    nested: 'appearance.deploymentDisplayName',
    description: "Replaces the provider's name in the app.",
  },
  deploymentDisplaySubtitle: {
    maxLength: 60,
    since: '1.24012.0',
    nested: 'appearance.deploymentDisplaySubtitle',
    description: 'Adds a second line to the name in deploymentDisplayName.',
  },
  deploymentOrganizationUuid: {
    since: '1.2581.0',
    nested: 'telemetry.orgUuid',
    show: 'directory',
    description: "Marks telemetry with your UUID so that the vendor's support can find it.",
  },
  desktopHome: {
    type: 'enum',
    values: ['standard', 'simple', 'no-vm', 'off'],
    since: '1.52386.0',
    valuesSince: { 'no-vm': '2.2553.0' },
    nested: 'chatSurface.desktopHome',
    description: 'Joins Chat and Cowork in one start page and replaces their own switches.',
  },
  dictationEnabled: {
    type: 'boolean',
    since: '1.44121.1',
    nested: 'dictation.enabled',
    description: 'Offers dictation if your gateway supports it.',
  },
  disableAutoUpdates: {
    type: 'boolean',
    since: '1.2581.0',
    modes: ['3p', '1p'],
    mayBeManagedAlone: true,
    nested: 'autoUpdate.disabled',
    description: 'Stops the app from updating itself.',
  },
  disableBundledSkills: {
    type: 'boolean',
    since: '1.15962.0',
    modes: ['3p', '1p'],
    readers: ['desktop', 'code'],
    nested: 'workspace.disableBundledSkills',
    description: 'Removes the skills and workflows that come with Claude Code.',
  },
  disableBypassPermissionsMode: {
    type: 'boolean',
    since: '1.46388.1',
    readers: ['desktop', 'code'],
    nested: 'workspace.disableBypassPermissionsMode',
    description: 'Removes the mode that skips permission prompts.',
  },
  disableConfigDeprecationWarnings: {
    type: 'boolean',
    since: '1.40609.0',
    modes: ['3p', '1p'],
    nested: 'appearance.disableConfigDeprecationWarnings',
    description: 'Hides warnings about deprecated settings from users.',
  },
  disableConnectorSignInInApp: {
    type: 'boolean',
    since: '2.26454.0',
    modes: ['1p'],
    mayBeManagedAlone: true,
    nested: 'authentication.disableConnectorSignInInApp',
    description: 'Completes sign-ins to connectors in the browser instead of in the app.',
  },
  disableDeepLinkRegistration: {
    type: 'boolean',
    since: '1.6889.0',
    nested: 'authentication.disableDeepLinks',
    description: 'Prevents other apps and websites from opening Claude Desktop through claude:// links.',
  },
  disableDeploymentModeChooser: {
    type: 'boolean',
    since: '1.3834.0',
    nested: 'authentication.disableClaudeAiSignIn',
    description: 'Hides the option to sign in to Claude.ai.',
  },
  disableEssentialTelemetry: {
    type: 'boolean',
    since: '1.2581.0',
    readers: ['desktop', 'code'],
    nested: 'telemetry.disableEssential',
    description: 'Stops crash and performance reports to the vendor.',
  },
  disableFeatureDiscovery: {
    type: 'boolean',
    since: '1.21459.0',
    nested: 'featureDiscovery.disabled',
    description: 'Hides announcements of new features.',
  },
  disableLocalConfigCache: {
    type: 'boolean',
    since: '2.7032.0',
    hostedOnly: true,
    nested: 'lifecycle.disableLocalConfigCache',
    description: "Keeps on disk only your organization's ID and restrictions between launches.",
  },
  disableMultiAccount: {
    type: 'boolean',
    since: '1.46388.1',
    modes: ['1p'],
    nested: 'authentication.disableMultiAccount',
    description: 'Allows only one signed-in account at a time.',
  },
  disableNonessentialServices: {
    type: 'boolean',
    since: '1.2581.0',
    nested: 'telemetry.disableNonessentialServices',
    description: 'Stops connector icons, previews of artifacts, and similar requests to the vendor.',
  },
  disableNonessentialTelemetry: {
    type: 'boolean',
    since: '1.2581.0',
    readers: ['desktop', 'code'],
    nested: 'telemetry.disableNonessential',
    description: 'Stops usage analytics and uploads of diagnostic reports to the vendor.',
  },
  disableWslSessions: {
    type: 'boolean',
    since: '1.19367.0',
    modes: ['3p', '1p'],
    mayBeManagedAlone: true,
    nested: 'workspace.disableWslSessions',
    description: 'Blocks Code sessions inside the Windows Subsystem for Linux.',
  },
  disabledBuiltinTools: {
    type: 'array',
    of: 'string',
    since: '1.2581.0',
    modes: ['3p', '1p'],
    readers: ['desktop', 'code'],
    nested: 'workspace.disabledBuiltinTools',
    description: 'Lists the built-in tools that Claude must not use.',
  },
  egressProxyPacUrl: {
    url: 'http-or-https',
    since: '1.44121.1',
    modes: ['3p', '1p'],
    mayBeManagedAlone: true,
    nested: 'workspace.egressProxyPacUrl',
    show: 'host',
    description: "Names the proxy auto-configuration file for the app's traffic.",
  },
  egressProxyUrl: {
    url: 'http-or-https',
    since: '1.44121.1',
    modes: ['3p', '1p'],
    mayBeManagedAlone: true,
    nested: 'workspace.egressProxyUrl',
    show: 'host',
    description: "Sends the app's traffic through this HTTP proxy instead of the system's.",
  },
  endUserAttribution: {
    type: 'boolean',
    since: '1.25927.0',
    readers: ['desktop', 'code'],
    formerly: { name: 'enduserAttribution', refusedFrom: '2026-10-07' },
    nested: 'workspace.endUserAttribution',
    description: "Shows the user's identity in the app and adds it to your telemetry.",
  },
  forceLoginOrgUUID: {
    since: '1.2581.0',
    modes: ['1p'],
    nested: 'authentication.forceLoginOrgUUID',
    show: 'directory',
    description: 'Allows sign-in to these organizations only.',
  },
  hardwareBuddyEnabled: {
    type: 'boolean',
    since: '1.18286.0',
    modes: ['1p'],
    nested: 'workspace.hardwareBuddyEnabled',
    description: 'Allows pairing with Hardware Buddy devices over Bluetooth.',
  },
  importThirdPartyHistoryIntoOrgUUID: {
    since: '2.2553.0',
    modes: ['1p'],
    nested: 'authentication.importThirdPartyHistoryIntoOrgUUID',
    show: 'directory',
    description: 'Copies earlier third-party sessions into this organization after sign-in.',
  },
  inferenceAnthropicApiKey: {
    since: '1.8089.0',
    providers: ['anthropic'],
    credentialKinds: ['static'],
    nested: 'inference.credential.apiKey',
    description: 'Holds the API key for the Claude API.',
  },
  inferenceBedrockAwsCliPath: {
    since: '1.13576.0',
    providers: ['bedrock'],
    credentialKinds: ['vendor-profile'],
    nested: 'inference.credential.awsCliPath',
    show: 'path',
    description: "Names the AWS CLI program, if it isn't on PATH.",
  },
  inferenceBedrockAwsDir: {
    since: '1.2581.0',
    readers: ['desktop', 'code'],
    providers: ['bedrock'],
    credentialKinds: ['vendor-profile'],
    nested: 'inference.credential.awsDir',
    show: 'path',
    description: 'Names the folder with the AWS configuration and credential files.',
  },
  inferenceBedrockBaseUrl: {
    url: 'https-or-loopback',
    since: '1.2581.0',
    readers: ['desktop', 'm365', 'code'],
    providers: ['bedrock', 'mantle'],
    nested: 'inference.baseUrl',
    show: 'host',
    description: 'Replaces the address of Amazon Bedrock, for example with your proxy.',
  },
  inferenceBedrockBearerToken: {
    since: '1.2581.0',
    providers: ['bedrock', 'mantle'],
    credentialKinds: ['static'],
    nested: 'inference.credential.bearerToken',
    description: 'Holds a fixed bearer token for Amazon Bedrock.',
  },
  inferenceBedrockProfile: {
    since: '1.2581.0',
    readers: ['desktop', 'code'],
    providers: ['bedrock'],
    credentialKinds: ['vendor-profile'],
    nested: 'inference.credential.profile',
    description: 'Names the AWS profile to take credentials from.',
  },
  inferenceBedrockRegion: {
    pattern: /^[a-z]{2,}(?:-[a-z]+)+-\d{1,2}$/,
    since: '1.2581.0',
    readers: ['desktop', 'm365', 'code'],
    providers: ['bedrock', 'mantle'],
    nested: 'inference.region',
    show: 'word',
    description: 'Names the AWS region of Amazon Bedrock.',
  },
  inferenceBedrockServiceTier: {
    type: 'enum',
    values: ['flex', 'priority'],
    since: '1.5186.0',
    readers: ['desktop', 'code'],
    providers: ['bedrock'],
    nested: 'inference.serviceTier',
    description: 'Selects the service tier of Amazon Bedrock.',
  },
  inferenceBedrockSsoAccountId: {
    since: '1.6259.0',
    providers: ['bedrock'],
    credentialKinds: ['interactive'],
    nested: 'inference.credential.ssoAccountId',
    description: 'Names the AWS account for sign-in through IAM Identity Center.',
  },
  inferenceBedrockSsoRegion: {
    pattern: /^[a-z]{2,}(?:-[a-z]+)+-\d{1,2}$/,
    since: '1.6259.0',
    providers: ['bedrock'],
    credentialKinds: ['interactive'],
    nested: 'inference.credential.ssoRegion',
    show: 'word',
    description: 'Names the home region of IAM Identity Center.',
  },
  inferenceBedrockSsoRoleName: {
    since: '1.6259.0',
    providers: ['bedrock'],
    credentialKinds: ['interactive'],
    nested: 'inference.credential.ssoRoleName',
    description: 'Names the permission set for sign-in through IAM Identity Center.',
  },
  inferenceBedrockSsoStartUrl: {
    url: 'any',
    since: '1.6259.0',
    providers: ['bedrock'],
    credentialKinds: ['interactive'],
    nested: 'inference.credential.ssoStartUrl',
    show: 'host',
    description: 'Names the start page for sign-in through IAM Identity Center.',
  },
  inferenceCredentialHelper: {
    path: 'local',
    since: '1.2581.0',
    readers: ['desktop', 'code'],
    credentialKinds: ['helper-script'],
    nested: 'inference.credential.command',
    show: 'path',
    description: 'Names the program that prints the credential for requests to the models.',
  },
  inferenceCredentialHelperArgs: {
    type: 'array',
    of: 'string',
    since: '2.110.0',
    readers: ['desktop', 'code'],
    credentialKinds: ['helper-script'],
    nested: 'inference.credential.args',
    description: 'Lists arguments for the credential helper, each passed as written.',
  },
  inferenceCredentialHelperSilentRefreshEnabled: {
    type: 'boolean',
    since: '1.10628.0',
    readers: ['desktop', 'code'],
    credentialKinds: ['helper-script'],
    nested: 'inference.credential.silentRefreshEnabled',
    description: 'Runs the credential helper again, without the user, when the credential expires.',
  },
  inferenceCredentialHelperTimeoutSec: {
    type: 'number',
    min: 1,
    max: 600,
    since: '1.8089.0',
    readers: ['desktop', 'code'],
    credentialKinds: ['helper-script'],
    nested: 'inference.credential.timeoutSec',
    description: 'Sets how many seconds the credential helper may take.',
  },
  inferenceCredentialHelperTtlSec: {
    type: 'number',
    min: 1,
    since: '1.2581.0',
    readers: ['desktop', 'code'],
    credentialKinds: ['helper-script'],
    nested: 'inference.credential.ttlSec',
    description: 'Sets how many seconds the app uses a credential before it asks the helper again.',
  },
  inferenceCredentialHelperWindows: {
    path: 'windows',
    since: '2.2553.0',
    readers: ['desktop', 'code'],
    credentialKinds: ['helper-script'],
    nested: 'inference.credential.commandWindows',
    show: 'path',
    description: 'Names the credential helper for Windows, if it differs from the one for other systems.',
  },
  inferenceCredentialKind: {
    type: 'enum',
    values: ['static', 'helper-script', 'interactive', 'vendor-profile', 'workforce', 'external-idp'],
    since: '1.8555.0',
    valuesSince: { workforce: '1.15200.0', 'external-idp': '2.7032.0' },
    readers: ['desktop', 'm365', 'code'],
    refusedForms: [{ form: 'value', value: 'oauth', refusedFrom: '2026-10-07', instead: 'interactive' }],
    nested: 'inference.credential.kind',
    description: 'Selects where the credential comes from and rules out every other source.',
  },
  inferenceCustomHeaders: {
    type: 'record',
    since: '1.8089.0',
    readers: ['desktop', 'm365', 'code'],
    formerly: { name: 'inferenceGatewayHeaders', refusedFrom: '2026-10-07' },
    refusedForms: ONLY_OBJECTS,
    nested: 'inference.customHeaders',
    description: 'Adds fixed HTTP headers, but no secrets, to every request to the models.',
  },
  inferenceFoundryApiKey: {
    since: '1.2581.0',
    readers: ['desktop', 'm365'],
    providers: ['foundry'],
    credentialKinds: ['static'],
    nested: 'inference.credential.apiKey',
    description: 'Holds the API key of the Foundry resource.',
  },
  inferenceFoundryAuthFlow: {
    type: 'enum',
    values: ['device-code', 'browser', 'broker'],
    since: '1.19367.0',
    valuesSince: { broker: '1.24012.0' },
    providers: ['foundry'],
    credentialKinds: ['interactive'],
    nested: 'inference.credential.authFlow',
    description: "Selects how the app's own sign-in to Entra runs.",
  },
  inferenceFoundryBaseUrl: {
    url: 'https-or-loopback',
    since: '2.110.0',
    readers: ['desktop', 'm365', 'code'],
    providers: ['foundry'],
    nested: 'inference.baseUrl',
    show: 'host',
    description: 'Replaces the address of Microsoft Foundry, for example with your proxy.',
  },
  inferenceFoundryClientId: {
    since: '1.9255.0',
    providers: ['foundry'],
    credentialKinds: ['interactive'],
    nested: 'inference.credential.clientId',
    show: 'directory',
    description: "Identifies the app registration for the app's own sign-in to Entra.",
  },
  inferenceFoundryResource: {
    pattern: /^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/,
    since: '1.2581.0',
    readers: ['desktop', 'm365', 'code'],
    providers: ['foundry'],
    nested: 'inference.resource',
    show: 'resource',
    description: 'Names the Foundry resource, which is the first part of its host name.',
  },
  inferenceFoundryTenantId: {
    since: '1.9255.0',
    providers: ['foundry'],
    credentialKinds: ['interactive'],
    nested: 'inference.credential.tenantId',
    show: 'directory',
    description: "Identifies the Entra tenant for the app's own sign-in.",
  },
  inferenceGatewayApiKey: {
    since: '1.2581.0',
    readers: ['desktop', 'm365'],
    providers: ['gateway'],
    credentialKinds: ['static'],
    nested: 'inference.credential.apiKey',
    description: 'Holds the API key of the gateway.',
  },
  inferenceGatewayAuthScheme: {
    type: 'enum',
    values: ['bearer', 'x-api-key'],
    since: '1.3036.0',
    readers: ['desktop', 'm365', 'code'],
    providers: ['gateway'],
    credentialKinds: ['static', 'helper-script'],
    refusedForms: [{ form: 'value', value: 'auto', refusedFrom: '2026-10-07', instead: 'bearer' }],
    nested: 'inference.credential.authScheme',
    description: 'Selects the HTTP header that carries the credential to the gateway.',
  },
  inferenceGatewayBaseUrl: {
    url: 'https-or-loopback',
    since: '1.2581.0',
    readers: ['desktop', 'm365', 'code'],
    providers: ['gateway'],
    nested: 'inference.baseUrl',
    show: 'host',
    description: 'Names the gateway that requests to the models go to.',
  },
  inferenceGatewayManagedClaudeCode: {
    type: 'boolean',
    since: '2.9939.2',
    readers: ['desktop', 'code'],
    providers: ['gateway'],
    nested: 'inference.gatewayManagedClaudeCode',
    description: 'Lets a gateway with its own sign-in manage Claude Code.',
  },
  inferenceGatewayOidc: {
    type: 'object',
    since: '1.6889.0',
    readers: ['desktop', 'code'],
    providers: ['gateway'],
    credentialKinds: ['interactive'],
    supersededBy: 'inferenceIdpOidc',
    nested: 'inference.credential.oidc',
    description: 'Describes the identity provider for sign-in to the gateway.',
  },
  inferenceGatewayOidcAuthFlow: {
    type: 'enum',
    values: ['browser', 'broker'],
    since: '1.25927.0',
    readers: ['desktop', 'code'],
    providers: ['gateway'],
    credentialKinds: ['interactive'],
    supersededBy: 'inferenceIdpAuthFlow',
    nested: 'inference.credential.authFlow',
    description: "Selects how sign-in to the gateway's identity provider runs.",
  },
  inferenceIdpAuthFlow: {
    type: 'enum',
    values: ['browser', 'broker'],
    since: '2.7032.0',
    providers: ['gateway', 'bedrock'],
    credentialKinds: ['external-idp'],
    nested: 'inference.credential.authFlow',
    description: 'Selects how sign-in to your identity provider runs.',
  },
  inferenceIdpOidc: {
    type: 'object',
    since: '2.7032.0',
    providers: ['gateway', 'bedrock'],
    credentialKinds: ['external-idp'],
    nested: 'inference.credential.oidc',
    description: 'Describes the identity provider whose token goes to the gateway or to Amazon Bedrock.',
  },
  inferenceMaxTokensPerWindow: {
    type: 'number',
    min: 1,
    since: '1.2581.0',
    readers: ['desktop', 'code'],
    nested: 'tokenLimits.maxPerWindow',
    description: 'Caps the tokens that each user may spend in one window.',
  },
  inferenceModelPricing: {
    type: 'array',
    of: 'object',
    since: '1.37937.0',
    readers: ['desktop', 'code'],
    nested: 'models.pricing.models',
    description: 'Sets prices for each model in the estimate of costs.',
  },
  inferenceModelPricingEnabled: {
    type: 'boolean',
    since: '1.37937.0',
    readers: ['desktop', 'code'],
    nested: 'models.pricing.enabled',
    description: 'Shows users an estimate of what their usage costs.',
  },
  inferenceModelPricingMultiplier: {
    type: 'number',
    fraction: true,
    above: 0,
    max: 1,
    since: '1.37937.0',
    readers: ['desktop', 'code'],
    nested: 'models.pricing.multiplier',
    show: 'hidden',
    description: 'Scales every estimated cost, for example by your discount.',
  },
  inferenceModels: {
    type: 'array',
    of: 'union',
    since: '1.2581.0',
    readers: ['desktop', 'm365', 'code'],
    nested: 'models.list',
    show: 'models',
    description: 'Lists the models on offer, with the default one first.',
  },
  inferenceProvider: {
    type: 'enum',
    values: ['gateway', 'anthropic', 'bedrock', 'mantle', 'vertex', 'foundry'],
    since: '1.2581.0',
    valuesSince: { mantle: '1.13576.0' },
    readers: ['desktop', 'm365', 'code'],
    nested: 'inference.provider',
    description: 'Selects the service that runs the models and turns on third-party mode.',
  },
  inferenceSessionLifetimeSec: {
    type: 'number',
    min: 1,
    since: '1.14271.0',
    nested: 'inference.sessionLifetimeSec',
    description: 'Tells the app how long a sign-in lasts so that it can warn users in time.',
  },
  inferenceStreamIdleTimeoutSec: {
    type: 'number',
    min: 300,
    max: 1800,
    since: '1.44121.1',
    readers: ['desktop', 'code'],
    providers: ['gateway'],
    nested: 'inference.streamIdleTimeoutSec',
    description: 'Sets how many seconds the app waits while a gateway sends no output.',
  },
  inferenceTokenWindowHours: {
    type: 'number',
    min: 1,
    max: 720,
    since: '1.2581.0',
    readers: ['desktop', 'code'],
    nested: 'tokenLimits.windowHours',
    description: 'Sets how many hours a window for inferenceMaxTokensPerWindow lasts.',
  },
  inferenceVertexBaseUrl: {
    url: 'https-or-loopback',
    since: '1.2581.0',
    readers: ['desktop', 'm365', 'code'],
    providers: ['vertex'],
    nested: 'inference.baseUrl',
    show: 'host',
    description: 'Replaces the address of Vertex AI, for example with a private endpoint.',
  },
  inferenceVertexCredentialsFile: {
    since: '1.2581.0',
    readers: ['desktop', 'code'],
    providers: ['vertex'],
    credentialKinds: ['vendor-profile'],
    nested: 'inference.credential.credentialsFile',
    show: 'path',
    description: 'Names the file with Google Cloud service account credentials.',
  },
  inferenceVertexOAuthClientId: {
    since: '1.2581.0',
    providers: ['vertex'],
    credentialKinds: ['interactive'],
    nested: 'inference.credential.clientId',
    description: 'Identifies the OAuth client for sign-in with Google.',
  },
  inferenceVertexOAuthClientSecret: {
    since: '1.2581.0',
    providers: ['vertex'],
    credentialKinds: ['interactive'],
    nested: 'inference.credential.clientSecret',
    description: 'Holds the secret of the OAuth client for sign-in with Google.',
  },
  inferenceVertexOAuthLoginHint: {
    since: '1.12603.0',
    providers: ['vertex'],
    credentialKinds: ['interactive'],
    nested: 'inference.credential.loginHint',
    description: 'Fills in the account name when users sign in with Google.',
  },
  inferenceVertexOAuthScopes: {
    since: '1.2581.0',
    providers: ['vertex'],
    credentialKinds: ['interactive'],
    nested: 'inference.credential.scopes',
    description: 'Replaces the scopes that sign-in with Google asks for.',
  },
  inferenceVertexProjectId: {
    pattern: /^[a-z0-9][a-z0-9.:-]*$/,
    since: '1.2581.0',
    readers: ['desktop', 'm365', 'code'],
    providers: ['vertex'],
    nested: 'inference.projectId',
    description: 'Names the Google Cloud project for Vertex AI.',
  },
  inferenceVertexRegion: {
    pattern: /^(?:[a-z]+-[a-z]+\d{1,2}|global|eu|us)$/,
    since: '1.2581.0',
    readers: ['desktop', 'm365', 'code'],
    providers: ['vertex'],
    nested: 'inference.region',
    show: 'word',
    description: 'Names the Google Cloud region of Vertex AI.',
  },
  inferenceVertexWorkforceAudience: {
    since: '1.10628.0',
    providers: ['vertex'],
    credentialKinds: ['workforce'],
    nested: 'inference.credential.audience',
    description: "Names the workforce pool provider that exchanges your users' tokens at Google.",
  },
  inferenceVertexWorkforceAuthFlow: {
    type: 'enum',
    values: ['browser', 'broker'],
    since: '1.25927.0',
    providers: ['vertex'],
    credentialKinds: ['workforce'],
    nested: 'inference.credential.authFlow',
    description: "Selects how sign-in for Google's Workforce Identity runs.",
  },
  inferenceVertexWorkforceOidc: {
    type: 'object',
    since: '1.10628.0',
    providers: ['vertex'],
    credentialKinds: ['workforce'],
    nested: 'inference.credential.oidc',
    description: "Describes the identity provider for Google's Workforce Identity.",
  },
  inferenceVertexWorkforceUserProject: {
    pattern: /^[a-z0-9][a-z0-9.:-]*$/,
    since: '1.10628.0',
    providers: ['vertex'],
    credentialKinds: ['workforce'],
    nested: 'inference.credential.userProject',
    description: 'Names the Google Cloud project that pays for the exchange of tokens.',
  },
  isClaudeCodeForDesktopEnabled: {
    type: 'boolean',
    since: '1.2581.0',
    modes: ['3p', '1p'],
    nested: 'codeSurface.enabled',
    description: 'Shows or hides Code.',
  },
  isDesktopExtensionDirectoryEnabled: {
    type: 'boolean',
    since: '1.2581.0',
    modes: ['1p'],
    formerly: { name: 'isDxtDirectoryEnabled', refusedFrom: '2026-10-07' },
    nested: 'extensions.directoryEnabled',
    description: 'Shows or hides the directory of desktop extensions.',
  },
  isDesktopExtensionEnabled: {
    type: 'boolean',
    since: '1.2581.0',
    modes: ['3p', '1p'],
    formerly: { name: 'isDxtEnabled', refusedFrom: '2026-10-07' },
    nested: 'extensions.enabled',
    description: 'Allows users to install desktop extensions.',
  },
  isDesktopExtensionSignatureRequired: {
    type: 'boolean',
    since: '1.2581.0',
    modes: ['3p', '1p'],
    formerly: { name: 'isDxtSignatureRequired', refusedFrom: '2026-10-07' },
    nested: 'extensions.signatureRequired',
    description: 'Allows only desktop extensions that a trusted publisher signed.',
  },
  isLocalDevMcpEnabled: {
    type: 'boolean',
    since: '1.2581.0',
    modes: ['3p', '1p'],
    readers: ['desktop', 'code'],
    nested: 'mcp.localStdioEnabled',
    description: 'Allows users to add MCP servers that run on their computer.',
  },
  keepAwakeEnabled: {
    type: 'boolean',
    since: '2.7032.0',
    nested: 'workspace.keepAwakeEnabled',
    description: 'Lets Claude keep the computer awake while it works.',
  },
  loginSsoOrgDomain: {
    since: '1.10628.0',
    modes: ['1p'],
    nested: 'authentication.ssoOrgDomain',
    show: 'directory',
    description: 'Offers one-click single sign-on for this email domain.',
  },
  managedMcpServers: {
    type: 'array',
    of: 'union',
    since: '1.2581.0',
    firstPartySince: '1.24012.11',
    modes: ['3p', '1p'],
    readers: ['desktop', 'm365', 'code'],
    refusedForms: [
      { form: 'member', member: 'scopes', refusedFrom: '2026-10-07', instead: 'scope, as one text with spaces' },
      { form: 'member', member: 'authorityHost', refusedFrom: '2026-10-07', instead: 'azureCloud' },
      { form: 'member', member: 'source', refusedFrom: '2026-10-07', instead: 'nothing: remove it' },
      {
        form: 'member',
        member: 'oauth.scopes',
        refusedFrom: '2026-10-07',
        instead: 'oauth.scope, as one text with spaces',
      },
      { form: 'value', value: 'ask-session', refusedFrom: '2026-10-07', instead: 'ask' },
      { form: 'value', value: 'builtin', refusedFrom: '2026-10-07', instead: 'no transport for built-in servers' },
    ],
    nested: 'mcp.managedServers',
    description: 'Lists the MCP servers that your organization provides.',
  },
  mcpPersistentAlwaysAllowEnabled: {
    type: 'boolean',
    since: '1.24012.9',
    nested: 'mcp.persistentAlwaysAllowEnabled',
    description: 'Lets users approve an MCP tool permanently.',
  },
  mcpScheduledTaskApprovalLifetimeDays: {
    type: 'number',
    min: 0,
    max: 3650,
    since: '2.7032.0',
    nested: 'mcp.scheduledTaskApprovalLifetimeDays',
    description: 'Sets how many days a scheduled task may rely on a lasting approval of an MCP tool.',
  },
  mcpToolTimeoutSec: {
    type: 'number',
    min: 60,
    max: 3600,
    since: '1.37937.0',
    readers: ['desktop', 'code'],
    nested: 'mcp.toolTimeoutSec',
    description: 'Sets how many seconds a call to an MCP tool may take.',
  },
  microsoftAuthBroker: {
    type: 'enum',
    values: ['auto', 'disabled', 'required'],
    since: '1.19367.0',
    firstPartySince: '1.24012.11',
    valuesSince: { required: '1.49585.0' },
    modes: ['3p', '1p'],
    nested: 'authentication.microsoftAuthBroker',
    description: "Decides whether sign-in to Microsoft 365 uses the operating system's broker.",
  },
  microsoftAuthDefaultAccount: {
    type: 'enum',
    values: ['enabled', 'disabled'],
    since: '2.26454.0',
    nested: 'authentication.microsoftAuthDefaultAccount',
    description: "Decides whether sign-in to Microsoft 365 uses the account that's signed in to Windows.",
  },
  modelCatalogEnabled: {
    type: 'boolean',
    since: '2.110.0',
    nested: 'models.catalogEnabled',
    description: "Takes the names and descriptions of models from the vendor's published catalog.",
  },
  modelCatalogUrl: {
    url: 'https-or-loopback',
    since: '2.110.0',
    nested: 'models.catalogUrl',
    show: 'host',
    description: 'Fetches the catalog of models from your mirror.',
  },
  modelDiscoveryEnabled: {
    type: 'boolean',
    since: '1.8089.0',
    readers: ['desktop', 'code'],
    nested: 'models.discoveryEnabled',
    description: 'Asks the provider which models it offers.',
  },
  modelPrefer1mContext: {
    type: 'boolean',
    since: '1.28929.0',
    readers: ['desktop', 'code'],
    nested: 'models.prefer1mContext',
    description: 'Uses the context of one million tokens wherever a model offers it.',
  },
  orgPluginSettings: {
    type: 'array',
    of: 'object',
    since: '1.8089.0',
    readers: ['desktop', 'code'],
    refusedForms: [
      { form: 'record', refusedFrom: '2026-10-07', instead: 'a list of objects with serverName and tools' },
      { form: 'value', value: 'ask-session', refusedFrom: '2026-10-07', instead: 'ask' },
    ],
    nested: 'plugins.settings',
    description: 'Decides for MCP servers that come with plugins which tools need approval.',
  },
  organizationInstructions: {
    maxLength: 3000,
    since: '1.37937.0',
    readers: ['desktop', 'code'],
    nested: 'workspace.organizationInstructions',
    description: "Adds your organization's instructions to every session.",
  },
  organizationPluginsUrl: {
    url: 'https',
    since: '1.10628.0',
    retired: { refusedFrom: '2026-10-07', instead: 'an entry of allowedPluginMarketplaces with the source "url"' },
    nested: 'plugins.remoteUrl',
    show: 'host',
    description: "Names a server that delivers your organization's plugins.",
  },
  otlpAuthMode: {
    type: 'enum',
    values: ['none', 'inference-credential'],
    since: '1.30096.1',
    readers: ['desktop', 'code'],
    nested: 'otlp.authMode',
    description: "Decides whether the user's credential for the models also goes to the telemetry collector.",
  },
  otlpContentCapture: {
    type: 'array',
    of: 'enum',
    values: ['userPrompts', 'assistantResponses', 'toolDetails', 'toolContent', 'rawApiBodies'],
    since: '1.15962.0',
    modes: ['3p', '1p'],
    readers: ['desktop', 'm365', 'code'],
    nested: 'otlp.contentCapture',
    description: 'Lists which content your telemetry collector receives without redaction.',
  },
  otlpDesktopLogLevel: {
    type: 'enum',
    values: ['off', 'error', 'warn', 'info', 'debug'],
    since: '1.9255.0',
    nested: 'otlp.desktopLogLevel',
    description: 'Selects which events of the app itself your telemetry collector receives.',
  },
  otlpEndpoint: {
    url: 'any',
    since: '1.2581.0',
    readers: ['desktop', 'm365', 'code'],
    nested: 'otlp.endpoint',
    show: 'host',
    description: 'Names the OpenTelemetry collector that receives logs and metrics.',
  },
  otlpHeaders: {
    type: 'record',
    since: '1.2581.0',
    readers: ['desktop', 'm365', 'code'],
    refusedForms: ONLY_OBJECTS,
    nested: 'otlp.headers',
    description: 'Adds fixed HTTP headers to requests to the telemetry collector.',
  },
  otlpHeadersHelper: {
    path: 'local',
    since: '1.30096.1',
    readers: ['desktop', 'code'],
    nested: 'otlp.headersHelper',
    show: 'path',
    description: 'Names a program that prints HTTP headers for the telemetry collector as a JSON object.',
  },
  otlpProtocol: {
    type: 'enum',
    values: ['http/protobuf', 'http/json', 'grpc'],
    since: '1.2581.0',
    readers: ['desktop', 'm365', 'code'],
    nested: 'otlp.protocol',
    description: 'Selects the protocol for the telemetry collector.',
  },
  otlpResourceAttributes: {
    type: 'record',
    since: '1.5354.0',
    readers: ['desktop', 'm365', 'code'],
    refusedForms: ONLY_OBJECTS,
    nested: 'otlp.resourceAttributes',
    description: 'Adds fixed attributes to everything the telemetry collector receives.',
  },
  otlpTracesEnabled: {
    type: 'boolean',
    since: '1.22209.0',
    readers: ['desktop', 'm365', 'code'],
    nested: 'otlp.tracesEnabled',
    description: 'Also sends traces to the telemetry collector.',
  },
  quickWriteEnabled: {
    type: 'boolean',
    since: '2.26454.0',
    modes: ['1p'],
    mayBeManagedAlone: true,
    nested: 'workspace.quickWriteEnabled',
    description: 'Offers Quick Write on managed computers.',
  },
  relaunchEnforcementHours: {
    type: 'number',
    min: 0,
    max: 336,
    since: '1.40609.0',
    mayBeManagedAlone: true,
    nested: 'lifecycle.relaunchEnforcementHours',
    description: 'Sets how many hours users may keep working after the managed configuration changes.',
  },
  relocateUncUserData: {
    type: 'boolean',
    since: '1.32352.0',
    modes: ['1p'],
    mayBeManagedAlone: true,
    nested: 'workspace.relocateUncUserData',
    description: "Keeps the app's data on the computer if its folder is on a network share.",
  },
  requireCoworkFullVmSandbox: {
    type: 'boolean',
    since: '1.2581.0',
    modes: ['1p'],
    nested: 'workspace.requireFullVmSandbox',
    description: "Runs all of Cowork's tools inside a virtual machine.",
  },
  scheduledTasksEnabled: {
    type: 'boolean',
    since: '2.110.0',
    readers: ['desktop', 'code'],
    nested: 'workspace.scheduledTasksEnabled',
    description: 'Allows tasks that run on a schedule.',
  },
  secureVmFeaturesEnabled: {
    type: 'boolean',
    since: '1.2581.0',
    modes: ['1p'],
    nested: 'workspace.secureVmEnabled',
    description: 'Turns on additional isolation of the Cowork virtual machine.',
  },
  selfHostedToken: {
    since: '2.16120.0',
    nested: 'selfHosted.credential.bearerToken',
    description: 'Holds a fixed bearer token for your own session host.',
  },
  selfHostedUrl: {
    url: 'https-or-loopback',
    since: '2.16120.0',
    nested: 'selfHosted.url',
    show: 'host',
    description: 'Names your own host for sessions.',
  },
  sessionRetentionHold: {
    type: 'boolean',
    since: '1.52386.0',
    nested: 'sessionRetention.legalHold',
    description: 'Suspends all automatic deletion of sessions, for example during a legal hold.',
  },
  sharingEndpoint: {
    type: 'object',
    since: '2.9939.2',
    nested: 'plugins.sharingEndpoint',
    description: 'Names the server that receives skills and plugins users publish to your organization.',
  },
  skillCreationEnabled: {
    type: 'boolean',
    since: '1.25927.0',
    readers: ['desktop', 'code'],
    nested: 'workspace.skillCreationEnabled',
    description: 'Allows users to create and upload skills.',
  },
  skipWebFetchPreflight: {
    type: 'boolean',
    since: '1.37937.0',
    readers: ['desktop', 'code'],
    nested: 'workspace.skipWebFetchPreflight',
    description: 'Skips the check of each web address with the vendor before Claude Code fetches it.',
  },
  sshClientPath: {
    path: 'local',
    since: '1.46388.1',
    nested: 'codeSurface.sshClientPath',
    show: 'path',
    description: 'Names the ssh program for SSH sessions.',
  },
  sshHostAllowlist: {
    type: 'array',
    of: 'string',
    since: '1.40609.0',
    nested: 'codeSurface.sshHostAllowlist',
    description: 'Lists the SSH hosts that Code sessions may connect to.',
  },
  sshTransport: {
    type: 'enum',
    values: ['auto', 'system-openssh', 'builtin'],
    since: '1.52386.0',
    nested: 'codeSurface.sshTransport',
    description: 'Selects the SSH implementation for Code sessions.',
  },
  toolSearchEnabled: {
    type: 'boolean',
    since: '1.21459.0',
    readers: ['desktop', 'code'],
    nested: 'workspace.toolSearchEnabled',
    description: 'Loads the descriptions of MCP tools only when they are needed.',
  },
  trustBootstrapDelivery: {
    type: 'boolean',
    since: '1.26832.0',
    formerly: { name: 'trustBootstrapLocalExec', refusedFrom: '2026-10-07' },
    nested: 'bootstrap.trustBootstrapDelivery',
    description: 'Skips asking users for consent to sensitive settings that the bootstrap server delivers.',
  },
  updateViaUpdatesHost: {
    type: 'boolean',
    since: '1.26832.0',
    mayBeManagedAlone: true,
    nested: 'autoUpdate.viaUpdatesHost',
    description: 'Fetches the list of updates from releases.claude.com instead of api.anthropic.com.',
  },
  usageMetricsEnabled: {
    type: 'boolean',
    since: '1.46388.1',
    readers: ['desktop', 'code'],
    hostedOnly: true,
    nested: 'telemetry.usageMetrics',
    description: 'Reports the number of tokens and sessions per user to your Claude.ai organization.',
  },
  userContentRendererUrl: {
    url: 'https-no-loopback',
    since: '1.24012.0',
    nested: 'workspace.userContentRendererUrl',
    show: 'host',
    description: 'Names the server that shows previews of artifacts and files.',
  },
  userPluginMarketplacesEnabled: {
    type: 'boolean',
    since: '1.37937.0',
    nested: 'plugins.userPluginMarketplacesEnabled',
    description: 'Allows users to add plugin marketplaces.',
  },
  userPluginUploadsEnabled: {
    type: 'boolean',
    since: '1.37937.0',
    nested: 'plugins.userPluginUploadsEnabled',
    description: 'Allows users to add their own plugins.',
  },
} as const satisfies Readonly<Record<string, DesktopKeyEntry>>;

export type DesktopKeyName = keyof typeof desktopKeys;

export const desktopKeyNames = Object.keys(desktopKeys) as readonly DesktopKeyName[];

export function isDesktopKey(name: string): name is DesktopKeyName {
  return Object.hasOwn(desktopKeys, name);
}

export function desktopKey(name: DesktopKeyName): DesktopKey {
  const { type = 'string', ...entry }: DesktopKeyEntry = desktopKeys[name];
  return { type, modes: ['3p'], show: DISPLAY_OF_TYPE[type] ?? 'hidden', ...entry };
}
