// The settings with which Claude Code takes its tokens from this program.
// https://code.claude.com/docs/en/microsoft-foundry and https://code.claude.com/docs/en/model-config
import type { Values } from '../config/configuration.ts';
import { familyOf, type Model } from '../config/models.ts';
import { AppError } from '../core/errors.ts';

export interface ClaudeCodeSettings {
  /** Run by the system's shell. */
  readonly apiKeyHelper: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface ManagedClaudeCodeSettings extends ClaudeCodeSettings {
  readonly parentSettingsBehavior: 'merge';
}

export interface ClaudeCodeOptions {
  /** How this program is run: its path, or Node's and the entry's. */
  readonly command: readonly string[];
  readonly isWindows: boolean;
  /** Takes the place of `baseUrl` and `foundryResource`: a private endpoint or a gateway, with its path. */
  readonly baseUrl?: string | undefined;
}

/** Claude Code's own default, written down because a helper run sooner than that means "rejected" to the agent. */
const TTL_MS = 300_000;

/** Claude Code asks for a model of each tier; without one of these variables, for its own default, which may fail. */
const TIERS = ['haiku', 'sonnet', 'opus', 'fable'] as const;

/** The names in `env` that `claudeCodeSettings` writes, except the models. */
export const SWITCHES = [
  'CLAUDE_CODE_USE_FOUNDRY',
  'CLAUDE_CODE_SKIP_FOUNDRY_AUTH',
  'CLAUDE_CODE_API_KEY_HELPER_TTL_MS',
  'ANTHROPIC_FOUNDRY_BASE_URL',
  'ANTHROPIC_FOUNDRY_RESOURCE',
] as const;

/**
 * For a user's settings.json.
 * @throws AppError ERR_CONFIG_MISSING without an address, ERR_CONFIG_INVALID with an API key
 */
export function claudeCodeSettings(values: Values, options: ClaudeCodeOptions): ClaudeCodeSettings {
  if (values.credential === 'api-key') {
    const detail = '"credential" is "api-key": Claude Code would send the key as a token, which Foundry refuses';
    throw new AppError('ERR_CONFIG_INVALID', { detail });
  }
  return {
    apiKeyHelper: [...options.command.map((word) => quoted(word, options.isWindows)), 'claude-code token'].join(' '),
    env: {
      CLAUDE_CODE_USE_FOUNDRY: '1',
      // Otherwise Claude Code asks the Azure SDK for a token and drops what the helper printed.
      CLAUDE_CODE_SKIP_FOUNDRY_AUTH: '1',
      CLAUDE_CODE_API_KEY_HELPER_TTL_MS: String(TTL_MS),
      ...address(values, options.baseUrl),
      ...modelSettings(values),
    },
  };
}

/**
 * For managed settings only: without `parentSettingsBehavior`, this file would silently replace the sandbox, network,
 * and permission rules that Claude Desktop passes to its own Claude Code.
 * @throws AppError as `claudeCodeSettings`
 */
export function managedClaudeCodeSettings(values: Values, options: ClaudeCodeOptions): ManagedClaudeCodeSettings {
  return { ...claudeCodeSettings(values, options), parentSettingsBehavior: 'merge' };
}

function address(values: Values, option: string | undefined): Readonly<Record<string, string>> {
  const baseUrl = option ?? values.baseUrl;
  if (baseUrl !== undefined) return { ANTHROPIC_FOUNDRY_BASE_URL: baseUrl };
  if (values.cloud !== undefined && values.cloud !== 'public') {
    throw new AppError('ERR_CONFIG_MISSING', { detail: `the cloud "${values.cloud}" needs "baseUrl" or --base-url` });
  }
  if (values.foundryResource === undefined) {
    const detail = 'Claude Code needs "foundryResource", "baseUrl", or --base-url';
    throw new AppError('ERR_CONFIG_MISSING', { detail });
  }
  return { ANTHROPIC_FOUNDRY_RESOURCE: values.foundryResource };
}

/**
 * The models as variables: the first is the default until the user chooses another one, and replaces a tier that
 * has no deployment.
 */
export function modelSettings({ models = [] }: Pick<Values, 'models'>): Readonly<Record<string, string>> {
  const [first] = models;
  if (first === undefined) return {};
  const tiers = TIERS.map((tier) => [
    `ANTHROPIC_DEFAULT_${tier.toUpperCase()}_MODEL`,
    modelText(models.find((model) => familyOf(model) === tier) ?? first),
  ]);
  return { ANTHROPIC_DEFAULT_MODEL: modelText(first), ...(Object.fromEntries(tiers) as Record<string, string>) };
}

/** Claude Code cuts the suffix off before it sends the name; it says that the model takes a million tokens. */
const modelText = ({ name, supports1m }: Model): string => (supports1m === true ? `${name}[1m]` : name);

/** For sh, cmd, and Git's bash, whichever Claude Code finds. */
function quoted(word: string, isWindows: boolean): string {
  if (isWindows) return `"${word}"`;
  return /^[\w./+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
