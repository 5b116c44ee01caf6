import { type ConfigurationRow, describeConfiguration } from '../../config/describe.ts';
import { openConfiguration } from '../../config/load.ts';
import { productPaths } from '../../platform/paths.ts';
import { note, print, printJson } from '../terminal.ts';

/**
 * Every setting with its value and origin; credentials are hidden.
 * @throws AppError the first problem, after everything has been shown
 */
export function configShow(options: { readonly json?: boolean }): void {
  const resolution = openConfiguration(process.env, productPaths()).current();
  const settings = describeConfiguration(resolution);
  if (options.json === true) printJson({ settings, sources: resolution.sources });
  else showTable(settings);
  const [first, ...others] = resolution.problems;
  for (const problem of others) note(`also: ${problem.message}`);
  if (first !== undefined) throw first;
}

function showTable(settings: readonly ConfigurationRow[]): void {
  const rows = settings.map((row) => [row.key, valueText(row), originText(row)] as const);
  const keyWidth = Math.max(...rows.map(([key]) => key.length));
  const valueWidth = Math.min(60, Math.max(...rows.map(([, value]) => value.length)));
  for (const [key, value, origin] of rows)
    print(`${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${origin}`.trimEnd());
}

function valueText({ value, problem, requiredFor }: ConfigurationRow): string {
  if (problem !== undefined) return '(invalid)';
  if (value === undefined) return requiredFor?.includes('sign-in') === true ? '(missing)' : '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function originText({ origin, overrides }: ConfigurationRow): string {
  if (origin === undefined) return '';
  const inVain = overrides.length === 0 ? '' : `, overrides ${overrides.map(({ location }) => location).join(', ')}`;
  return `${origin.location}${inVain}`;
}
