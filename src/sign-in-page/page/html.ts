// The only place where text becomes markup. Everything that `html` didn't make is escaped.

/** Markup that is safe to send. Only `html` makes it. */
export class Html {
  readonly #markup: string;

  constructor(strings: TemplateStringsArray, values: readonly HtmlValue[]) {
    this.#markup = strings.reduce((markup, part, index) => markup + render(values[index - 1]) + part);
  }

  toString(): string {
    return this.#markup;
  }
}

export type HtmlValue = string | Html | readonly Html[] | undefined;

/** Template tag. Inserted strings are escaped for element content and double-quoted attributes, nowhere else. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(strings, values);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function render(value: HtmlValue): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => entities[character] ?? '');
  return value instanceof Html ? value.toString() : value.join('');
}

/** A text in which each `{name}` is replaced by markup, so that a language decides where it goes. */
export function htmlWith(text: string, values: Readonly<Record<string, Html>>): readonly Html[] {
  return text.split(/\{(\w+)\}/).map((part, index) => (index % 2 === 0 ? html`${part}` : html`${values[part]}`));
}
