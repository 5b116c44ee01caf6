// What the process that diagnoses for the agent reports, one after the other.
import type { Check, Finding } from '../check.ts';
import type { SettingView } from './settings-view.ts';

export type Part =
  /** The first one. */
  | { readonly settings: readonly SettingView[] }
  | { readonly started: Pick<Check<never>, 'id' | 'title'> }
  | { readonly finding: Finding };

const STATES: readonly unknown[] = ['ok', 'skip', 'warn', 'fail'] satisfies Finding['state'][];

/** The part, if it is one; another version may send others. */
export function parsePart(value: unknown): Part | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { settings, started, finding } = value as Readonly<Record<string, unknown>>;
  if (isFinding(finding)) return { finding };
  if (isTitled(started)) return { started };
  if (Array.isArray(settings)) return { settings: settings.filter(isSetting) };
  return undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const hasTexts = (value: unknown, names: readonly string[]): value is Fields =>
  typeof value === 'object' && value !== null && names.every((name) => typeof (value as Fields)[name] === 'string');

const isTitled = (value: unknown): value is Pick<Check<never>, 'id' | 'title'> => hasTexts(value, ['id', 'title']);

function isFinding(value: unknown): value is Finding {
  if (!hasTexts(value, ['id', 'title', 'state', 'detail']) || !STATES.includes(value['state'])) return false;
  const needsRemedy = value['state'] === 'warn' || value['state'] === 'fail';
  return !needsRemedy || typeof value['remedy'] === 'string';
}

const isSetting = (value: unknown): value is SettingView => hasTexts(value, ['name']);
