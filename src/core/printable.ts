// The only place that decides which characters of other people's text may reach a terminal, a notification, a log, or a
// report: account names, servers' words, file contents, paths, environment values.

/**
 * Characters that can move a cursor, end a line, turn the direction of text, or hide something: controls (C0, DEL, C1,
 * with them every escape sequence), line and paragraph separators, bidi controls, invisible characters, tags,
 * noncharacters, and lone surrogates. A variation selector only chooses the shape of the emoji or kanji before it.
 */
const unsafe = (): RegExp =>
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\p{Noncharacter_Code_Point}\ufff9-\ufffb]|(?!\u200c|\u200d|(?<![\ufe00-\ufe0f])[\ufe00-\ufe0f]|(?<=\p{Script=Han})[\u{e0100}-\u{e01ef}])\p{Default_Ignorable_Code_Point}/u;
/**
 * U+200C and U+200D are spelling in Persian, in Indian scripts, and in emoji. Anywhere else they're invisible: two names
 * could look the same.
 */
const misplacedJoiner = (): RegExp =>
  /(?<![\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])(?:\u200c|\u200d)|(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])(?:\u200c|\u200d)/u;
/** Nearly all texts are like this one, and need none of Unicode's tables, which take milliseconds to load. */
const PLAIN = /^[\x20-\x7e]*$/;
let unprintable: RegExp | undefined;

function replaceUnprintable(text: string, replacement: (character: string) => string): string {
  if (PLAIN.test(text)) return text;
  unprintable ??= new RegExp(`${unsafe().source}|${misplacedJoiner().source}`, 'gu');
  return text.replace(unprintable, replacement);
}

/**
 * The text on one line that shows as it is read. Each character that would do anything else is replaced by its number,
 * for example `\u{1b}`.
 * @param maxLength UTF-16 units; a longer text is cut and ends with "..."
 */
export function printable(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const shown = replaceUnprintable(
    text.slice(0, maxLength + 1),
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return shown.length <= maxLength ? shown : `${shown.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')}...`;
}

/** What this program itself uses to lay out a text: line breaks, tabs, colors, and clearing the line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the control characters that may pass
const LAYOUT = /(\r?\n|\t|\u001b\[[\d;]*m|\r\u001b\[2K)/;

/** Like `printable`, for a text of several lines and colors. Other people's words in it must be `printable` already. */
export function printableLayout(text: string): string {
  return text
    .split(LAYOUT)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

/** JSON that a terminal shows as it is read: what `printable` replaces is written as `\uXXXX`, which is the same JSON. */
export function jsonText(value: unknown, indent?: number): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return replaceUnprintable(JSON.stringify(value, undefined, indent), (character) =>
    character === '\n' ? character : character.replace(/[\s\S]/g, escaped),
  );
}
