// Each value against its key's type, range, and allowed values. Claude Desktop treats most invalid values as not set.
import { isObject } from '../../core/json.ts';
import { compareVersions } from '../../core/version.ts';
import { keyOf } from '../document.ts';
import type { Examination } from '../examination.ts';
import { type DesktopKey, type DesktopKeyName, desktopKey, desktopKeyNames, type RefusedForm } from '../keys.ts';
import { registryFault } from './forms.ts';
import { reportRetirement } from './retirement.ts';

/** Keys that have their own rules. */
const JUDGED_ELSEWHERE: readonly DesktopKeyName[] = [
  'inferenceModels',
  'inferenceProvider',
  'inferenceFoundryResource',
  'inferenceFoundryBaseUrl',
  'inferenceGatewayBaseUrl',
  'inferenceCredentialHelper',
  'inferenceCredentialHelperWindows',
];

export function checkTypes(examination: Examination): void {
  for (const key of desktopKeyNames) {
    if (!examination.values.has(key) || isMisread(examination, key)) continue;
    if (examination.values.text(key) === undefined) examination.report('value-blank', key);
    else if (!JUDGED_ELSEWHERE.includes(key)) CHECKS[desktopKey(key).type](examination, key, desktopKey(key));
  }
}

/** A registry type that Claude Desktop doesn't read for this key is reported already. */
const isMisread = ({ document }: Examination, key: DesktopKeyName): boolean =>
  document.entries.some((entry) => keyOf(document, entry) === key && registryFault(key, entry) !== undefined);

type TypeCheck = (examination: Examination, key: DesktopKeyName, definition: DesktopKey) => void;

const CHECKS: Readonly<Record<DesktopKey['type'], TypeCheck>> = {
  boolean: ({ values, report }, key) => {
    if (values.flag(key) === undefined) report('boolean-invalid', key);
  },
  number: checkNumber,
  enum: checkChoice,
  string: checkText,
  array: checkStructure,
  object: checkStructure,
  record: checkStructure,
};

function checkNumber({ values, report }: Examination, key: DesktopKeyName, definition: DesktopKey): void {
  const {
    fraction,
    min = definition.above ?? Number.NEGATIVE_INFINITY,
    max = Number.POSITIVE_INFINITY,
    above,
  } = definition;
  const number = fraction === true ? values.number(key) : values.integer(key);
  if (number === undefined) report(fraction === true ? 'number-invalid' : 'integer-invalid', key);
  else if (number < min || number > max || number === above)
    report('number-range', key, { rule: rangeRule(definition) });
}

function rangeRule({ min, max, above }: DesktopKey): string {
  const from = above === undefined ? `at least ${min}` : `greater than ${above}`;
  return `must be ${from}${max === undefined ? '' : ` and at most ${max}`}`;
}

/** Choices are compared letter by letter; only the default effort is read in any case. */
function checkChoice(examination: Examination, key: DesktopKeyName, definition: DesktopKey): void {
  const { values, report, options } = examination;
  const { values: allowed = [], valuesSince = {} } = definition;
  const raw = values.raw(key);
  const text = key === 'defaultModelEffort' ? values.text(key)?.toLowerCase() : raw;
  const choice = allowed.find((one) => one === text);
  const { desktopVersion } = options;
  const since = choice === undefined ? undefined : valuesSince[choice];
  if (choice === undefined) {
    const refused = refusedValues(definition).find(({ value }) => value === text);
    if (refused === undefined) report('enum-invalid', key, { rule: `must be one of ${allowed.join(', ')}` });
    else reportForm(examination, key, refused);
  } else if (desktopVersion !== undefined && since !== undefined && compareVersions(desktopVersion, since) < 0) {
    report('value-too-new', key, { rule: `has a value that is known since version ${since} only` });
  }
}

type RefusedValue = Extract<RefusedForm, { form: 'value' }>;

const refusedValues = ({ refusedForms = [] }: DesktopKey): readonly RefusedValue[] =>
  refusedForms.filter((refused): refused is RefusedValue => refused.form === 'value');

function checkText({ values, report }: Examination, key: DesktopKeyName, { pattern, maxLength }: DesktopKey): void {
  const text = values.text(key) ?? '';
  if (typeof values.raw(key) !== 'string') report('text-invalid', key);
  else if (pattern !== undefined && !pattern.test(text)) report('text-pattern', key);
  else if (maxLength !== undefined && text.length > maxLength) {
    report('text-pattern', key, { rule: `must have at most ${maxLength} characters` });
  }
}

function checkStructure(examination: Examination, key: DesktopKeyName, definition: DesktopKey): void {
  const { values, report } = examination;
  const structure = values.structure(key);
  const form = formOf(structure);
  const isRight = definition.type === 'array' ? form === 'list' : form === 'record';
  if (isRight) {
    checkEntries(examination, key, structure);
    return;
  }
  const refused = definition.refusedForms?.find((one) => one.form === form);
  if (refused === undefined) report('structure-not-json', key, { rule: structureRule(definition) });
  else reportForm(examination, key, refused);
}

function formOf(structure: unknown): 'list' | 'record' | 'text' {
  if (Array.isArray(structure)) return 'list';
  return isObject(structure) ? 'record' : 'text';
}

const structureRule = ({ type }: DesktopKey): string =>
  `must be ${type === 'array' ? 'a list' : 'an object'}, or the JSON text of one`;

function checkEntries(examination: Examination, key: DesktopKeyName, structure: unknown): void {
  const definition = desktopKey(key);
  const entries = Object.values(structure as object) as readonly unknown[];
  const mustBeText = definition.type === 'record' ? key !== 'builtinToolPolicy' : definition.of === 'string';
  const wrong = mustBeText ? entries.findIndex((entry) => typeof entry !== 'string') : -1;
  if (wrong !== -1) examination.report('entry-not-text', key, { element: `entry ${wrong + 1}` });
  for (const refused of definition.refusedForms ?? []) {
    const found = entries.findIndex((entry) => holds(entry, refused));
    if (found !== -1) reportForm(examination, key, refused, `entry ${found + 1}`);
  }
}

/** Whether an entry is, or holds at any depth, a value or member that is refused. */
function holds(entry: unknown, refused: RefusedForm): boolean {
  if (refused.form === 'value') {
    if (entry === refused.value) return true;
    return typeof entry === 'object' && entry !== null && Object.values(entry).some((inner) => holds(inner, refused));
  }
  if (refused.form !== 'member') return false;
  const owner = refused.member
    .split('.')
    .reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), entry);
  return owner !== undefined;
}

function reportForm(examination: Examination, key: DesktopKeyName, refused: RefusedForm, element?: string): void {
  const { refusedFrom, instead, form } = refused;
  const what = form === 'value' || form === 'member' ? 'has a value that is' : 'has a form that is';
  reportRetirement(examination, { key, what, refusedFrom, remedy: `use ${instead}`, element });
}
