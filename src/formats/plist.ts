// Property lists, XML or binary. Loaded only where one is read: it brings an XML parser with it.
import { DOMParser, onWarningStopParsing, ParseError } from '@xmldom/xmldom';
import { type PlistValue, parse } from 'plist';
import { isObject } from '../core/json.ts';
import { UnparsableFile } from './unparsable-file.ts';

/** How a binary one begins. */
const BINARY_MAGIC = 'bplist';

export const isBinaryPlist = (bytes: Buffer): boolean =>
  bytes.subarray(0, BINARY_MAGIC.length).toString('latin1') === BINARY_MAGIC;

/** XML or binary. @throws UnparsableFile */
export function parsePlist(content: string | Buffer): Readonly<Record<string, unknown>> {
  const parsed = parseAnyPlist(content);
  if (!isObject(parsed)) throw new UnparsableFile("isn't a property list with a dictionary");
  return parsed;
}

/** The dictionaries of a property list: its root, or what its root array holds. @throws UnparsableFile */
export function parsePlistDictionaries(content: string | Buffer): readonly Readonly<Record<string, unknown>>[] {
  const parsed = parseAnyPlist(content);
  const all: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (all.length === 0 || !all.every(isObject)) throw new UnparsableFile("isn't a property list with a dictionary");
  return all;
}

function parseAnyPlist(content: string | Buffer): PlistValue {
  if (typeof content === 'string') assertPropertyList(content);
  try {
    return parse(typeof content === 'string' ? content : new Uint8Array(content));
  } catch (cause) {
    // The library's message may repeat the content. A RangeError is a list nested without end.
    throw new UnparsableFile("isn't a valid property list", { cause });
  }
}

/** The property list package lets its XML parser fix what is broken, and print the content while it does. */
function assertPropertyList(text: string): void {
  if (text.includes('\ufffd')) {
    throw new UnparsableFile('holds replacement characters (U+FFFD): it was saved in a wrong encoding');
  }
  let root: string | undefined;
  try {
    root = new DOMParser({ onError: onWarningStopParsing }).parseFromString(text, 'text/xml').documentElement?.nodeName;
  } catch (cause) {
    const line = cause instanceof ParseError ? cause.locator?.lineNumber : undefined;
    throw new UnparsableFile(`isn't well-formed XML${line === undefined || line === 0 ? '' : `, line ${line}`}`, {
      cause,
    });
  }
  if (root !== 'plist') throw new UnparsableFile('is XML, but not a property list');
}
