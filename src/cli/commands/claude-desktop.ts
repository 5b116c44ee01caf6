import { desktopProfile } from '../../claude-desktop/desktop-profile.ts';
import type { Finding } from '../../claude-desktop/finding.ts';
import { configureLocal } from '../../claude-desktop/local-profile.ts';
import type { ProfilePlaces } from '../../claude-desktop/local-state.ts';
import { configLibrary } from '../../claude-desktop/places.ts';
import { removeLocal } from '../../claude-desktop/remove-local-profile.ts';
import { type DesktopVerdict, judgeDesktop } from '../../claude-desktop/verdict.ts';
import type { Values } from '../../config/configuration.ts';
import { type ConfigurationKey, configurationKeys, purposesOf } from '../../config/keys.ts';
import { openSystemConfiguration } from '../../config/load.ts';
import type { Resolution } from '../../config/resolve.ts';
import { managedSources } from '../../config/sources/managed-sources.ts';
import { AppError } from '../../core/errors.ts';
import { isPackaged } from '../../platform/packaged.ts';
import { productPaths } from '../../platform/paths.ts';
import { selfCommand } from '../../platform/self-command.ts';
import { note, print, printJson, printTable } from '../terminal.ts';

const RESTART =
  'Quit Claude Desktop completely, also from the menu bar or the tray, and start it again: it reads its settings only when it starts.';

/**
 * Has this user's Claude Desktop take its tokens from this program.
 * @throws AppError as `configureLocal`; ERR_CONFIG_* if this program's own settings aren't complete; nothing is changed
 */
export async function claudeDesktopConfigure({ force = false }: { readonly force?: boolean }): Promise<void> {
  const resolution = await settings();
  const values = completeValues(resolution);
  const places = await desktopPlaces();
  const profile = desktopProfile(values, { helperPath: ownPath() });
  const { changed, backups } = configureLocal(places, profile, { force, credential: values.credential });
  if (changed.length === 0) print(`Nothing to change in ${configLibrary(places)}.`);
  else {
    print('Claude Desktop is configured to take its tokens from here.');
    for (const path of changed) print(`  written: ${path}`);
    for (const { backup } of backups) print(`  as it was: ${backup}`);
  }
  const found = await inspect(resolution);
  if (found.header !== undefined) print(found.header.text);
  if (changed.length > 0) print(RESTART);
  for (const line of obstacles(found)) note(`warning: ${line}`);
}

/** Undoes `configure`. @throws AppError as `removeLocal` */
export async function claudeDesktopRemove(): Promise<void> {
  const places = await desktopPlaces();
  const { changed, isAsBefore, backups, applied } = removeLocal(places);
  if (changed.length === 0) {
    print(`Nothing to remove in ${configLibrary(places)}.`);
    return;
  }
  print(
    isAsBefore
      ? "Claude Desktop's settings are as they were before."
      : 'Claude Desktop no longer takes its tokens from here. Its settings had been changed since "configure", so nothing else in them was changed.',
  );
  for (const path of changed) print(`  changed: ${path}`);
  for (const { backup } of backups) print(`  as it was: ${backup}`);
  if (applied !== undefined) print(`The profile "${applied}" is applied now.`);
  print(RESTART);
}

/** Exit code 0 if Claude Desktop takes its tokens from here, 3 if not. */
export async function claudeDesktopStatus({ json }: { readonly json?: boolean }): Promise<void> {
  const found = await inspect(await settings());
  if (json === true) printJson(found);
  else showStatus(found);
  if (!found.usesThisProgram) process.exitCode = 3;
}

function showStatus(found: DesktopVerdict): void {
  const { header, helper, settings: shown, usesThisProgram } = found;
  printTable([
    ['Settings', sourceText(found)],
    ['State', usesThisProgram ? 'takes its tokens from here' : "doesn't take its tokens from here"],
    ['Helper', helper && helperText(helper)],
    ['Header', header?.text],
  ]);
  if (shown.length > 0) printTable(shown.map(({ key, value }) => [`  ${key}`, value]));
  for (const line of obstacles(found)) print(`! ${line}`);
}

