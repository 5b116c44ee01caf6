// Which header carries the helper's value: the real Claude Code, with the environment that Claude Desktop gives it.
// The environment is the one of the vendor's schema and client; it wasn't taken from a running Claude Desktop.
import { expect, it } from 'vitest';
import { headerVerdict } from '../../../src/claude-desktop/header.ts';
import { run } from '../support.ts';
import { clientWorld, runClaudeCode, seen } from './support.ts';

const KEY = '0123456789abcdef0123456789abcdef';

/** What Claude Desktop sets for a provider, with `value` from the credential helper. */
const ENVIRONMENTS = {
  gateway: (value: string) => ({
    ANTHROPIC_BASE_URL: 'https://contoso-foundry.services.ai.azure.com/anthropic',
    ANTHROPIC_AUTH_TOKEN: value,
    CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: '1',
  }),
  foundry: (value: string) => ({
    CLAUDE_CODE_USE_FOUNDRY: '1',
    ANTHROPIC_FOUNDRY_RESOURCE: 'contoso-foundry',
    ANTHROPIC_FOUNDRY_API_KEY: value,
    CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: '1',
    CLAUDE_CODE_HOST_AUTH_ENV_VAR: 'ANTHROPIC_FOUNDRY_API_KEY',
  }),
} as const;

interface HeaderRow {
  readonly provider: keyof typeof ENVIRONMENTS;
  readonly credential: 'entra' | 'api-key';
  readonly sends: 'Authorization: Bearer' | 'x-api-key';
  /** Foundry takes an Entra token only as a bearer, and a key only as a key. */
  readonly accepted: boolean;
}

const ROWS: readonly HeaderRow[] = [
  { provider: 'gateway', credential: 'entra', sends: 'Authorization: Bearer', accepted: true },
  { provider: 'gateway', credential: 'api-key', sends: 'Authorization: Bearer', accepted: false },
  { provider: 'foundry', credential: 'entra', sends: 'x-api-key', accepted: false },
  { provider: 'foundry', credential: 'api-key', sends: 'x-api-key', accepted: true },
];

/** Of each call: the credential's header, and the answer. */
async function callsWith(provider: HeaderRow['provider'], credential: HeaderRow['credential'], more: object = {}) {
  const client = await clientWorld();
  client.world.foundry.apiKey = KEY;
  const value = credential === 'api-key' ? KEY : (await run(client.env, 'token')).stdout.trim();
  const env = {
    ...client.env,
    CLAUDE_CODE_ENTRYPOINT: 'claude-desktop-3p',
    CLAUDE_CODE_MAX_RETRIES: '0',
    ANTHROPIC_MODEL: 'claude-sonnet-5',
    ...ENVIRONMENTS[provider](value),
    ...more,
  };
  const { exitCode } = await runClaudeCode({ ...client, env });
  const calls = seen(client.world).map((call) => call.replace(/ \S+$/, ''));
  return { exitCode, calls: [...new Set(calls)] };
}

it.each(ROWS)('$provider with $credential: $sends, accepted: $accepted', async (row) => {
  const address = 'https://contoso-foundry.services.ai.azure.com/anthropic';
  const { sends, verdict } = headerVerdict({ ...row, scheme: undefined, address });
  expect({ sends, verdict }).toEqual({ sends: row.sends, verdict: row.accepted ? 'match' : 'mismatch' });
  const header = row.sends === 'x-api-key' ? 'x-api-key' : 'authorization';
  const { exitCode, calls } = await callsWith(row.provider, row.credential);
  expect(calls).toEqual([`messages ${row.accepted ? 200 : 401} by ${header}`]);
  expect(exitCode === 0).toBe(row.accepted);
});

it("foundry drops a helper's own Authorization header", async () => {
  const headers = { ANTHROPIC_CUSTOM_HEADERS: 'Authorization: Bearer stale' };
  const { calls } = await callsWith('foundry', 'entra', headers);
  expect(calls).toEqual(['messages 401 by x-api-key']);
});
