// Setups that people have, or had when they asked for help, with what the real client made of each.
import { dropIn, type Given, LOCAL, MANAGED, PROJECT, type Setup, STATE, USER } from './setup.ts';

const stale = { apiKeyHelper: 'echo stale' };
const staleToken = { env: { ANTHROPIC_AUTH_TOKEN: 'stale' } };
const noToken = { env: { ANTHROPIC_AUTH_TOKEN: '' } };
const text = (given: Given): string => JSON.stringify(given.ours);

/** A setup whose only file is the user's. */
const user = (
  name: string,
  verdict: Setup['verdict'],
  client: Setup['client'],
  content: (given: Given) => object | string | Buffer,
  culprit?: string,
): Setup => ({
  name,
  verdict,
  client,
  files: (given) => ({ [USER]: content(given) as Record<string, unknown> }),
  ...(culprit === undefined ? {} : { culprit }),
});

/** A setup with this program's settings in the user's file, and other settings in another place. */
const besides = (
  name: string,
  verdict: Setup['verdict'],
  client: Setup['client'],
  files: NonNullable<Setup['files']>,
  culprit?: string,
): Setup => ({
  name,
  verdict,
  client,
  files: (given) => ({ [USER]: { ...given.ours }, ...files(given) }),
  ...(culprit === undefined ? {} : { culprit }),
});

const basics: readonly Setup[] = [
  { name: 'nothing at all', verdict: 'not-configured', client: 'none', culprit: 'apiKeyHelper' },
  user('the user file as configure writes it', 'works', 'ours', ({ ours }) => ours),
  user('another helper', 'not-configured', 'other', (given) => given.with({}, stale), 'apiKeyHelper'),
  user(
    'a helper of ours that is gone',
    'conflict',
    'other',
    ({ ours }) => ({ ...ours, apiKeyHelper: '/gone/foundry-credential-helper claude-code token' }),
    'apiKeyHelper',
  ),
  user('our helper within a shell', 'works', 'ours', ({ ours }) => ({
    ...ours,
    apiKeyHelper: `sh -c "${ours.apiKeyHelper}"`,
  })),
  user('our helper as "token", found on PATH', 'works', 'ours', (given) =>
    given.with({}, { apiKeyHelper: 'foundry-credential-helper token' }),
  ),
  user(
    'our program with a command that prints no token',
    'not-configured',
    'other',
    (given) => given.with({}, { apiKeyHelper: 'foundry-credential-helper status' }),
    'apiKeyHelper',
  ),
  user(
    'the helper alone',
    'incomplete',
    'none',
    ({ ours: { apiKeyHelper } }) => ({ apiKeyHelper }),
    'env.CLAUDE_CODE_USE_FOUNDRY',
  ),
  user(
    'without CLAUDE_CODE_SKIP_FOUNDRY_AUTH',
    'incomplete',
    'none',
    (given) => given.without('CLAUDE_CODE_SKIP_FOUNDRY_AUTH'),
    'env.CLAUDE_CODE_SKIP_FOUNDRY_AUTH',
  ),
  user(
    'CLAUDE_CODE_SKIP_FOUNDRY_AUTH off',
    'incomplete',
    'none',
    (given) => given.with({ CLAUDE_CODE_SKIP_FOUNDRY_AUTH: 'false' }),
    'env.CLAUDE_CODE_SKIP_FOUNDRY_AUTH',
  ),
  user(
    'CLAUDE_CODE_USE_FOUNDRY "0"',
    'incomplete',
    'none',
    (given) => given.with({ CLAUDE_CODE_USE_FOUNDRY: '0' }),
    'env.CLAUDE_CODE_USE_FOUNDRY',
  ),
  user(
    'CLAUDE_CODE_USE_FOUNDRY "enabled", which is off',
    'incomplete',
    'none',
    (given) => given.with({ CLAUDE_CODE_USE_FOUNDRY: 'enabled' }),
    'env.CLAUDE_CODE_USE_FOUNDRY',
  ),
  user('switches as true and " Yes "', 'works', 'ours', (given) =>
    given.with({ CLAUDE_CODE_USE_FOUNDRY: true, CLAUDE_CODE_SKIP_FOUNDRY_AUTH: ' Yes ' }),
  ),
  user(
    'without an address',
    'incomplete',
    'none',
    (given) => given.without('ANTHROPIC_FOUNDRY_RESOURCE'),
    'env.ANTHROPIC_FOUNDRY_RESOURCE',
  ),
  user(
    'resource and base URL',
    'conflict',
    'none',
    (given) => given.with({ ANTHROPIC_FOUNDRY_BASE_URL: 'https://x.services.ai.azure.com/anthropic' }),
    'env.ANTHROPIC_FOUNDRY_BASE_URL',
  ),
  user('resource, and a base URL that is off', 'works', 'ours', (given) =>
    given.with({ ANTHROPIC_FOUNDRY_BASE_URL: '' }),
  ),
  user('a base URL of a gateway', 'works', 'ours', (given) =>
    given.with({ ANTHROPIC_FOUNDRY_RESOURCE: '', ANTHROPIC_FOUNDRY_BASE_URL: given.gateway }),
  ),
  user(
    'a base URL that is none',
    'conflict',
    'none',
    (given) => given.with({ ANTHROPIC_FOUNDRY_RESOURCE: '', ANTHROPIC_FOUNDRY_BASE_URL: 'contoso' }),
    'env.ANTHROPIC_FOUNDRY_BASE_URL',
  ),
  user(
    'an address as the resource',
    'conflict',
    'none',
    (given) => given.with({ ANTHROPIC_FOUNDRY_RESOURCE: 'https://x.services.ai.azure.com' }),
    'env.ANTHROPIC_FOUNDRY_RESOURCE',
  ),
  user('the resource in capitals', 'works', 'ours', (given) =>
    given.with({ ANTHROPIC_FOUNDRY_RESOURCE: given.ours.env['ANTHROPIC_FOUNDRY_RESOURCE']?.toUpperCase() }),
  ),
];

