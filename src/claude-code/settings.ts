// What Claude Code is to be told so that it takes its tokens from this program.
// https://code.claude.com/docs/en/microsoft-foundry and https://code.claude.com/docs/en/settings

import type { Values } from '../config/configuration.ts';
import { AppError } from '../core/errors.ts';

export interface ClaudeCodeSettings {
  /** Run by the system's shell. */
  readonly apiKeyHelper: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface ClaudeCodeOptions {
  /** How this program is run: its path, or Node's and the entry's. */
  readonly command: readonly string[];
  readonly isWindows: boolean;
  /** In place of the resource's own address: a private endpoint or a gateway, with its path. */
  readonly baseUrl?: string;
}

/** Claude Code's own default, written down so that both ends mean the same: what comes sooner says "rejected". */
const TTL_MS = 300_000;

/** Claude Code asks for a model of each family; where none is deployed, for its own default, which fails. */
const FAMILIES = ['sonnet', 'haiku', 'opus'] as const;

/** All that is written into `env` but the models. */
export const SWITCHES = [
  'CLAUDE_CODE_USE_FOUNDRY',
  'CLAUDE_CODE_SKIP_FOUNDRY_AUTH',
  'CLAUDE_CODE_API_KEY_HELPER_TTL_MS',
  'ANTHROPIC_FOUNDRY_BASE_URL',
  'ANTHROPIC_FOUNDRY_RESOURCE',
] as const;

/** What outranks `apiKeyHelper`, or leads elsewhere. */
export const RIVALS = [
  'ANTHROPIC_FOUNDRY_AUTH_TOKEN',
  'ANTHROPIC_FOUNDRY_API_KEY',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
] as const;

/** @throws AppError ERR_CONFIG_MISSING, ERR_CONFIG_INVALID with an API key, ERR_USAGE for a cloud without an address */
export function claudeCodeSettings(values: Values, options: ClaudeCodeOptions): ClaudeCodeSettings {
  if (values.credential === 'api-key') {
    const detail = '"credential" is "api-key", and Claude Code would send the key as a token, which Foundry refuses';
    throw new AppError('ERR_CONFIG_INVALID', { detail });
  }
  return {
    apiKeyHelper: [...options.command.map((word) => quoted(word, options.isWindows)), 'claude-code token'].join(' '),
    env: {
      CLAUDE_CODE_USE_FOUNDRY: '1',
      // Else Claude Code asks the Azure SDK for a token, and runs the helper in vain.
      CLAUDE_CODE_SKIP_FOUNDRY_AUTH: '1',
      CLAUDE_CODE_API_KEY_HELPER_TTL_MS: String(TTL_MS),
      ...address(values, options.baseUrl),
      ...modelSettings(values),
    },
  };
}

function address(values: Values, baseUrl: string | undefined): Readonly<Record<string, string>> {
  if (baseUrl !== undefined) return { ANTHROPIC_FOUNDRY_BASE_URL: baseUrl };
  if (values.cloud !== undefined && values.cloud !== 'public') {
    throw new AppError('ERR_USAGE', { detail: `the cloud "${String(values.cloud)}" needs --base-url` });
  }
  if (values.foundryResource === undefined) {
    throw new AppError('ERR_CONFIG_MISSING', { detail: '"foundryResource" is needed for Claude Code, or --base-url' });
  }
  return { ANTHROPIC_FOUNDRY_RESOURCE: String(values.foundryResource) };
}

/** The user may choose other ones: those are never replaced, and removed only as they stand here. */
export function modelSettings(values: Values): Readonly<Record<string, string>> {
  const deployments = (values.models ?? []) as readonly string[];
  const [first] = deployments;
  if (first === undefined) return {};
  const byFamily = FAMILIES.map((family) => {
    const deployment = deployments.find((name) => name.toLowerCase().includes(family)) ?? first;
    return [`ANTHROPIC_DEFAULT_${family.toUpperCase()}_MODEL`, deployment];
  });
  return { ANTHROPIC_MODEL: first, ...(Object.fromEntries(byFamily) as Record<string, string>) };
}

/** For sh, cmd and Git's bash, whichever Claude Code finds. */
function quoted(word: string, isWindows: boolean): string {
  if (isWindows) return `"${word}"`;
  return /^[\w./+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
