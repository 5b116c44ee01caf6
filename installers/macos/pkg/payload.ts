// What the package puts where.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPLETION_FILES } from '../../../scripts/generate-docs.ts';
import { projectFolder } from '../../build/bundle.ts';
import type { Entry } from './entry.ts';

/** Of the LaunchAgent, whose file has its name. */
export const AGENT_LABEL = 'dev.foundry-credential-helper.agent';
/**
 * The folder of everything that runs, by root or for every user. Only root may write to it and to the folders above it,
 * unlike `/usr/local`, which Homebrew gives to a user on Intel.
 */
export const SUPPORT_FOLDER = 'Library/Application Support/foundry-credential-helper';
const PROGRAM_FOLDER = `${SUPPORT_FOLDER}/bin`;
/** Where profiles for Claude Desktop expect the program: src/rollout/export/rollout-settings.ts. */
export const PROGRAM_PATH = `${PROGRAM_FOLDER}/foundry-credential-helper`;
/** path_helper(8) puts the folder that this file names on the PATH of every shell. */
export const PATHS_FILE = 'private/etc/paths.d/foundry-credential-helper';
/** man(1) looks in `share/man` next to each `bin` on the PATH. */
const SHARED_FOLDER = `${SUPPORT_FOLDER}/share`;

const ADMIN = 80;
const WHEEL = 0;

/** Modes and groups are those of macOS itself where it has the folder. */
const FOLDERS = [
  { path: '', group: WHEEL },
  { path: 'Library', group: WHEEL },
  { path: 'Library/Application Support', group: ADMIN },
  { path: SUPPORT_FOLDER, group: WHEEL },
  { path: PROGRAM_FOLDER, group: WHEEL },
  { path: SHARED_FOLDER, group: WHEEL },
  { path: `${SHARED_FOLDER}/man`, group: WHEEL },
  { path: `${SHARED_FOLDER}/man/man1`, group: WHEEL },
  { path: `${SHARED_FOLDER}/zsh`, group: WHEEL },
  { path: `${SHARED_FOLDER}/zsh/site-functions`, group: WHEEL },
  { path: 'Library/LaunchAgents', group: WHEEL },
  { path: 'private', group: WHEEL },
  { path: 'private/etc', group: WHEEL },
  { path: 'private/etc/paths.d', group: WHEEL },
];

/**
 * The files to install, folders before what is in them.
 * @param documents what comes with every copy of the program, by file name
 * @param addons the program's native addons, by file name. It looks for them next to itself
 */
export function payload(
  program: Buffer,
  documents: Readonly<Record<string, Buffer>>,
  addons: Readonly<Record<string, Buffer>> = {},
): Entry[] {
  const file = (path: string, mode: number, content: Buffer): Entry => ({ path, mode, group: WHEEL, content });
  const shared = (path: string, source: string) => file(`${SHARED_FOLDER}/${path}`, 0o644, projectFile(source));
  const agent = `${AGENT_LABEL}.plist`;
  return [
    ...FOLDERS.map((folder) => ({ ...folder, mode: 0o755 })),
    file(PROGRAM_PATH, 0o755, program),
    ...Object.entries(addons).map(([name, content]) => file(`${PROGRAM_FOLDER}/${name}`, 0o644, content)),
    file(PATHS_FILE, 0o644, Buffer.from(`/${PROGRAM_FOLDER}\n`)),
    shared('man/man1/foundry-credential-helper.1', 'docs/reference/foundry-credential-helper.1'),
    shared('zsh/site-functions/_foundry-credential-helper', COMPLETION_FILES.zsh),
    file(`Library/LaunchAgents/${agent}`, 0o644, readInstallerFile(agent)),
    file(`${SUPPORT_FOLDER}/uninstall.sh`, 0o755, readInstallerFile('uninstall.sh')),
    ...Object.entries(documents).map(([name, content]) => file(`${SUPPORT_FOLDER}/${name}`, 0o644, content)),
  ];
}

/** What Installer runs as root, before and after it writes the files. */
export function installerScripts(): Entry[] {
  const script = (path: string): Entry => ({ path, mode: 0o755, group: WHEEL, content: readInstallerFile(path) });
  return [{ path: '', mode: 0o755, group: WHEEL }, script('postinstall'), script('preinstall')];
}

function readInstallerFile(name: string): Buffer {
  return projectFile(join('installers', 'macos', name));
}

function projectFile(path: string): Buffer {
  return readFileSync(join(projectFolder, path));
}