const credentials: readonly Setup[] = [
  user(
    'ANTHROPIC_AUTH_TOKEN, as LiteLLM has it',
    'conflict',
    'other',
    (given) => given.with({ ANTHROPIC_AUTH_TOKEN: 'stale' }),
    'env.ANTHROPIC_AUTH_TOKEN',
  ),
  user(
    'ANTHROPIC_AUTH_TOKEN "0", which is on',
    'conflict',
    'other',
    (given) => given.with({ ANTHROPIC_AUTH_TOKEN: '0' }),
    'env.ANTHROPIC_AUTH_TOKEN',
  ),
  user(
    'ANTHROPIC_AUTH_TOKEN null, which is on',
    'conflict',
    'other',
    (given) => given.with({ ANTHROPIC_AUTH_TOKEN: null }),
    'env.ANTHROPIC_AUTH_TOKEN',
  ),
  user('ANTHROPIC_AUTH_TOKEN empty', 'works', 'ours', (given) => given.with({ ANTHROPIC_AUTH_TOKEN: '' })),
  user(
    'ANTHROPIC_FOUNDRY_AUTH_TOKEN',
    'conflict',
    'other',
    (given) => given.with({ ANTHROPIC_FOUNDRY_AUTH_TOKEN: 'stale' }),
    'env.ANTHROPIC_FOUNDRY_AUTH_TOKEN',
  ),
  user('ANTHROPIC_FOUNDRY_AUTH_TOKEN blank', 'works', 'ours', (given) =>
    given.with({ ANTHROPIC_FOUNDRY_AUTH_TOKEN: ' ' }),
  ),
  user(
    'ANTHROPIC_FOUNDRY_API_KEY',
    'conflict',
    'other',
    (given) => given.with({ ANTHROPIC_FOUNDRY_API_KEY: 'stale' }),
    'env.ANTHROPIC_FOUNDRY_API_KEY',
  ),
  user(
    'ANTHROPIC_FOUNDRY_API_KEY blank, which is on',
    'conflict',
    'none',
    (given) => given.with({ ANTHROPIC_FOUNDRY_API_KEY: ' ' }),
    'env.ANTHROPIC_FOUNDRY_API_KEY',
  ),
  user('ANTHROPIC_FOUNDRY_API_KEY empty', 'works', 'ours', (given) => given.with({ ANTHROPIC_FOUNDRY_API_KEY: '' })),
  user('ANTHROPIC_API_KEY and an OAuth token, which Foundry ignores', 'works', 'ours', (given) =>
    given.with({ ANTHROPIC_API_KEY: 'stale', CLAUDE_CODE_OAUTH_TOKEN: 'stale' }),
  ),
  besides('a sign-in to claude.ai, which Foundry ignores', 'works', 'ours', () => ({
    'HOME/.claude/.credentials.json': {
      claudeAiOauth: {
        accessToken: 'stale',
        refreshToken: 'stale',
        expiresAt: 4_102_444_800_000,
        scopes: ['user:inference'],
      },
    },
  })),
  user('an Authorization header of the user, which the helper replaces', 'works', 'ours', (given) =>
    given.with({ ANTHROPIC_CUSTOM_HEADERS: 'Authorization: Bearer stale' }),
  ),
  user(
    'CLAUDE_CODE_USE_BEDROCK',
    'conflict',
    'none',
    (given) => given.with({ CLAUDE_CODE_USE_BEDROCK: '1' }),
    'env.CLAUDE_CODE_USE_BEDROCK',
  ),
  user('CLAUDE_CODE_USE_BEDROCK "0"', 'works', 'ours', (given) => given.with({ CLAUDE_CODE_USE_BEDROCK: '0' })),
  user('Vertex, Mantle, AWS, Google Cloud, which Foundry outranks', 'works', 'ours', (given) =>
    given.with({
      CLAUDE_CODE_USE_VERTEX: '1',
      CLAUDE_CODE_USE_MANTLE: '1',
      CLAUDE_CODE_USE_ANTHROPIC_AWS: '1',
      CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD: '1',
    }),
  ),
];

