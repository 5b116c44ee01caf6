// Property lists, XML or binary. Loaded only where one is read: it brings an XML parser with it.
import { DOMParser, onWarningStopParsing, ParseError } from '@xmldom/xmldom';
import { type PlistValue, parse } from 'plist';
import { isObject } from './json-object.ts';
import { UnparsableFile } from './unparsable-file.ts';

/** How a binary one begins. */
const BINARY_MAGIC = 'bplist';

export const isBinaryPlist = (bytes: Buffer): boolean =>
  bytes.subarray(0, BINARY_MAGIC.length).toString('latin1') === BINARY_MAGIC;

/** XML or binary. @throws UnparsableFile */
export function parsePlist(content: string | Buffer): Readonly<Record<string, unknown>> {
  if (typeof content === 'string') assertWellFormed(content);
  let parsed: PlistValue;
  try {
    parsed = parse(typeof content === 'string' ? content : new Uint8Array(content));
  } catch (cause) {
    // The library's message may repeat the content. A RangeError is a list nested without end.
    throw new UnparsableFile('is not a valid property list', { cause });
  }
  if (!isObject(parsed)) throw new UnparsableFile('is not a property list with a dictionary');
  return parsed;
}

/** The property list package lets its XML parser mend what is broken, and print the content while it does. */
function assertWellFormed(text: string): void {
  if (text.includes('\ufffd')) {
    throw new UnparsableFile('holds replacement characters (U+FFFD): it was saved in a wrong encoding');
  }
  try {
    new DOMParser({ onError: onWarningStopParsing }).parseFromString(text, 'text/xml');
  } catch (cause) {
    const line = cause instanceof ParseError ? cause.locator?.lineNumber : undefined;
    throw new UnparsableFile(`is not well-formed XML${line === undefined || line === 0 ? '' : `, line ${line}`}`, {
      cause,
    });
  }
}
