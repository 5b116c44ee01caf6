// Breaks text for a terminal: between words, and inside a word only if it's wider than the whole screen.
import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';

/** If the terminal doesn't say how wide it is. */
const USUAL_COLUMNS = 80;
/** Longer lines are hard to read. */
const WIDEST_PROSE = 120;

/** Emoji, and the characters that Unicode's East Asian Width calls wide or fullwidth. */
const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2fb}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;
/** Marks that are drawn over the character before them, and joiners. U+FE0F isn't one: it makes a character wide. */
const NO_WIDTH = /^(?!\ufe0f)[\p{Mn}\p{Me}\p{Cf}]/u;
const ASCII = /^[\x20-\x7e]*$/;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * How many columns a text takes on a terminal at most, without its colors. Terminals differ about joined emoji; this
 * counts each of their parts, so that no line turns out too long.
 */
export function textWidth(colored: string): number {
  const text = stripVTControlCharacters(colored);
  if (ASCII.test(text)) return text.length;
  return Array.from(text).reduce((sum, character) => sum + characterWidth(character), 0);
}

function characterWidth(character: string): number {
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The width of a terminal; `undefined` for anything else, where lines stay whole for grep. */
export function columnsOf({ isTTY, columns }: Pick<WriteStream, 'isTTY' | 'columns'>): number | undefined {
  return isTTY === true && process.env['TERM'] !== 'dumb' ? columns || USUAL_COLUMNS : undefined;
}

export interface Layout {
  /** What begins the first line, colors included. Further lines are indented by its width. */
  readonly head?: string;
  /** Of the terminal; `undefined` for one line without end. */
  readonly columns: number | undefined;
  /** The indent of every line if the text doesn't fit next to `head`, which then has its own line. */
  readonly indentBelow?: number;
}

/** A text as lines of whole words. No line is wider than the terminal. */
export function wrap(text: string, { head = '', columns, indentBelow = 0 }: Layout): readonly string[] {
  if (columns === undefined) return [`${head}${text}`];
  const words = text.split(' ');
  const widest = Math.max(...words.map(textWidth));
  const indent = textWidth(head);
  if (indent === 0 || fitsNextTo(indent, widest, columns)) {
    const [first = '', ...more] = fill(words, columns - indent);
    return [`${head}${first}`, ...more.map((line) => ' '.repeat(indent) + line)];
  }
  const smaller = widest > columns - indentBelow ? 0 : indentBelow;
  const below = fill(words, columns - smaller).map((line) => ' '.repeat(smaller) + line);
  return head.trim() === '' ? below : [...wrap(head.trimEnd(), { columns }), ...below];
}

/** Next to a wide head, prose would be a thin column. */
function fitsNextTo(indent: number, widest: number, columns: number): boolean {
  return widest <= columns - indent && columns - indent >= Math.min(indent, 20);
}

/** Fills lines with words. A word longer than prose has its own line; one wider than `room` is broken. */
function fill(words: readonly string[], room: number): readonly string[] {
  const lines: string[] = [];
  const most = Math.min(room, WIDEST_PROSE);
  let line: string | undefined;
  for (const part of words.flatMap((word) => pieces(word, room))) {
    if (line !== undefined && textWidth(`${line} ${part}`) > most) {
      lines.push(line);
      line = part;
    } else line = line === undefined ? part : `${line} ${part}`;
  }
  return [...lines, line ?? ''];
}

/** The word itself, or, if it's wider than that, as many pieces as it takes. */
function pieces(word: string, room: number): readonly string[] {
  if (textWidth(word) <= room) return [word];
  const found: string[] = [];
  let piece = '';
  for (const { segment: character } of graphemes.segment(word)) {
    if (piece !== '' && textWidth(piece + character) > room) {
      found.push(piece);
      piece = character;
    } else piece += character;
  }
  return [...found, piece];
}
