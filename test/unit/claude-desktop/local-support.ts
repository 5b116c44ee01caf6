// A user's home with Claude Desktop's local configurations, on any system.
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { OWN_ID } from '../../../src/claude-desktop/config-library.ts';
import { type ConfigureOptions, configureLocal } from '../../../src/claude-desktop/local-profile.ts';
import type { ProfilePlaces } from '../../../src/claude-desktop/local-state.ts';
import { configLibrary } from '../../../src/claude-desktop/places.ts';
import { removeLocal } from '../../../src/claude-desktop/remove-local-profile.ts';

export const WORK = '0a1b2c3d-0000-4000-8000-000000000001';

export const SETTINGS = {
  inferenceProvider: 'gateway',
  inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com/anthropic',
  inferenceGatewayAuthScheme: 'bearer',
  inferenceModels: ['claude-sonnet-5'],
  modelDiscoveryEnabled: false,
  inferenceCredentialKind: 'helper-script',
  inferenceCredentialHelper: '/usr/bin/foundry-credential-helper',
  inferenceCredentialHelperTtlSec: 900,
  inferenceCredentialHelperTimeoutSec: 600,
};

/** The same for a system whose paths look otherwise. */
export const settingsFor = (platform: NodeJS.Platform) =>
  platform === 'win32'
    ? { ...SETTINGS, inferenceCredentialHelper: 'C:\\fch\\foundry-credential-helper.exe' }
    : SETTINGS;

export function desk(more: Partial<ProfilePlaces> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'local-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const home = join(root, 'home');
  mkdirSync(home);
  const places: ProfilePlaces = {
    platform: 'linux',
    env: {},
    home,
    root,
    stateFolder: join(root, 'state'),
    ...more,
  };
  const folder = configLibrary(places);
  const meta = join(folder, '_meta.json');
  const own = join(folder, `${OWN_ID}.json`);
  const settings = settingsFor(places.platform ?? 'linux');
  return {
    root,
    home,
    places,
    folder,
    meta,
    own,
    settings,
    write(path: string, content: string | Uint8Array, mode = 0o644): void {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content, { mode });
    },
    read: (path: string): string => readFileSync(path, 'utf8'),
    json: (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>,
    configure: (options: ConfigureOptions = {}, values: Readonly<Record<string, unknown>> = settings) =>
      configureLocal(places, values, options),
    remove: (options: Pick<ConfigureOptions, 'replace'> = {}) => removeLocal(places, options),
    /** Everything below the home: kind, mode, and content by path. */
    snapshot: () => snapshot(home),
  };
}

/** A configuration of someone else's that is applied. */
export const withWork = (text?: string) => {
  const made = desk();
  made.write(made.meta, text ?? META);
  made.write(join(made.folder, `${WORK}.json`), '{"inferenceProvider": "bedrock"}');
  return made;
};

/** With what only this file has: an unknown member, an entry with more in it, a number as no one else writes it. */
export const META = `{
    "appliedId": "${WORK}",
    "entries": [
        {"id": "${WORK}", "name": "Work", "color": 1.50}
    ],
    "hybridPointer": null
}
`;

export function snapshot(folder: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    const stats = lstatSync(path);
    const kind = stats.isSymbolicLink() ? 'link' : stats.isDirectory() ? 'folder' : 'file';
    const content = kind === 'file' ? readFileSync(path, 'latin1') : '';
    found[name] = `${kind} ${(statSync(path).mode & 0o777).toString(8)} ${content}`;
  }
  return found;
}
