/** Attributes and children that are `undefined` are left out. */
type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Escapes text for an element or a quoted attribute. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** One element on its own lines. Text content stays on the element's line. */
export function element(name: string, attributes: Attributes, content?: string | readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([attribute, value]) => ` ${attribute}="${escapeXml(String(value))}"`)
    .join('');
  if (content === undefined) return `<${name}${written} />`;
  if (typeof content === 'string') return `<${name}${written}>${escapeXml(content)}</${name}>`;
  // Indents only lines that begin with an element; lines of text don't change.
  const children = content.map((child) => child.replaceAll(/^(?= *<)/gm, '  ')).join('\n');
  return `<${name}${written}>\n${children}\n</${name}>`;
}

export const document = (root: string): string => `<?xml version="1.0" encoding="utf-8"?>\n${root}\n`;
