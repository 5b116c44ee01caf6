// Runs in Windows' Node: looks in the real registry for a program that opens Claude's links.
import { writeSync } from 'node:fs';
import { findClaudeUrl } from '../../../../src/claude-desktop/open-link.ts';

writeSync(1, (await findClaudeUrl()) ?? 'none');
process.exit(0);