function sourceText({ source, place = '', profile }: DesktopVerdict): string {
  if (source === 'none') return 'none were found';
  if (source === 'managed') return `set by your organization in ${place}`;
  return `${place}${profile === undefined ? '' : `, profile "${profile}"`}`;
}

const helperText = ({ path, isThisProgram }: { readonly path: string; readonly isThisProgram: boolean }): string =>
  isThisProgram ? `${path} (this program)` : `${path}, which isn't this program (${process.execPath})`;

function obstacles(found: DesktopVerdict): string[] {
  const { state, source, place = '', reason, findings, startsWithClaudeAi, isOverruled, differs } = found;
  return [
    ...(state === 'unreadable' ? [`Claude Desktop can't use ${place}: it ${reason ?? "can't be read"}`] : []),
    ...(isOverruled ? [`${place} counts, so the profile that "configure" wrote has no effect`] : []),
    ...(startsWithClaudeAi
      ? [
          'Claude Desktop remembers a claude.ai account and starts with it, according to public reports: sign out of it there, and choose the other connection on the sign-in page',
        ]
      : []),
    ...(differs.length === 0 ? [] : [differenceText(differs, source)]),
    ...findings.map(findingText),
  ];
}

function differenceText(keys: readonly string[], source: DesktopVerdict['source']): string {
  const remedy =
    source === 'local'
      ? 'run "foundry-credential-helper claude-desktop configure" again'
      : 'ask your IT department to export the profile again and deploy it';
  return `${keys.join(', ')} ${keys.length === 1 ? 'differs' : 'differ'} from this program's own settings; ${remedy}, or correct those`;
}

function findingText({ severity, key, element, rule, remedy }: Finding): string {
  const place = [key, element].filter(Boolean).join(', ');
  return `${severity}: ${place} ${rule}; ${remedy}`;
}

async function inspect(resolution: Resolution): Promise<DesktopVerdict> {
  const { credential } = resolution.settings;
  const options = { program: process.execPath, credential: credential.value, expected: expectedProfile(resolution) };
  return judgeDesktop(await desktopPlaces(), options);
}

/** `undefined` if this program's own settings aren't complete; `doctor` says what is missing. */
function expectedProfile(resolution: Resolution): Readonly<Record<string, unknown>> | undefined {
  try {
    return desktopProfile(completeValues(resolution), { helperPath: process.execPath });
  } catch {
    return undefined;
  }
}

const settings = async (): Promise<Resolution> =>
  (await openSystemConfiguration(process.env, productPaths())).current();

async function desktopPlaces(): Promise<ProfilePlaces> {
  return { managed: await managedSources('claude-desktop'), stateFolder: productPaths().state };
}

/** @throws AppError the first problem of the settings, or ERR_CONFIG_MISSING */
function completeValues({ problems, settings: resolved }: Resolution): Values {
  const [problem] = problems;
  if (problem !== undefined) throw problem;
  const entries = configurationKeys.map((key) => [key, resolved[key].value] as const);
  const values = Object.fromEntries(entries) as Values;
  const isMissing = (key: ConfigurationKey): boolean =>
    values[key] === undefined && purposesOf(key, values).includes('config export');
  const missing = configurationKeys.find(isMissing);
  if (missing === undefined) return values;
  throw new AppError('ERR_CONFIG_MISSING', {
    detail: `Claude Desktop's settings need "${missing}"; set it with "foundry-credential-helper config init" or by policy`,
  });
}

/** @throws AppError ERR_USAGE if this program isn't one file */
function ownPath(): string {
  if (!isPackaged()) throw new AppError('ERR_USAGE', { detail: 'Claude Desktop can only run the built program' });
  return selfCommand([]).command;
}
