// One Wine prefix made from nothing and kept in build/, of which every test gets a copy.
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { makeWinePrefix } from '../../../installers/windows/wine-prefix.ts';

const execute = promisify(execFile);

/** Its own prefix, next to the template. @throws Error when Wine fails */
export async function clonePrefix(): Promise<string> {
  const folder = join(projectFolder, 'build', 'wine');
  mkdirSync(folder, { recursive: true });
  const template = await makeTemplate(folder);
  const root = mkdtempSync(join(folder, 'prefix-'));
  // 700 MB of Wine's files, which no program under test writes to, are linked. The registry isn't.
  await execute('cp', ['-al', `${template}/.`, root]);
  for (const name of readdirSync(template).filter((entry) => entry.endsWith('.reg'))) {
    rmSync(join(root, name));
    copyFileSync(join(template, name), join(root, name));
  }
  return root;
}

async function makeTemplate(folder: string): Promise<string> {
  const version = execFileSync('wine', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const template = join(folder, `template-${edition()}-${version.replace(/[^\w.-]+/g, '_')}`);
  if (existsSync(template)) return template;
  const draft = mkdtempSync(join(folder, 'draft-'));
  await makeWinePrefix(draft);
  try {
    renameSync(draft, template);
  } catch (thrown) {
    // Another test process was faster.
    if (!existsSync(template)) throw thrown;
    rmSync(draft, { recursive: true });
  }
  return template;
}

/** Of the way in which prefixes are made: a template of another one isn't used. */
function edition(): string {
  const recipe = readFileSync(join(projectFolder, 'installers/windows/wine-prefix.ts'));
  return createHash('sha256').update(recipe).digest('hex').slice(0, 8);
}
