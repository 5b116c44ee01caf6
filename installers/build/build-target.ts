// Builds one target's binaries without packages, for a test that runs them: `build-target.ts linux-arm64`.
import { bundle, productVersion } from './bundle.ts';
import { makeTargetBinaries } from './target-binaries.ts';
import { targets } from './targets.ts';

const [wanted] = process.argv.slice(2);
const target = targets.find(({ name }) => name === wanted);
if (target === undefined) throw new Error(`installers/build/targets.ts has no ${wanted}`);
console.log((await makeTargetBinaries(target, await bundle(), productVersion())).executable);