const environment: readonly Setup[] = [
  {
    ...besides('ANTHROPIC_AUTH_TOKEN in the shell', 'conflict', 'other', () => ({}), 'ANTHROPIC_AUTH_TOKEN'),
    env: () => ({ ANTHROPIC_AUTH_TOKEN: 'stale' }),
  },
  {
    ...user('the same, switched off in the file', 'works', 'ours', (given) => given.with(noToken.env)),
    env: () => ({ ANTHROPIC_AUTH_TOKEN: 'stale' }),
  },
  {
    ...besides('ANTHROPIC_FOUNDRY_BASE_URL in the shell', 'conflict', 'none', () => ({}), 'ANTHROPIC_FOUNDRY_BASE_URL'),
    env: () => ({ ANTHROPIC_FOUNDRY_BASE_URL: 'https://x.services.ai.azure.com/anthropic' }),
  },
  {
    ...besides('another resource in the shell, which the file outranks', 'works', 'ours', () => ({})),
    env: () => ({ ANTHROPIC_FOUNDRY_RESOURCE: 'elsewhere' }),
  },
  {
    ...user('all variables in the shell', 'works', 'ours', ({ ours: { apiKeyHelper } }) => ({ apiKeyHelper })),
    env: ({ ours }) => ours.env,
  },
  {
    ...besides('bare mode by CLAUDE_CODE_SIMPLE', 'conflict', 'other', () => ({}), 'CLAUDE_CODE_SIMPLE'),
    env: () => ({ CLAUDE_CODE_SIMPLE: '1' }),
  },
  {
    ...besides(
      'a terminal that Claude Desktop supplies',
      'conflict',
      'none',
      () => ({}),
      'CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST',
    ),
    env: () => ({ CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: '1' }),
  },
  {
    name: 'CLAUDE_CONFIG_DIR',
    verdict: 'works',
    client: 'ours',
    files: ({ ours }) => ({ 'HOME/elsewhere/settings.json': { ...ours } }),
    env: () => ({ CLAUDE_CONFIG_DIR: 'HOME/elsewhere' }),
  },
  {
    ...besides(
      'CLAUDE_CONFIG_DIR, and our settings in the usual place',
      'not-configured',
      'none',
      () => ({}),
      'apiKeyHelper',
    ),
    env: () => ({ CLAUDE_CONFIG_DIR: 'HOME/elsewhere' }),
  },
  {
    name: 'CLAUDE_CONFIG_DIR empty, which is the folder of the start',
    verdict: 'works',
    client: 'ours',
    files: ({ ours }) => ({ 'PROJECT/settings.json': { ...ours } }),
    env: () => ({ CLAUDE_CONFIG_DIR: '' }),
  },
  besides(
    "variables in Claude Code's state",
    'conflict',
    'other',
    () => ({ [STATE]: staleToken }),
    'env.ANTHROPIC_AUTH_TOKEN',
  ),
  besides("Claude Code's state broken", 'conflict', 'none', () => ({ [STATE]: '{' }), '.claude.json'),
];

