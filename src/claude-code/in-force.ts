import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type System, systemOf } from '../core/system.ts';
import { textOf } from '../core/text-of.ts';
import { userHome } from '../platform/user-home.ts';
import { type DocumentReading, readDocument, tokenSettings, typeFault } from './document.ts';
import { type HeaderCommand, serverFileCommands, settingsCommands } from './header-commands.ts';
import { ENVIRONMENT, type Fault, type Layer, type LayerKind, type Variable } from './layer.ts';
import { localRoot } from './local-root.ts';
import { type ManagedReading, type Policy, readManaged } from './managed.ts';
import { type MdmDocument, mdmDocuments } from './mdm.ts';
import { MANAGED_FOLDERS, stateFiles, userSettingsFile } from './places.ts';

/** What decides where Claude Code looks, and what it finds outside of files. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Where Claude Code is started. */
  readonly folder: string;
  readonly system: System;
  readonly managedFolder: string;
  readonly mdm: readonly MdmDocument[];
}

export interface InForce {
  /** Lowest rank first. */
  readonly layers: readonly Layer[];
  readonly policy: Policy;
  readonly faults: readonly Fault[];
  /** What Claude Code runs for headers to other services, whichever of them is in force. */
  readonly headerCommands: readonly HeaderCommand[];
  /** Of the topmost layer that has one. */
  readonly apiKeyHelper: Variable | undefined;
  variable(name: string, from?: readonly LayerKind[]): Variable | undefined;
}

/** Those of this process. */
export async function surroundings(): Promise<Surroundings> {
  const system = systemOf(process.platform);
  return {
    env: process.env,
    home: userHome(),
    folder: process.cwd(),
    system,
    managedFolder: MANAGED_FOLDERS[system],
    mdm: await mdmDocuments(),
  };
}

/** `user` takes the place of the user's file, to see what would be in force with it; `everywhere` leaves the folder out. */
export interface InForceOptions {
  readonly user?: DocumentReading;
  readonly everywhere?: boolean;
}

/** Reads every place that Claude Code reads settings from. Never throws. */
export function readInForce(around: Surroundings, { user, everywhere = false }: InForceOptions = {}): InForce {
  const managed = readManaged(around.managedFolder, around.mdm);
  const files = [
    ...stateDocuments(around),
    document('user', userSettingsFile(around.env, around.home), user),
    ...(everywhere ? [] : folderDocuments(around)),
  ];
  const layers = [
    { kind: 'environment', location: ENVIRONMENT, env: around.env, apiKeyHelper: undefined } as const,
    ...files.flatMap(layersOf),
    ...managed.layers,
  ];
  return {
    ...combine(around.system, layers, managed, files.flatMap(faultsOf)),
    headerCommands: headerCommands(around, files, managed),
  };
}

interface Document {
  readonly kind: LayerKind;
  readonly location: string;
  readonly reading: DocumentReading;
}

function document(kind: LayerKind, location: string, given?: DocumentReading): Document {
  const reading = given ?? readDocument(location);
  const reason = reading.state === 'settings' ? typeFault(reading.settings) : undefined;
  return { kind, location, reading: reason === undefined ? reading : { state: 'rejected', reason, isJson: true } };
}

function stateDocuments({ env, home }: Surroundings): readonly Document[] {
  const location = stateFiles(env, home).find((path) => existsSync(path));
  if (location === undefined) return [];
  const reading = readDocument(location);
  // Claude Code takes a list or a bare value there for an empty state.
  return reading.state === 'rejected' && reading.isJson ? [] : [{ kind: 'state', location, reading }];
}

function folderDocuments({ folder, home }: Surroundings): readonly Document[] {
  const root = localRoot(folder);
  const local = (at: string): Document => document('local', join(at, '.claude', 'settings.local.json'));
  return [
    document('project', join(folder, '.claude', 'settings.json')),
    local(folder),
    // It outranks the folder's own one.
    ...(root === undefined || root === folder || root === home ? [] : [local(root)]),
  ];
}

function layersOf({ kind, location, reading }: Document): readonly Layer[] {
  if (reading.state !== 'settings') return [];
  const { apiKeyHelper, env } = tokenSettings(reading.settings);
  // In the state file only "env" counts as settings.
  return [{ kind, location, env, apiKeyHelper: kind === 'state' ? undefined : apiKeyHelper }];
}

function faultsOf({ kind, location, reading }: Document): readonly Fault[] {
  if (reading.state !== 'rejected' && reading.state !== 'unreadable') return [];
  return [{ kind, location, reason: reading.reason, isFatal: kind === 'state' && reading.state === 'rejected' }];
}

function headerCommands(
  { managedFolder, folder }: Surroundings,
  files: readonly Document[],
  managed: ManagedReading,
): readonly HeaderCommand[] {
  const state = files.find(({ kind }) => kind === 'state');
  const settings = files.flatMap(({ kind, location, reading }) =>
    kind === 'state' || reading.state !== 'settings' ? [] : settingsCommands(location, reading.settings, false),
  );
  return [...settings, ...managed.headerCommands, ...serverFileCommands({ managedFolder, folder, state })];
}

function combine(
  system: System,
  layers: readonly Layer[],
  managed: ManagedReading,
  faults: readonly Fault[],
): Omit<InForce, 'headerCommands'> {
  const helper = layers.findLast((layer) => layer.apiKeyHelper !== undefined);
  return {
    layers,
    policy: managed.policy,
    faults: [...faults, ...managed.faults],
    apiKeyHelper: helper === undefined ? undefined : { value: helper.apiKeyHelper ?? '', layer: helper },
    variable(name, from) {
      for (const layer of layers.toReversed()) {
        const key = from?.includes(layer.kind) === false ? undefined : nameIn(layer.env, name, system);
        if (key !== undefined) return { value: textOf(layer.env[key]), layer };
      }
      return undefined;
    },
  };
}

/** Windows doesn't tell upper and lower case of a variable's name apart. */
function nameIn(env: Layer['env'], name: string, system: System): string | undefined {
  if (system !== 'windows') return env[name] === undefined ? undefined : name;
  return Object.keys(env).findLast((key) => key.toUpperCase() === name && env[key] !== undefined);
}
