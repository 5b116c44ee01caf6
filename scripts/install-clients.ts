// Installs the real clients that test/e2e/clients runs (444 MB). Only tests need them, so the project doesn't depend on
// them.
import { join } from 'node:path';
import { projectFolder } from '../installers/build/bundle.ts';
import { installNpmDependencies } from './npm-dependencies.ts';

await installNpmDependencies(join(projectFolder, 'test/e2e/clients/packages'), join(projectFolder, 'build/clients'));
