// docs/explanation/privacy.md says what is stored about a person. A file that the program can write must be on that page.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { productPaths } from '../../src/platform/paths.ts';

const page = readFileSync(join(projectFolder, 'docs/explanation/privacy.md'), 'utf8');

/** Files of other programs that this one only reads. */
const READ_ONLY = [
  'managed-settings.json',
  'settings.local.json',
  'claude_desktop_config.json',
  'main.log',
  '.config.json',
  '.claude.json',
  'managed-mcp.json',
  '.mcp.json',
  // Next to the program, from its package.
  'msal-node-runtime.node',
];
/** What an admin exports, the example of a name, and a part inside the program. */
const NO_FILES_HERE = [
  'windows-broker.json',
  '50-foundry-credential-helper.json',
  'foundry-credential-helper-report-20261123-0540.md',
];
const OTHERS = new Set([...READ_ONLY, ...NO_FILES_HERE]);
/** In quotes, or at the end of a template. */
const FILE_NAME = /['`}](?:[\w.-]+)?\.(?:json|log|lock|sock|starting|service|desktop|dpapi|node|md)(?=['`])/g;

/** Every literal in `src`, outside of what writes files for admins, that is the name of a file. */
function namedFiles(): Map<string, string> {
  const sources = globSync('src/**/*.ts', { cwd: projectFolder }).filter(
    (path) => !/^src\/(rollout|sign-in-page)\//.test(path.replaceAll('\\', '/')),
  );
  const found = sources.flatMap((path) => {
    const text = readFileSync(join(projectFolder, path), 'utf8').replace(/^\s*(?:\*|\/\/|import).*$/gm, '');
    return [...text.matchAll(FILE_NAME)].map(([match]) => [match.slice(1), path] as const);
  });
  return new Map(found);
}

describe('docs/explanation/privacy.md', () => {
  it('names every file that the program can write', () => {
    const files = namedFiles();
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['agent.json', 'keystore.json', 'agent.log', 'agent.lock', 'agent.sock', 'config.json']),
    );
    const missing = [...files].filter(([name]) => !OTHERS.has(name) && !page.includes(name));
    expect(missing).toEqual([]);
  });

  it.each([
    ['linux', { HOME: '/home/ada' }, '/home/ada', '~'],
    ['darwin', { HOME: '/Users/ada' }, '/Users/ada', '~'],
    ['win32', { USERPROFILE: 'C:\\Users\\ada' }, 'C:\\Users\\ada', '%USERPROFILE%'],
  ] as const)("names every folder on %s, as the program's own table has it", (platform, env, home, shown) => {
    const { runtime: _, ...folders } = productPaths(env, platform, () => false);
    for (const folder of Object.values(folders)) expect(page).toContain(`\`${folder.replace(home, shown)}\``);
  });

  it('names what an addon and the keystore are called', () => {
    for (const addon of ['keyring', 'dpapi', 'registry']) expect(page).toContain(`\`${addon}-<hash>.node\``);
    expect(page).toContain('keystore/<hash>.dpapi');
  });

  it('is linked from the README', () => {
    expect(readFileSync(join(projectFolder, 'README.md'), 'utf8')).toContain('](docs/explanation/privacy.md)');
  });
});
