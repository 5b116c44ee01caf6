import { DesktopValues } from '../../claude-desktop/document.ts';
import type { DesktopReading } from '../../claude-desktop/read.ts';
import type { Configuration } from '../../config/configuration.ts';
import { isObject } from '../../core/json.ts';

type Headers = Readonly<Record<string, string>>;

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** The client sets these itself. */
const FRAMING = ['connection', 'content-length', 'content-type', 'host', 'transfer-encoding'];

/**
 * The headers that Claude Desktop adds to each request, such as a gateway's subscription key: those of its profile, and
 * over them those that the helper prints. Names in lower case. They may hold secrets.
 */
export function addedHeaders(
  desktop: DesktopReading,
  { outputFormat, headers = {} }: Pick<Configuration, 'outputFormat' | 'headers'>,
): Headers {
  const fromProfile = desktop.state === 'values' ? textMap(new DesktopValues(desktop.document)) : {};
  const all = { ...lowerCase(fromProfile), ...(outputFormat === 'json' ? lowerCase(headers) : {}) };
  return Object.fromEntries(Object.entries(all).filter(isSendable));
}

/** Values that aren't text are left out. */
function textMap(values: DesktopValues): Headers {
  const map = values.structure('inferenceCustomHeaders');
  const isText = (entry: readonly [string, unknown]): entry is [string, string] => typeof entry[1] === 'string';
  return isObject(map) ? Object.fromEntries(Object.entries(map).filter(isText)) : {};
}

const lowerCase = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const isSendable = ([name, value]: readonly [string, string]): boolean =>
  TOKEN.test(name) && !FRAMING.includes(name) && /^[\t\x20-\x7e]*$/.test(value);
