import type { AccessTokenResult } from '../../ipc/protocol.ts';
import { askForToken } from '../agent-client.ts';
import { print, printJson } from '../terminal.ts';

export const TOKEN_FORMATS = ['bearer', 'json', 'header', 'env'] as const;
type TokenFormat = (typeof TOKEN_FORMATS)[number];

export interface TokenOptions {
  readonly format: TokenFormat;
  readonly json?: boolean;
  readonly resource?: string;
}

/** Prints a token on purpose, for scripts. Never prompts. @throws AppError as the helper does */
export async function token(options: TokenOptions): Promise<void> {
  const { resource } = options;
  const result: AccessTokenResult =
    resource === undefined
      ? await askForToken({ method: 'access-token', client: 'token' })
      : await askForToken({ method: 'resource-token', client: 'token', resource });
  if (options.json === true || options.format === 'json') printJson(result);
  else print(inFormat(result, options.format));
}

/** `header` is a line for `curl -H @-`; `env` is for a POSIX shell's `eval`. */
function inFormat(result: AccessTokenResult, format: Exclude<TokenFormat, 'json'>): string {
  const isKey = result.tokenType === 'api-key';
  switch (format) {
    case 'bearer':
      return result.token;
    case 'header':
      return isKey ? `x-api-key: ${result.token}` : `Authorization: Bearer ${result.token}`;
    case 'env':
      return `export ${isKey ? 'ANTHROPIC_FOUNDRY_API_KEY' : 'ANTHROPIC_FOUNDRY_AUTH_TOKEN'}=${quoted(result.token)}`;
  }
}

/** One word for a POSIX shell. */
function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
