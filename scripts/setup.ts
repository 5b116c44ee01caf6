// `npm run setup`: installs everything that any script or test needs, so later runs work offline. Optional, because
// each script also installs what it needs.
import { ensureDebianPackages } from './debian-dependencies.ts';
import { runNode, runSteps } from './steps.ts';
import { testFolders } from './test-projects.ts';

ensureDebianPackages(['demo', 'build', 'package', 'sign-windows', 'bench-check', ...testFolders]);
const failed = runSteps([
  { name: 'build', run: () => runNode('installers/build/build.ts', []) },
  { name: 'build for Windows', run: () => runNode('installers/build/build-windows.ts', []) },
  { name: 'real clients (npm)', run: () => runNode('scripts/install-clients.ts', []) },
]);
process.exitCode = failed.length === 0 ? 0 : 1;
