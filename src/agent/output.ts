import type { Configuration } from '../config/configuration.ts';
import type { Secret } from '../core/secret.ts';

/**
 * The one line that Claude Desktop reads: the bare token or key, or `{"token","headers"}`
 * (https://claude.com/docs/third-party/claude-desktop/credential-helper).
 */
export function helperOutput(
  credential: Secret,
  configuration: Pick<Configuration, 'outputFormat'> &
    Partial<Pick<Configuration, 'headers' | 'sendAuthorizationHeader'>>,
): string {
  const value = credential.reveal();
  if (configuration.outputFormat === 'token') return value;
  const headers = {
    ...configuration.headers,
    ...(configuration.sendAuthorizationHeader ? { Authorization: `Bearer ${value}` } : {}),
  };
  return JSON.stringify({ token: value, headers });
}
