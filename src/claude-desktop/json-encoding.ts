import type { DecodedText } from '../formats/text-encoding.ts';
import { type Finding, finding } from './finding.ts';

type Encoding = Pick<DecodedText, 'encoding' | 'hasByteOrderMark'>;

/** Why Claude Desktop, which parses the bytes as they are, can't use the file; completes `<file> …`. */
export function encodingFault({ encoding, hasByteOrderMark }: Encoding): string | undefined {
  const isPlain = encoding === 'UTF-8' && !hasByteOrderMark;
  return isPlain ? undefined : "isn't UTF-8 without a byte order mark, which Claude Desktop requires";
}

/**
 * What keeps the reader of a JSON settings file from its text: Claude Desktop takes the bytes for UTF-8 and hands them to
 * JSON.parse, which refuses a byte order mark. This program accepts both, so for its files it's a note.
 */
export function lintJsonEncoding(
  file: string,
  { encoding, hasByteOrderMark }: Encoding,
  isDesktop: boolean,
): readonly Finding[] {
  const id = encoding !== 'UTF-8' ? 'json-encoding' : hasByteOrderMark ? 'json-byte-order-mark' : undefined;
  if (id === undefined) return [];
  const rule = "the file isn't plain UTF-8: foundry-credential-helper accepts it, other programs may not";
  return [
    finding(id, file, {
      element: hasByteOrderMark && encoding === 'UTF-8' ? 'the first three bytes' : encoding,
      ...(isDesktop ? {} : { severity: 'note', rule }),
    }),
  ];
}
