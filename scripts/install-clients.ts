// The real clients that test/e2e/clients runs, 444 MB of them: for tests alone, so they are no packages of the project.
import { join } from 'node:path';
import { projectFolder } from '../installers/build/bundle.ts';
import { installPackages } from './npm-packages.ts';

await installPackages(join(projectFolder, 'test/e2e/clients/packages'), join(projectFolder, 'build/clients'));
