// `npm run package`: the binaries of all targets, below dist/<target>/. Needs nothing but the npm registry.
// Arguments: names of targets; without any, all six.
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { bundle, projectFolder } from './bundle.ts';
import { packageTarget } from './package-target.ts';
import { secondsSince } from './steps.ts';
import { targets } from './targets.ts';

const names = process.argv.slice(2);
const unknown = names.filter((name) => !targets.some((target) => target.name === name));
if (unknown.length > 0) throw new Error(`no target is called ${unknown.join(', ')}`);

const { main, app } = await bundle();
for (const target of targets.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const startedAt = performance.now();
  const files = await packageTarget(target, { main: main.path, app: app.path });
  for (const file of files) {
    const megabytes = (statSync(file).size / 1e6).toFixed(1);
    console.log(`${relative(projectFolder, file)}: ${megabytes} MB, ${secondsSince(startedAt)} s`);
  }
}
