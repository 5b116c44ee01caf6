// The managed settings in force: which source counts, and what all of them add up to.
// https://code.claude.com/docs/en/managed-settings, "How Claude Code combines managed sources"
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isCode } from '../core/errno.ts';
import { isObject } from '../core/json.ts';
import { type DocumentReading, readDocument, type Settings, tokenSettings } from './document.ts';
import { type HeaderCommand, settingsCommands } from './header-commands.ts';
import type { Fault, Layer } from './layer.ts';
import type { MdmDocument } from './mdm.ts';
import { DROP_IN_FOLDER } from './places.ts';

/** Keys that only managed settings may hold and that decide whether this program's tokens can be used. */
export interface Policy {
  /** Requires a sign-in to Anthropic or its gateway. */
  readonly login: { readonly key: string; readonly location: string } | undefined;
  readonly allowedProviders: { readonly names: readonly unknown[]; readonly location: string } | undefined;
  /** Names a program that returns the managed settings. */
  readonly policyHelper: { readonly location: string } | undefined;
}

export interface ManagedReading {
  /** Lowest rank first. */
  readonly layers: readonly Layer[];
  readonly policy: Policy;
  readonly faults: readonly Fault[];
  readonly headerCommands: readonly HeaderCommand[];
}

interface LocatedReading {
  readonly location: string;
  readonly reading: DocumentReading;
  /** Whether there's a folder in the managed file's place. */
  readonly isFolder?: boolean;
}

interface LocatedSettings {
  readonly location: string;
  readonly settings: Settings;
}

/** Documents that count together, lowest rank first. */
type Tier = readonly LocatedSettings[];

/** These two say how sources combine, and don't make a source count. */
const CONTROL_KEYS = new Set(['managedSourcesBehavior', 'wslInheritsWindowsSettings']);
const LOGIN_METHODS: readonly unknown[] = ['claudeai', 'console', 'gateway'];

/** Never throws. `folder` holds the managed files. */
export function readManaged(folder: string, mdm: readonly MdmDocument[]): ManagedReading {
  const files = managedFiles(folder);
  const admin = mdm.filter(({ rank }) => rank === 'admin');
  const users = mdm.filter(({ rank }) => rank === 'user');
  const asTiers = (documents: readonly MdmDocument[]) => documents.map((document) => tierOf([document]));
  const adminTiers = [...asTiers(admin), tierOf(files)].filter(isPolicy);
  const tiers = adminTiers.length > 0 ? adminTiers : asTiers(users).filter(isPolicy).slice(0, 1);
  const [selected = []] = tiers;
  return {
    layers: tiers.toReversed().flatMap((tier) => tier.map((document) => layerOf(document, tier === selected))),
    policy: policyOf(selected),
    faults: [...files, ...admin, ...(adminTiers.length > 0 ? [] : users)].flatMap(faultOf),
    headerCommands: tiers.flat().flatMap(({ location, settings }) => settingsCommands(location, settings, true)),
  };
}

const tierOf = (readings: readonly LocatedReading[]): Tier =>
  readings.flatMap(({ location, reading }) =>
    reading.state === 'settings' ? [{ location, settings: reading.settings }] : [],
  );

const isPolicy = (tier: Tier): boolean =>
  tier.some(({ settings }) => Object.keys(settings).some((key) => !CONTROL_KEYS.has(key)));

/** The file, then the drop-ins by the order of their names' code units. */
function managedFiles(folder: string): readonly LocatedReading[] {
  const file = join(folder, 'managed-settings.json');
  const dropIns = join(folder, DROP_IN_FOLDER);
  const base = { location: file, reading: readDocument(file), isFolder: isFolder(file) };
  return [base, ...dropInFiles(dropIns)];
}

function dropInFiles(folder: string): readonly LocatedReading[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && /^[^.].*\.json$/s.test(entry.name))
      .map(({ name }) => join(folder, name))
      .toSorted()
      .map((location) => ({ location, reading: readDocument(location) }));
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT', 'ENOTDIR')) return [];
    return [{ location: folder, reading: { state: 'unreadable', reason: "can't be listed" } }];
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

/** Every source adds variables; only the selected source can set the helper. */
function layerOf({ location, settings }: LocatedSettings, isSelected: boolean): Layer {
  const { apiKeyHelper, env } = tokenSettings(settings);
  return { kind: 'managed', location, env, apiKeyHelper: isSelected ? apiKeyHelper : undefined };
}

function policyOf(tier: Tier): Policy {
  const login = tier.flatMap(({ location, settings }) => loginKeys(settings).map((key) => ({ key, location })))[0];
  const restricting = tier.filter(({ settings }) => Object.hasOwn(settings, 'allowedProviders'));
  const helping = tier.findLast(({ settings }) => isObject(settings['policyHelper'] ?? settings['policyHelpers']));
  const last = restricting.at(-1);
  return {
    login,
    allowedProviders: last && { names: restricting.flatMap(providersOf), location: last.location },
    policyHelper: helping && { location: helping.location },
  };
}

function loginKeys({ forceLoginMethod, forceLoginOrgUUID }: Settings): readonly string[] {
  return [
    ...(LOGIN_METHODS.includes(forceLoginMethod) ? ['forceLoginMethod'] : []),
    ...(forceLoginOrgUUID === undefined ? [] : ['forceLoginOrgUUID']),
  ];
}

/** The lists of all files add up; anything but a list allows nothing. */
const providersOf = ({ settings: { allowedProviders } }: LocatedSettings): readonly unknown[] =>
  Array.isArray(allowedProviders) ? allowedProviders : [];

/** Claude Code doesn't start with a managed document that it can read but not parse, and with a folder in its place. */
function faultOf({ location, reading, isFolder: isFolderThere = false }: LocatedReading): readonly Fault[] {
  if (reading.state !== 'rejected' && reading.state !== 'unreadable') return [];
  return [
    { kind: 'managed', location, reason: reading.reason, isFatal: reading.state === 'rejected' || isFolderThere },
  ];
}
