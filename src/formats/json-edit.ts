// Changes to the text of a JSON object that leave every other byte unchanged.
// jsonc-parser's own `modify` isn't used: it formats what is next to a change, and cuts wrong when it removes the last
// element of a list that is on one line (version 3.3.1).
import { findNodeAtLocation, type JSONPath, type Node, parseTree } from 'jsonc-parser';

/** Sets a member of the object. */
export function setMember(text: string, name: string, value: unknown): string {
  const found = nodeAt(text, [name]);
  if (found !== undefined) return splice(text, found.offset, found.offset + found.length, JSON.stringify(value));
  return append(text, nodeAt(text, []), value, `${JSON.stringify(name)}: `);
}

/** Removes a member of the object; nothing happens if there is none. */
export function removeMember(text: string, name: string): string {
  const member = nodeAt(text, [name])?.parent;
  return member === undefined ? text : cut(text, member);
}

/** Adds an element to the end of the list that is a member of the object; makes the list if there is none. */
export function appendElement(text: string, list: string, value: unknown): string {
  const found = nodeAt(text, [list]);
  return found?.type === 'array' ? append(text, found, value) : setMember(text, list, [value]);
}

/** Removes an element of the list that is a member of the object; nothing happens if there is none. */
export function removeElement(text: string, list: string, index: number): string {
  const element = nodeAt(text, [list, index]);
  return element === undefined ? text : cut(text, element);
}

function nodeAt(text: string, path: JSONPath): Node | undefined {
  const root = parseTree(text);
  return root === undefined ? undefined : findNodeAtLocation(root, path);
}

const splice = (text: string, start: number, end: number, instead = ''): string =>
  text.slice(0, start) + instead + text.slice(end);

/** Removes a child of a list or object together with the comma that it no longer needs. */
function cut(text: string, child: Node): string {
  const siblings = child.parent?.children ?? [];
  const index = siblings.indexOf(child);
  const next = siblings[index + 1];
  const previous = siblings[index - 1];
  const end = child.offset + child.length;
  if (next !== undefined) return splice(text, child.offset, next.offset);
  return splice(text, previous === undefined ? child.offset : previous.offset + previous.length, end);
}

/** Adds a child to a list or object, in the same form as the children that are there. */
function append(text: string, parent: Node | undefined, value: unknown, label = ''): string {
  if (parent === undefined) return text;
  const [first] = parent.children ?? [];
  const last = parent.children?.at(-1);
  const start = parent.offset + 1;
  if (first !== undefined && last !== undefined) {
    const gap = text.slice(start, first.offset);
    const end = last.offset + last.length;
    return splice(text, end, end, `,${gap}${label}${format(text, value, gap)}`);
  }
  const outer = `${lineEnd(text)}${indentOfLine(text, parent.offset)}`;
  const gap = text.includes('\n') ? `${outer}${indentUnit(text)}` : '';
  const child = `${gap}${label}${format(text, value, gap)}${gap === '' ? '' : outer}`;
  return splice(text, start, parent.offset + parent.length - 1, child);
}

/** `gap` is what comes before the value's first line: a line end and the indentation, or less. */
function format(text: string, value: unknown, gap: string): string {
  if (!gap.includes('\n')) return JSON.stringify(value);
  const indent = gap.slice(gap.lastIndexOf('\n') + 1);
  return JSON.stringify(value, undefined, indentUnit(text)).replaceAll('\n', `${lineEnd(text)}${indent}`);
}

const lineEnd = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');
const indentUnit = (text: string): string => /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
const indentOfLine = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))?.[0] ?? '';
