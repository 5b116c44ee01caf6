import { dirname } from 'node:path';

/** The project's root, as an absolute path. */
export const projectFolder = dirname(import.meta.dirname);