const folders: readonly Setup[] = [
  besides('another helper of the project', 'conflict', 'other', () => ({ [PROJECT]: stale }), 'apiKeyHelper'),
  besides('another helper in local settings', 'conflict', 'other', () => ({ [LOCAL]: stale }), 'apiKeyHelper'),
  besides(
    'the helper switched off in local settings',
    'conflict',
    'other',
    () => ({ [LOCAL]: { apiKeyHelper: '' } }),
    'apiKeyHelper',
  ),
  besides(
    'another helper of the project, and ours in local settings',
    'works',
    'ours',
    ({ ours: { apiKeyHelper } }) => ({ [PROJECT]: stale, [LOCAL]: { apiKeyHelper } }),
  ),
  besides('a token of the project', 'conflict', 'other', () => ({ [PROJECT]: staleToken }), 'env.ANTHROPIC_AUTH_TOKEN'),
  besides('a token of the project, off in local settings', 'works', 'ours', () => ({
    [PROJECT]: staleToken,
    [LOCAL]: noToken,
  })),
  besides(
    'another resource of the project',
    'conflict',
    'none',
    () => ({ [PROJECT]: { env: { ANTHROPIC_FOUNDRY_RESOURCE: 'elsewhere' } } }),
    'env.ANTHROPIC_FOUNDRY_RESOURCE',
  ),
  {
    name: 'all of it in the project',
    verdict: 'works',
    client: 'ours',
    files: ({ ours }) => ({ [PROJECT]: { ...ours } }),
  },
  {
    ...besides(
      'another helper in local settings at the root of the repository',
      'conflict',
      'other',
      () => ({ [LOCAL]: stale }),
      'apiKeyHelper',
    ),
    subfolder: 'sub',
  },
  {
    ...besides('another helper of the project at the root of the repository', 'works', 'ours', () => ({
      [PROJECT]: stale,
    })),
    subfolder: 'sub',
  },
  besides('bare mode of the project, which is ignored', 'works', 'ours', () => ({
    [PROJECT]: { env: { CLAUDE_CODE_SIMPLE: '1' } },
  })),
  besides('a broken project file', 'works', 'ours', () => ({ [PROJECT]: '{' })),
  besides('another helper in a project file that is ignored for a wrong type', 'works', 'ours', () => ({
    [PROJECT]: { ...stale, permissions: [] },
  })),
];

