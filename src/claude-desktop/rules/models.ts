// `inferenceModels`: what Claude Desktop drops or refuses, and what Foundry needs.
import { isFoundryHost } from '../../config/base-url.ts';
import { MODEL_FAMILIES } from '../../config/models.ts';
import { isObject } from '../../core/json.ts';
import { textOf } from '../../core/text-of.ts';
import type { Examination } from '../examination.ts';
import { modelNameFault } from '../model-name-rule.ts';
import { addressOf, providerOf } from './endpoint.ts';

const KEY = 'inferenceModels';
const TIERS: readonly string[] = MODEL_FAMILIES;
const MEMBERS = [
  'name',
  'labelOverride',
  'supports1m',
  'prefer1m',
  'anthropicFamilyTier',
  'isFamilyDefault',
  'maxEffort',
  'minDesktopVersion',
];
/** Providers whose models Claude Desktop judges by their names. */
const JUDGED_BY_NAME = ['anthropic', 'foundry', 'gateway', 'mantle'];

export function checkModels(examination: Examination): void {
  const { values, report } = examination;
  const provider = providerOf(values);
  const isFoundry = provider === 'foundry' || isFoundryHost(URL.parse(addressOf(values) ?? '')?.hostname ?? '');
  if (isFoundry && values.flag('modelDiscoveryEnabled') === true) report('model-discovery', 'modelDiscoveryEnabled');
  if (!values.has(KEY)) {
    if (isFoundry) report('models-missing', KEY);
    return;
  }
  const models = values.structure(KEY);
  if (!Array.isArray(models)) {
    report('models-not-json', KEY);
    return;
  }
  if (models.length === 0) report('models-missing', KEY, { rule: 'must hold at least one model' });
  for (const [index, model] of models.entries()) checkModel(examination, model, `entry ${index + 1}`);
  if (JUDGED_BY_NAME.includes(provider ?? '')) checkNames(examination, models);
  checkTwice(examination, models);
}

function checkModel({ report }: Examination, model: unknown, element: string): void {
  if (nameOf(model) === undefined) report('model-not-text', KEY, { element });
  if (!isObject(model)) return;
  for (const member of Object.keys(model)) {
    if (!MEMBERS.includes(member)) report('model-member', KEY, { element: `${element}, "${member.slice(0, 40)}"` });
  }
  const { anthropicFamilyTier: tier, supports1m } = model;
  if (tier !== undefined && !TIERS.includes(textOf(tier).trim().toLowerCase())) report('model-tier', KEY, { element });
  if (supports1m !== undefined && typeof supports1m !== 'boolean') {
    const rule = 'has a "supports1m" other than true or false';
    report('model-member', KEY, { element: `${element}, "supports1m"`, rule });
  }
}

/** Claude Desktop removes what isn't Claude by its name; it keeps the list only if nothing would be left of it. */
function checkNames({ report }: Examination, models: readonly unknown[]): void {
  const names = models.map(nameOf);
  const faults = names.map((name) => (name === undefined ? undefined : modelNameFault(name)));
  for (const [index, fault] of faults.entries()) {
    const element = `entry ${index + 1}`;
    if (fault === 'dropped') report('model-dropped', KEY, { element });
    else if (fault === 'refused') report('model-refused', KEY, { element });
    else if (TIERS.includes(names[index]?.toLowerCase() ?? '')) report('model-alias', KEY, { element });
  }
}

function checkTwice({ report }: Examination, models: readonly unknown[]): void {
  const seen = new Set<string>();
  for (const [index, model] of models.entries()) {
    const name = nameOf(model)?.toLowerCase();
    if (name === undefined) continue;
    if (seen.has(name)) report('model-twice', KEY, { element: `entry ${index + 1}` });
    seen.add(name);
  }
}

/** Without the suffix for a context of a million tokens. */
function nameOf(model: unknown): string | undefined {
  const name = isObject(model) ? model['name'] : model;
  return typeof name === 'string' && name.trim() !== '' ? name.trim().replace(/\[1m\]$/i, '') : undefined;
}

/** The deployments that a value of `inferenceModels` names, without parts that can't be read. */
export function offeredModels(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.flatMap((model) => nameOf(model) ?? []) : [];
}
