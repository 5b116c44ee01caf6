import type { Configuration } from '../config/configuration.ts';
import type { Secret } from '../core/secret.ts';
import type { HelperOutput } from '../ipc/protocol.ts';

/**
 * The one line that Claude Desktop reads: the bare token or key, or `{"token","headers"}`
 * (https://claude.com/docs/third-party/claude-desktop/credential-helper).
 */
export function helperOutput(
  credential: Secret,
  { outputFormat, headers = {} }: Pick<Configuration, 'outputFormat' | 'headers'>,
): HelperOutput {
  const value = credential.reveal();
  if (outputFormat === 'token') return { output: value };
  return { output: asciiJson({ token: value, headers }), format: 'json' };
}

/** JSON in ASCII: a header's value may hold other characters, and some of them could move a terminal's text. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