const managed: readonly Setup[] = [
  { name: 'managed settings', verdict: 'works', client: 'ours', files: ({ ours }) => ({ [MANAGED]: { ...ours } }) },
  {
    name: 'a drop-in, as config export writes it',
    verdict: 'works',
    client: 'ours',
    files: ({ ours }) => ({
      [dropIn('50-foundry-credential-helper.json')]: { ...ours, parentSettingsBehavior: 'merge' },
    }),
  },
  {
    name: 'managed settings over another helper of the user',
    verdict: 'works',
    client: 'ours',
    files: ({ ours }) => ({ [USER]: stale, [MANAGED]: { ...ours } }),
  },
  {
    name: 'managed settings and a token of the user',
    verdict: 'conflict',
    client: 'other',
    culprit: 'env.ANTHROPIC_AUTH_TOKEN',
    files: ({ ours }) => ({ [USER]: staleToken, [MANAGED]: { ...ours } }),
  },
  {
    name: 'the helper managed, the variables of the user',
    verdict: 'works',
    client: 'ours',
    files: ({ ours: { apiKeyHelper, env } }) => ({ [USER]: { env }, [MANAGED]: { apiKeyHelper } }),
  },
  besides('another managed helper', 'conflict', 'other', () => ({ [MANAGED]: stale }), 'apiKeyHelper'),
  besides(
    'a token in a drop-in',
    'conflict',
    'other',
    () => ({ [dropIn('50.json')]: staleToken }),
    'env.ANTHROPIC_AUTH_TOKEN',
  ),
  besides('a token in a drop-in, off in a later one', 'works', 'ours', () => ({
    [dropIn('10.json')]: staleToken,
    [dropIn('9.json')]: noToken,
  })),
  besides(
    'a token in a drop-in, off in an earlier one',
    'conflict',
    'other',
    () => ({ [dropIn('10.json')]: noToken, [dropIn('20.json')]: staleToken }),
    'env.ANTHROPIC_AUTH_TOKEN',
  ),
  besides('drop-ins by capital letters', 'works', 'ours', () => ({
    [dropIn('B.json')]: staleToken,
    [dropIn('a.json')]: noToken,
  })),
  besides('drop-ins that are none', 'works', 'ours', () => ({
    [dropIn('.50.json')]: stale,
    [dropIn('50.JSON')]: stale,
    [dropIn('50.json.bak')]: stale,
    [dropIn('sub/50.json')]: stale,
    [dropIn('60.json')]: 'dangling link',
  })),
  besides('a broken drop-in', 'conflict', 'none', () => ({ [dropIn('50.json')]: '{' }), '50.json'),
  besides(
    'managed settings with a comment',
    'conflict',
    'none',
    () => ({ [MANAGED]: '// ours\n{}' }),
    'managed-settings.json',
  ),
  besides('managed settings without content', 'works', 'ours', () => ({ [MANAGED]: '' })),
  besides(
    "a folder in the managed file's place",
    'conflict',
    'none',
    () => ({ [`${MANAGED}/x`]: '' }),
    'managed-settings.json',
  ),
  besides('a managed helper of a wrong type, which is ignored', 'works', 'ours', () => ({
    [MANAGED]: { apiKeyHelper: 7 },
  })),
  besides(
    'managed settings for another provider',
    'conflict',
    'none',
    () => ({ [MANAGED]: { env: { CLAUDE_CODE_USE_FOUNDRY: '0', CLAUDE_CODE_USE_BEDROCK: '1' } } }),
    'env.CLAUDE_CODE_USE_BEDROCK',
  ),
  besides(
    'allowedProviders without Foundry',
    'conflict',
    'none',
    () => ({ [MANAGED]: { allowedProviders: ['bedrock'] } }),
    'allowedProviders',
  ),
  besides('allowedProviders, and Foundry in a drop-in', 'works', 'ours', () => ({
    [MANAGED]: { allowedProviders: ['bedrock'] },
    [dropIn('50.json')]: { allowedProviders: ['foundry'] },
  })),
  {
    name: "allowedProviders and a gateway of the user's",
    verdict: 'conflict',
    client: 'none',
    culprit: 'allowedProviders',
    files: (given) => ({
      [USER]: given.with({ ANTHROPIC_FOUNDRY_RESOURCE: '', ANTHROPIC_FOUNDRY_BASE_URL: given.gateway }),
      [MANAGED]: { allowedProviders: ['foundry', 'customEndpoint'] },
    }),
  },
  {
    name: 'allowedProviders and a managed gateway',
    verdict: 'works',
    client: 'ours',
    files: (given) => ({
      [MANAGED]: {
        ...given.with({ ANTHROPIC_FOUNDRY_RESOURCE: '', ANTHROPIC_FOUNDRY_BASE_URL: given.gateway }),
        allowedProviders: ['foundry', 'customEndpoint'],
      },
    }),
  },
  besides(
    'forceLoginMethod',
    'conflict',
    'none',
    () => ({ [MANAGED]: { forceLoginMethod: 'claudeai' } }),
    'forceLoginMethod',
  ),
  user("forceLoginMethod of the user's, which is ignored", 'works', 'ours', (given) =>
    given.with({}, { forceLoginMethod: 'claudeai' }),
  ),
  besides(
    'forceLoginOrgUUID, even empty',
    'conflict',
    'none',
    () => ({ [dropIn('50.json')]: { forceLoginOrgUUID: [] } }),
    'forceLoginOrgUUID',
  ),
  besides(
    'a program for managed settings',
    'unclear',
    'none',
    () => ({ [MANAGED]: { policyHelper: { path: '/bin/false' } } }),
    'policyHelper',
  ),
  besides('cached settings of a server, which Foundry ignores', 'works', 'ours', () => ({
    'HOME/.claude/remote-settings.json': stale,
  })),
];

const files: readonly Setup[] = [
  user('a byte order mark', 'works', 'ours', (given) => `\uFEFF${text(given)}`),
  user('UTF-16', 'works', 'ours', (given) => Buffer.from(`\uFEFF${text(given)}`, 'utf16le')),
  user('a comment', 'conflict', 'none', (given) => `// mine\n${text(given)}`, 'settings.json'),
  user('a comma at the end', 'conflict', 'none', (given) => text(given).replace(/\}$/, ',}'), 'settings.json'),
  user('a key twice, another helper first', 'works', 'ours', (given) =>
    text(given).replace('{', '{"apiKeyHelper":"echo stale",'),
  ),
  user(
    'a key twice, another helper last',
    'not-configured',
    'other',
    (given) => text(given).replace(/\}$/, ',"apiKeyHelper":"echo stale"}'),
    'apiKeyHelper',
  ),
  user('an empty file', 'not-configured', 'none', () => '', 'apiKeyHelper'),
  user('a list', 'conflict', 'none', () => '[]', 'settings.json'),
  user(
    'a wrong type elsewhere, for which the whole file is ignored',
    'conflict',
    'none',
    (given) => given.with({}, { cleanupPeriodDays: '30' }),
    'settings.json',
  ),
  user('"env" as a list', 'conflict', 'none', ({ ours }) => ({ ...ours, env: [] }), 'settings.json'),
];

export const TOPICS: Readonly<Record<string, readonly Setup[]>> = {
  basics,
  credentials,
  environment,
  folders,
  managed,
  files,
};
