// Where and why a text isn't JSON. For some faults, JSON.parse doesn't say the position, and it repeats the text, which
// may hold a password. So it decides whether, and this says where.

export interface JsonFault {
  /** Both from 1; the column counts UTF-16 units. */
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

/** RFC 8259: a string, a number, a word or a structural character. */
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 section 7 forbids exactly these in strings.
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y;
const SPACE = /[ \t\r\n]*/y;

type Expected = 'value' | 'first-value' | 'name' | 'first-name' | 'colon' | 'comma' | 'end';

const REASONS: Readonly<Record<Expected, string>> = {
  value: 'a value is expected',
  'first-value': 'a value or ] is expected',
  name: 'a name in double quotes is expected',
  'first-name': 'a name in double quotes or } is expected',
  colon: 'a colon is expected',
  comma: 'a comma or the closing bracket is expected',
  end: 'the text continues after its end',
};

/** `undefined` when the text is JSON. */
export function findJsonFault(text: string): JsonFault | undefined {
  // Not recursive: a file of brackets must not exhaust the stack.
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let offset = 0;
  for (;;) {
    offset = skipSpace(text, offset);
    if (offset === text.length)
      return expected === 'end' ? undefined : faultAt(text, offset, 'the text ends too early');
    TOKEN.lastIndex = offset;
    const token = TOKEN.exec(text)?.[0];
    const next: Expected | undefined = token === undefined ? undefined : step(expected, token, open);
    if (token === undefined || next === undefined)
      return faultAt(text, offset, reasonFor(expected, text[offset] ?? ''));
    expected = next;
    offset += token.length;
  }
}

/** What may follow `token`, or `undefined` if it isn't allowed here; keeps track of the open brackets. */
function step(expected: Expected, token: string, open: ('{' | '[')[]): Expected | undefined {
  const inside = open.at(-1);
  const after = (): Expected => (open.length === 0 ? 'end' : 'comma');
  const isClosing = (token === '}' && inside === '{') || (token === ']' && inside === '[');
  if (isClosing && (expected === 'comma' || expected === (inside === '{' ? 'first-name' : 'first-value'))) {
    open.pop();
    return after();
  }
  switch (expected) {
    case 'name':
    case 'first-name':
      return token.startsWith('"') ? 'colon' : undefined;
    case 'colon':
      return token === ':' ? 'value' : undefined;
    case 'comma':
      if (token !== ',') return undefined;
      return inside === '{' ? 'name' : 'value';
    case 'end':
      return undefined;
    default:
      if (token === '{' || token === '[') {
        open.push(token);
        return token === '{' ? 'first-name' : 'first-value';
      }
      return /^[}\],:]/.test(token) ? undefined : after();
  }
}

function reasonFor(expected: Expected, character: string): string {
  if (character === '/' || character === '#') return 'JSON has no comments';
  if (character === "'") return 'JSON has double quotes only';
  if (character === '"' && expected !== 'comma' && expected !== 'colon' && expected !== 'end') {
    return "this text in quotes isn't closed, or holds a line break or a backslash that isn't doubled";
  }
  const isTrailing = (expected === 'name' && character === '}') || (expected === 'value' && character === ']');
  return isTrailing ? `the comma before this ${character} is one too many` : REASONS[expected];
}

function skipSpace(text: string, offset: number): number {
  SPACE.lastIndex = offset;
  return offset + (SPACE.exec(text)?.[0].length ?? 0);
}

function faultAt(text: string, offset: number, reason: string): JsonFault {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1, reason };
}
