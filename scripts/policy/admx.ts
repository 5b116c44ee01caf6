// Administrative template for Group Policy and Intune.
// https://learn.microsoft.com/previous-versions/windows/desktop/policy/admx-schema
import { type ConfigurationKey, configurationKeys, definitionOf } from '../../src/config/keys.ts';
import { places } from '../../src/config/places.ts';
import { document, element } from '../xml.ts';
import { defaultText } from './default-text.ts';
import { holdsObjects, keySchema } from './key-schema.ts';
import { requirementText } from './requirement-text.ts';

const NAMESPACE = 'http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions';
const REVISION = '1.0';
const PRODUCT = 'FoundryCredentialHelper';
const SUPPORTED = `SUPPORTED_${PRODUCT}`;
/** The editor's own limit is 1,023 characters. */
const MAX_LIST_LENGTH = 16_383;

type Strings = Map<string, string>;

/** A name that references allow: letters, digits, and underscores. */
const itemName = (...parts: readonly string[]): string => parts.join('_').replaceAll(/[^A-Za-z0-9]/g, '_');

/** Both files. The second contains every text that the first refers to. */
export function administrativeTemplate(): { readonly admx: string; readonly adml: string } {
  const strings: Strings = new Map([
    [PRODUCT, 'Foundry Credential Helper'],
    [SUPPORTED, 'Foundry Credential Helper 0.1 or later'],
  ]);
  const policies = configurationKeys.map((key) => policyOf(key, strings));
  const admx = element('policyDefinitions', { xmlns: NAMESPACE, revision: REVISION, schemaVersion: '1.0' }, [
    element('policyNamespaces', {}, [element('target', { prefix: 'fch', namespace: `${PRODUCT}.Policies` })]),
    element('resources', { minRequiredRevision: REVISION }),
    element('supportedOn', {}, [
      element('definitions', {}, [element('definition', { name: SUPPORTED, displayName: `$(string.${SUPPORTED})` })]),
    ]),
    element('categories', {}, [element('category', { name: PRODUCT, displayName: `$(string.${PRODUCT})` })]),
    element('policies', {}, policies),
  ]);
  return { admx: document(admx), adml: document(resources(strings)) };
}

function policyOf(key: ConfigurationKey, strings: Strings): string {
  const { title, type } = definitionOf(key);
  const explanation = itemName(key, 'Explain');
  strings.set(key, title).set(explanation, explain(key));
  const isSwitch = type === 'boolean';
  const attributes = {
    name: key,
    class: 'Both',
    displayName: `$(string.${key})`,
    explainText: `$(string.${explanation})`,
    ...(isSwitch ? {} : { presentation: `$(presentation.${key})` }),
    key: places.own.registryKey,
    ...(isSwitch ? { valueName: key } : {}),
  };
  return element('policy', attributes, [
    element('parentCategory', { ref: PRODUCT }),
    element('supportedOn', { ref: SUPPORTED }),
    ...(isSwitch
      ? [
          element('enabledValue', {}, [element('decimal', { value: 1 })]),
          element('disabledValue', {}, [element('decimal', { value: 0 })]),
        ]
      : [element('elements', {}, [valueElement(key, strings)])]),
  ]);
}

function valueElement(key: ConfigurationKey, strings: Strings): string {
  const { enum: choices, minimum, maximum, maxLength } = keySchema(key);
  const value = { id: key, valueName: key, required: 'true' };
  if (choices !== undefined) {
    const items = choices.map((choice) => {
      const name = itemName(key, String(choice));
      strings.set(name, String(choice));
      return element('item', { displayName: `$(string.${name})` }, [
        element('value', {}, [element('string', {}, String(choice))]),
      ]);
    });
    return element('enum', value, items);
  }
  if (minimum !== undefined) return element('decimal', { ...value, minValue: minimum, maxValue: maximum });
  const isLong = definitionOf(key).type !== 'string';
  return element('text', { ...value, maxLength: isLong ? MAX_LIST_LENGTH : maxLength });
}

function explain(key: ConfigurationKey): string {
  const { description, rule, type, sensitive, example } = definitionOf(key);
  const fallback = defaultText(key);
  return [
    `${description} ${requirementText(key)}`.trimEnd(),
    `The value ${rule}. ${formText(key)}`.trimEnd(),
    ...(fallback === '' ? [] : [`Default: ${fallback}.`]),
    ...(type === 'boolean' ? [] : [`Example: ${exampleText(example)}`]),
    ...(sensitive === true ? ["Every user of the computer can read policy. Don't put a password here."] : []),
  ].join('\n\n');
}

/** How to type a structure into a text box. */
function formText(key: ConfigurationKey): string {
  const { type, example } = definitionOf(key);
  if (type === 'map') return 'Write it as one JSON object.';
  if (type !== 'list') return '';
  if (!holdsObjects(key)) return 'Separate entries with commas.';
  const [name] = example as readonly string[];
  const array = JSON.stringify([{ name, supports1m: true }, 'claude-haiku-4-5']);
  return `Separate names with commas. To use objects, write one JSON array: ${array}`;
}

function exampleText(example: unknown): string {
  if (Array.isArray(example)) return example.join(', ');
  return typeof example === 'object' ? JSON.stringify(example) : String(example);
}

function resources(strings: Strings): string {
  const presentations = configurationKeys
    .filter((key) => definitionOf(key).type !== 'boolean')
    .map((key) => element('presentation', { id: key }, [control(key)]));
  return element('policyDefinitionResources', { xmlns: NAMESPACE, revision: REVISION, schemaVersion: '1.0' }, [
    element('displayName', {}, 'Foundry Credential Helper'),
    element(
      'description',
      {},
      'Settings of foundry-credential-helper, which hands Microsoft Foundry tokens to Claude Desktop.',
    ),
    element('resources', {}, [
      element(
        'stringTable',
        {},
        [...strings].map(([id, text]) => element('string', { id }, text)),
      ),
      element('presentationTable', {}, presentations),
    ]),
  ]);
}

function control(key: ConfigurationKey): string {
  const { title, default: fallback, example } = definitionOf(key);
  const { enum: choices, minimum } = keySchema(key);
  if (choices !== undefined) {
    const defaultItem = fallback?.kind === 'value' ? choices.indexOf(fallback.value as string) : undefined;
    return element('dropdownList', { refId: key, noSort: 'true', defaultItem }, title);
  }
  if (minimum !== undefined) return element('decimalTextBox', { refId: key, defaultValue: String(example) }, title);
  return element('textBox', { refId: key }, [element('label', {}, title)]);
}
