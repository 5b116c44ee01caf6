// What the package puts where.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPLETION_FILES } from '../../../scripts/generate-docs.ts';
import { projectFolder } from '../../build/bundle.ts';
import type { Entry } from './entry.ts';

/** Of the LaunchAgent, whose file has its name. */
export const AGENT_LABEL = 'dev.foundry-credential-helper.agent';
/** Where profiles for Claude Desktop expect the program: src/rollout/export/rollout-settings.ts. */
export const PROGRAM_PATH = 'usr/local/bin/foundry-credential-helper';
/** Root's alone, unlike `/usr/local` where Homebrew gives it to a user: root runs a script from here. */
export const SUPPORT_FOLDER = 'Library/Application Support/foundry-credential-helper';

const ADMIN = 80;
const WHEEL = 0;

/** Modes and groups are those of macOS itself where it has the folder. */
const FOLDERS = [
  { path: '', group: WHEEL },
  { path: 'Library', group: WHEEL },
  { path: 'Library/Application Support', group: ADMIN },
  { path: SUPPORT_FOLDER, group: WHEEL },
  { path: 'Library/LaunchAgents', group: WHEEL },
  { path: 'usr', group: WHEEL },
  { path: 'usr/local', group: WHEEL },
  { path: 'usr/local/bin', group: WHEEL },
  { path: 'usr/local/share', group: WHEEL },
  { path: 'usr/local/share/man', group: WHEEL },
  { path: 'usr/local/share/man/man1', group: WHEEL },
  { path: 'usr/local/share/zsh', group: WHEEL },
  { path: 'usr/local/share/zsh/site-functions', group: WHEEL },
];

/**
 * The files to install, folders before what is in them.
 * @param documents what comes with every copy of the program, by file name
 */
export function payload(program: Buffer, documents: Readonly<Record<string, Buffer>>): Entry[] {
  const file = (path: string, mode: number, content: Buffer): Entry => ({ path, mode, group: WHEEL, content });
  const agent = `${AGENT_LABEL}.plist`;
  return [
    ...FOLDERS.map((folder) => ({ ...folder, mode: 0o755 })),
    file(PROGRAM_PATH, 0o755, program),
    file(
      'usr/local/share/man/man1/foundry-credential-helper.1',
      0o644,
      projectFile('docs/foundry-credential-helper.1'),
    ),
    file('usr/local/share/zsh/site-functions/_foundry-credential-helper', 0o644, projectFile(COMPLETION_FILES.zsh)),
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
