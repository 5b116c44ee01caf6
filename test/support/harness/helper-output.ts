// How Claude Desktop reads a helper's stdout: one bare token, or a JSON object with a token and perhaps headers.

export interface ParsedOutput {
  /** `warning`: usable, but Desktop shows the setting as not quite right. */
  readonly state: 'ok' | 'warning' | 'failed';
  /** Why it failed, or what the warning is about. */
  readonly reason?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Reasons of a failure: `empty`, `multiple-lines`, `not-a-credential` (JSON without a token that is a non-empty
 * string), `bad-headers`, `control-character` (CR, LF or NUL in the token). Reasons of a warning: `leading-output`
 * (something before the JSON object), `dropped-header` (a header whose value isn't text).
 */
export function parseHelperOutput(stdout: string): ParsedOutput {
  const text = stdout.trim();
  if (text === '') return failed('empty');
  if (text.startsWith('{')) return fromJson(text);
  const recovered = trailingObject(text);
  if (recovered !== undefined) {
    const parsed = fromJson(recovered);
    return parsed.state === 'failed' ? parsed : { ...parsed, state: 'warning', reason: 'leading-output' };
  }
  if (/[\r\n]/.test(text)) return failed('multiple-lines');
  return withToken(text, undefined);
}

function fromJson(text: string): ParsedOutput {
  const parsed = parseObject(text);
  const token = parsed?.['token'];
  if (typeof token !== 'string' || token.trim() === '') return failed('not-a-credential');
  return withToken(token.trim(), parsed?.['headers']);
}

function withToken(token: string, headers: unknown): ParsedOutput {
  if (/[\r\n\0]/.test(token)) return failed('control-character');
  if (headers === undefined) return { state: 'ok', token };
  if (!isObject(headers)) return failed('bad-headers');
  const all = Object.entries(headers);
  const usable = all.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const result = { token, headers: Object.fromEntries(usable) };
  return usable.length === all.length
    ? { state: 'ok', ...result }
    : { state: 'warning', reason: 'dropped-header', ...result };
}

/** A JSON object that ends the text. */
function trailingObject(text: string): string | undefined {
  for (let start = text.indexOf('{'); start !== -1; start = text.indexOf('{', start + 1)) {
    if (parseObject(text.slice(start)) !== undefined) return text.slice(start);
  }
  return undefined;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function failed(reason: string): ParsedOutput {
  return { state: 'failed', reason };
}
