// Makes the packages for macOS again from binaries that someone has signed since `npm run package`, and leaves these
// unchanged: node scripts/with-runtime.mjs installers/macos/repackage.ts macos-arm64
import { relative } from 'node:path';
import { projectFolder } from '../build/bundle.ts';
import { targets } from '../build/targets.ts';
import { writeMacPackages } from './packages.ts';

const names = process.argv.slice(2);
const chosen = targets.filter(({ name, platform }) => platform === 'darwin' && names.includes(name));
if (chosen.length === 0 || chosen.length !== names.length)
  throw new Error('usage: repackage.ts macos-x64|macos-arm64 ...');
for (const path of chosen.flatMap(writeMacPackages)) console.log(relative(projectFolder, path));
