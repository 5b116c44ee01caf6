import { type ConfigurationRow, describeConfiguration } from '../../config/describe.ts';
import { ignoredText } from '../../config/exclusion.ts';
import { openSystemConfiguration } from '../../config/load.ts';
import type { SourceSummary } from '../../config/resolve.ts';
import { unknownKeyText } from '../../config/unknown-key.ts';
import { errorToRecord } from '../../core/errors.ts';
import { textOf } from '../../core/text-of.ts';
import { productPaths } from '../../platform/paths.ts';
import { note, print, printJson, printTable } from '../terminal.ts';

/**
 * Shows every setting with its value and origin; credentials are hidden. Unknown keys are notes and don't fail it.
 * @throws AppError the first problem, after everything has been shown
 */
export async function configShow(options: { readonly json?: boolean }): Promise<void> {
  const resolution = (await openSystemConfiguration(process.env, productPaths())).current();
  const settings = describeConfiguration(resolution);
  const { sources, problems, unknownKeys } = resolution;
  if (options.json === true) printJson({ settings, sources, unknownKeys, problems: problems.map(errorToRecord) });
  else {
    showSettings(settings);
    print('');
    showSources(sources);
    for (const unknown of unknownKeys) note(`note: ${unknownKeyText(unknown)}`);
  }
  const [first, ...others] = problems;
  for (const problem of others) note(`also: ${problem.message}`);
  if (first !== undefined) throw first;
}

const HEADINGS = ['KEY', 'VALUE', 'FROM'] as const;

const KINDS: Readonly<Record<SourceSummary['kind'], string>> = {
  managed: 'policy',
  'user-file': 'your file',
  environment: 'environment',
};

function showSettings(settings: readonly ConfigurationRow[]): void {
  const rows = [HEADINGS, ...settings.flatMap(rowsOf)];
  const keyWidth = Math.max(...rows.map(([key]) => key.length));
  const valueWidth = Math.min(60, Math.max(...rows.map(([, value]) => value.length)));
  for (const [key, value, origin] of rows)
    print(`${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${origin}`.trimEnd());
}

type Row = readonly [key: string, value: string, origin: string];

/** The setting in force, and below it the values that have no effect. */
function rowsOf(row: ConfigurationRow): readonly Row[] {
  const inVain = (row.ignored ?? []).map(({ value, origin, because }): Row => {
    const shown = value === undefined ? '(invalid)' : textOf(value);
    return ['', shown, `${origin.location}, ignored: ${ignoredText[because]}`];
  });
  return [[row.key, valueText(row), originText(row)], ...inVain];
}

const STATES: Readonly<Record<SourceSummary['state'], string>> = {
  absent: 'not there',
  values: 'read',
  unreadable: 'invalid',
  ignored: 'ignored',
};

function showSources(sources: readonly SourceSummary[]): void {
  print('Sources, highest priority first:');
  const rows = sources.map(({ kind, location, state, reason }) => {
    const place = kind === 'environment' ? 'environment variables' : location;
    return [`  ${KINDS[kind]}`, `${place}: ${stateText(state, reason)}`] as const;
  });
  printTable(rows);
}

function stateText(state: SourceSummary['state'], reason: string | undefined): string {
  if (reason === undefined) return STATES[state];
  return state === 'ignored' ? reason.replace(/^is /, '') : `${STATES[state]}, ${reason}`;
}

function valueText({ value, problem, requiredFor }: ConfigurationRow): string {
  if (problem !== undefined) return '(invalid)';
  if (value === undefined) return requiredFor?.includes('sign-in') === true ? '(missing)' : '-';
  return textOf(value);
}

function originText({ origin, overrides }: ConfigurationRow): string {
  if (origin === undefined) return '';
  const inVain = overrides.length === 0 ? '' : `, overrides ${overrides.map(({ location }) => location).join(', ')}`;
  return `${origin.location}${inVain}`;
}
