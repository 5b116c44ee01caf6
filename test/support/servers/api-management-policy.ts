// Reads the policy of an API in Azure API Management, if the stand-in can apply it. What it can't apply is an
// error: a policy that isn't tested must not be documented.
// https://learn.microsoft.com/azure/api-management/api-management-policies
import { DOMParser, type Element } from '@xmldom/xmldom';

/** In the order of the document; each one of the elements that `readers` lists. */
export type Statement =
  | {
      readonly kind: 'validate-azure-ad-token';
      readonly tenantId: string;
      /** Lower case. */
      readonly headerName: string;
      readonly failedStatus: number;
      readonly variable: string;
      readonly clientIds: readonly string[];
      readonly audiences: readonly string[];
    }
  /** Counts by the subject of the token in `variable`. */
  | {
      readonly kind: 'rate-limit-by-key';
      readonly calls: number;
      readonly periodSeconds: number;
      readonly variable: string;
    }
  | { readonly kind: 'delete-header'; readonly name: string }
  | { readonly kind: 'authentication-managed-identity'; readonly resource: string }
  | { readonly kind: 'set-backend-service'; readonly baseUrl: string }
  /** Without buffering, so that answers stream. */
  | { readonly kind: 'forward-request' };

export interface Policy {
  readonly inbound: readonly Statement[];
  readonly backend: readonly Statement[];
}

const SECTIONS = ['inbound', 'backend', 'outbound', 'on-error'];

/**
 * `namedValues` take the place of `{{name}}`, as in Azure.
 * @throws Error for XML that isn't well-formed, and for anything the stand-in doesn't carry out.
 */
export function readPolicy(xml: string, namedValues: Readonly<Record<string, string>>): Policy {
  const root = parseXml(xml.replaceAll(/\{\{([\w.-]+)\}\}/g, (_, name: string) => namedValue(namedValues, name)));
  if (root.tagName !== 'policies') throw new Error(`<${root.tagName}> isn't a policy`);
  const sections = new Map(childrenOf(root).map((section) => [section.tagName, section]));
  if (SECTIONS.join() !== [...sections.keys()].join()) throw new Error(`the sections must be ${SECTIONS.join(', ')}`);
  const [inbound = [], backend = [], ...rest] = SECTIONS.map((name) => statementsOf(sections.get(name)));
  if (rest.some((statements) => statements.length > 0)) throw new Error('only inbound and backend may do anything');
  return { inbound, backend };
}

function namedValue(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name];
  if (value === undefined) throw new Error(`there is no named value "${name}"`);
  return value;
}

function parseXml(text: string): Element {
  const fail = (_: unknown, message: unknown): never => {
    throw new Error(`the policy isn't well-formed XML: ${String(message)}`);
  };
  const root = new DOMParser({ onError: fail }).parseFromString(text, 'text/xml').documentElement;
  if (root === null) throw new Error('the policy is empty');
  return root;
}

function statementsOf(section: Element | undefined): Statement[] {
  const elements = section === undefined ? [] : childrenOf(section);
  return elements.flatMap((element) => {
    // What all APIs have in common; here there's nothing.
    if (element.tagName === 'base') return [];
    const read = readers[element.tagName];
    if (read === undefined) throw new Error(`the stand-in doesn't know <${element.tagName}>`);
    return [read(new Attributes(element), element)];
  });
}

const readers: Readonly<Record<string, (attributes: Attributes, element: Element) => Statement>> = {
  'validate-azure-ad-token': (attributes, element) => {
    const statement = {
      kind: 'validate-azure-ad-token',
      tenantId: attributes.take('tenant-id'),
      headerName: attributes.take('header-name').toLowerCase(),
      failedStatus: Number(attributes.take('failed-validation-httpcode')),
      variable: attributes.take('output-token-variable-name'),
      clientIds: listOf(element, 'client-application-ids', 'application-id'),
      audiences: listOf(element, 'audiences', 'audience'),
    } as const;
    return attributes.end(statement);
  },
  'rate-limit-by-key': (attributes) => {
    const key = attributes.take('counter-key');
    const [, variable] = /^@\(\(\(Jwt\)context\.Variables\["(\w+)"\]\)\.Subject\)$/.exec(key) ?? [];
    if (variable === undefined) throw new Error(`the stand-in doesn't know the expression ${key}`);
    const [calls, periodSeconds] = [attributes.number('calls'), attributes.number('renewal-period')];
    return attributes.end({ kind: 'rate-limit-by-key', calls, periodSeconds, variable });
  },
  'set-header': (attributes) => {
    const name = attributes.take('name').toLowerCase();
    if (attributes.take('exists-action') !== 'delete') throw new Error('the stand-in only deletes headers');
    return attributes.end({ kind: 'delete-header', name });
  },
  'authentication-managed-identity': (attributes) =>
    attributes.end({ kind: 'authentication-managed-identity', resource: attributes.take('resource') }),
  'set-backend-service': (attributes) =>
    attributes.end({ kind: 'set-backend-service', baseUrl: attributes.take('base-url') }),
  'forward-request': (attributes) => {
    attributes.number('timeout');
    if (attributes.take('buffer-response') !== 'false') throw new Error("the stand-in doesn't buffer responses");
    return attributes.end({ kind: 'forward-request' });
  },
};

/** Each attribute must be asked for: one that has no effect here would be untested. */
class Attributes {
  readonly #element: Element;
  readonly #taken = new Set<string>();

  constructor(element: Element) {
    this.#element = element;
  }

  take(name: string): string {
    this.#taken.add(name);
    const value = this.#element.getAttribute(name);
    if (value === null || value === '') throw new Error(`<${this.#element.tagName}> has no ${name}`);
    return value;
  }

  number(name: string): number {
    const value = Number(this.take(name));
    if (!Number.isInteger(value)) throw new Error(`${name} must be a whole number`);
    return value;
  }

  end<T extends Statement>(statement: T): T {
    const unknown = [...this.#element.attributes].map(({ name }) => name).filter((name) => !this.#taken.has(name));
    if (unknown.length > 0) throw new Error(`the stand-in doesn't know ${unknown.join(', ')}`);
    return statement;
  }
}

/** The texts of `<list><item>…</item></list>`. */
function listOf(element: Element, list: string, item: string): readonly string[] {
  const holder = childrenOf(element).find(({ tagName }) => tagName === list);
  const items = holder === undefined ? [] : childrenOf(holder);
  if (items.length === 0 || items.some(({ tagName }) => tagName !== item)) throw new Error(`<${list}> needs <${item}>`);
  return items.map(({ textContent }) => (textContent ?? '').trim());
}

function childrenOf(element: Element): Element[] {
  return [...element.childNodes].filter((node): node is Element => node.nodeType === 1);
}
