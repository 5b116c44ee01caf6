import type { Configuration } from '../config/configuration.ts';
import type { Secret } from '../core/secret.ts';

/**
 * The one line that Claude Desktop reads: the bare token or key, or `{"token","headers"}`
 * (https://claude.com/docs/third-party/claude-desktop/credential-helper).
 */
export function helperOutput(
  credential: Secret,
  { outputFormat, headers = {} }: Pick<Configuration, 'outputFormat' | 'headers'>,
): string {
  const value = credential.reveal();
  if (outputFormat === 'token') return value;
  return JSON.stringify({ token: value, headers });
}
