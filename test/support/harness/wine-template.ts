// One Wine prefix made from nothing and kept in build/, of which every test gets a copy.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from '../../../installers/build/bundle.ts';

const execute = promisify(execFile);

/** Counts the ways in which prefixes were made: a template of an older one is not used. */
const EDITION = 1;

/** No display, no .NET, no HTML engine; a UTF-8 locale, or file names lose what is not ASCII. */
export function wineEnvironment(root: string): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: root,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    WINEPREFIX: root,
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
  };
}

/** A prefix of its own, next to the template. @throws Error when Wine fails */
export async function clonePrefix(): Promise<string> {
  const folder = join(projectFolder, 'build', 'wine');
  mkdirSync(folder, { recursive: true });
  const template = await makeTemplate(folder);
  const root = mkdtempSync(join(folder, 'prefix-'));
  // 700 MB of Wine's own files, which no program of ours writes to, are linked. The registry is not.
  await execute('cp', ['-al', `${template}/.`, root]);
  for (const name of readdirSync(template).filter((entry) => entry.endsWith('.reg'))) {
    rmSync(join(root, name));
    copyFileSync(join(template, name), join(root, name));
  }
  return root;
}

async function makeTemplate(folder: string): Promise<string> {
  const version = execFileSync('wine', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const template = join(folder, `template-${EDITION}-${version.replace(/[^\w.-]+/g, '_')}`);
  if (existsSync(template)) return template;
  const draft = mkdtempSync(join(folder, 'draft-'));
  const env = wineEnvironment(draft);
  await runQuietly('wineboot', ['-i'], env);
  // Wine 8 says that it is Windows 7, on which Node does not start.
  await runQuietly('wine', ['winecfg', '-v', 'win10'], env);
  await execute('wineserver', ['-k'], { env }).catch(() => undefined);
  await execute('wineserver', ['-w'], { env });
  try {
    renameSync(draft, template);
  } catch (thrown) {
    // Another test process was faster.
    if (!existsSync(template)) throw thrown;
    rmSync(draft, { recursive: true });
  }
  return template;
}

/** Wine's services inherit the streams and would keep a pipe open. */
function runQuietly(command: string, args: readonly string[], env: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} exited with ${code}`))));
  });
}
