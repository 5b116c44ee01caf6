import type { Configuration } from '../config/configuration.ts';
import type { AccessToken } from './token-keeper.ts';

/**
 * The one line that Claude Desktop reads: the bare token, or `{"token","headers"}`
 * (https://claude.com/docs/third-party/claude-desktop/credential-helper).
 */
export function helperOutput(token: AccessToken, configuration: Configuration): string {
  const value = token.value.reveal();
  if (configuration.outputFormat === 'token') return value;
  const headers = {
    ...configuration.headers,
    ...(configuration.sendAuthorizationHeader ? { Authorization: `Bearer ${value}` } : {}),
  };
  return JSON.stringify({ token: value, headers });
}
