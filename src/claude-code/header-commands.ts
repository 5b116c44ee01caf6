// The commands that Claude Code runs for headers to other services: MCP servers, a telemetry collector, marketplaces of
// plugins. Each is a command for a shell. https://code.claude.com/docs/en/mcp and .../en/monitoring-usage
import { join } from 'node:path';
import { isObject } from '../core/json.ts';
import { type DocumentReading, readDocument, type Settings } from './document.ts';

export interface HeaderCommand {
  /** As a person finds it: `mcpServers.NAME.headersHelper`. */
  readonly key: string;
  readonly location: string;
  readonly command: string;
  /** Claude Code refuses the whole entry, because managed settings mustn't name a program for a server. */
  readonly isRefused?: true;
}

/** Of a settings document. */
export function settingsCommands(location: string, settings: Settings, isManaged: boolean): readonly HeaderCommand[] {
  const { otelHeadersHelper, extraKnownMarketplaces, managedMcpServers } = settings;
  const marketplaces = members(extraKnownMarketplaces).map(([name, { source }]) => ({
    key: `extraKnownMarketplaces.${name}.source.headersHelper`,
    command: isObject(source) ? source['headersHelper'] : undefined,
  }));
  return [
    ...commands(location, [{ key: 'otelHeadersHelper', command: otelHeadersHelper }, ...marketplaces]),
    ...(isManaged ? serverCommands(location, 'managedMcpServers', managedMcpServers) : []).map((command) => ({
      ...command,
      isRefused: true as const,
    })),
  ];
}

export interface ServerPlaces {
  readonly managedFolder: string;
  /** Where Claude Code is started. */
  readonly folder: string;
  /** Claude Code's own state, if it has any. */
  readonly state: { readonly location: string; readonly reading: DocumentReading } | undefined;
}

/** Of the files that hold only MCP servers, and of Claude Code's state. A managed file replaces all others. */
export function serverFileCommands({ managedFolder, folder, state }: ServerPlaces): readonly HeaderCommand[] {
  const managed = fileCommands(join(managedFolder, 'managed-mcp.json'));
  if (managed !== undefined) return managed;
  return [...(fileCommands(join(folder, '.mcp.json')) ?? []), ...stateCommands(state, folder)];
}

function fileCommands(location: string): readonly HeaderCommand[] | undefined {
  const reading = readDocument(location);
  if (reading.state !== 'settings') return reading.state === 'absent' ? undefined : [];
  return serverCommands(location, 'mcpServers', reading.settings['mcpServers']);
}

function stateCommands(state: ServerPlaces['state'], folder: string): readonly HeaderCommand[] {
  if (state?.reading.state !== 'settings') return [];
  const { mcpServers, projects } = state.reading.settings;
  const project = isObject(projects) ? projects[folder] : undefined;
  return [
    ...serverCommands(state.location, 'mcpServers', mcpServers),
    ...serverCommands(state.location, 'mcpServers', isObject(project) ? project['mcpServers'] : undefined),
  ];
}

function serverCommands(location: string, key: string, servers: unknown): readonly HeaderCommand[] {
  const found = members(servers).map(([name, { headersHelper }]) => ({
    key: `${key}.${name}.headersHelper`,
    command: headersHelper,
  }));
  return commands(location, found);
}

function commands(
  location: string,
  found: readonly { readonly key: string; readonly command: unknown }[],
): readonly HeaderCommand[] {
  return found.flatMap(({ key, command }) => (typeof command === 'string' ? [{ key, command, location }] : []));
}

/** The members of an object that are objects. */
const members = (value: unknown): readonly (readonly [name: string, fields: Settings])[] =>
  Object.entries(isObject(value) ? value : {}).flatMap(([name, fields]) =>
    isObject(fields) ? [[name, fields] as const] : [],
  );
