/** `UTF-8` includes plain ASCII. */
export type TextEncoding = 'UTF-8' | 'UTF-16LE' | 'UTF-16BE';

export interface DecodedText {
  /** Without the byte order mark. */
  readonly text: string;
  readonly encoding: TextEncoding;
  readonly hasByteOrderMark: boolean;
}

const MARKS: readonly (readonly [encoding: TextEncoding, mark: readonly number[]])[] = [
  ['UTF-8', [0xef, 0xbb, 0xbf]],
  ['UTF-16LE', [0xff, 0xfe]],
  ['UTF-16BE', [0xfe, 0xff]],
];

/** Decodes UTF-8 and both forms of UTF-16, with or without a byte order mark; `undefined` for anything else. */
export function decodeText(bytes: Uint8Array): DecodedText | undefined {
  const marked = MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  const encoding = marked?.[0] ?? guessEncoding(bytes);
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return { text, encoding, hasByteOrderMark: marked !== undefined };
  } catch {
    return undefined;
  }
}

/** Settings files begin with an ASCII character, which has a zero byte before or after it in UTF-16. */
function guessEncoding([first, second]: Uint8Array): TextEncoding {
  if (first === undefined || second === undefined || (first === 0) === (second === 0)) return 'UTF-8';
  return first === 0 ? 'UTF-16BE' : 'UTF-16LE';
}
