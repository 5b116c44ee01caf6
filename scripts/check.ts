// Runs the static checks, all at the same time, and all of them even if one fails:
//   npm run check              every check
//   npm run lint               one of them, by its kind below
//   npm run format             "lint", with Biome fixing what it can
import { collectNode, type Outcome, runTasks, secondsSince } from './steps.ts';

/**
 * `tsc` is TypeScript 7. It has no JavaScript API yet, and dependency-cruiser needs one to read TypeScript. That's why
 * package.json also has `typescript` 6. Remove it when dependency-cruiser no longer needs it.
 */
const TSC = 'node_modules/@typescript/native/bin/tsc';

/** If dependency-cruiser can't read TypeScript, it sees no modules and so finds no violations. */
const MIN_SOURCE_MODULES = 200;

const args = process.argv.slice(2);
const fix = args.includes('--fix') ? ['--write'] : [];
const chosen = args.filter((arg) => !arg.startsWith('-'));

const checks = [
  {
    kind: 'lint',
    name: 'format and lint (Biome)',
    run: () => collectNode('node_modules/@biomejs/biome/bin/biome', ['check', '--error-on-warnings', ...fix]),
  },
  { kind: 'types', name: 'types of the product (tsc)', run: () => collectNode(TSC, ['-p', 'tsconfig.json']) },
  {
    kind: 'types',
    name: 'types of scripts and tests (tsc)',
    run: () => collectNode(TSC, ['-p', 'tsconfig.tools.json']),
  },
  { kind: 'imports', name: 'who imports whom (dependency-cruiser)', run: checkImports },
  {
    kind: 'unused',
    name: 'unused code and packages (knip)',
    run: () => collectNode('node_modules/knip/bin/knip.js', ['--no-progress']),
  },
  {
    kind: 'prose',
    name: 'words of docs, messages, and comments (textlint)',
    run: () => collectNode('scripts/prose/check-prose.ts', []),
  },
  { kind: 'workflows', name: 'workflows (actionlint)', run: () => collectNode('scripts/check-workflows.ts', []) },
];

const startedAt = performance.now();
const unknown = chosen.filter((name) => !checks.some(({ kind }) => kind === name));
if (unknown.length > 0) throw new Error(`There's no check named ${unknown.join(', ')}.`);
const failed = await runTasks(checks.filter(({ kind }) => chosen.length === 0 || chosen.includes(kind)));
const outcome = failed.length === 0 ? 'All checks passed' : `Failed: ${failed.join('; ')}`;
console.log(`\n${outcome} (${secondsSince(startedAt)} s).`);
process.exitCode = failed.length === 0 ? 0 : 1;

interface CruiseReport {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
      readonly cycle?: readonly { readonly name: string }[];
    }[];
  };
}

async function checkImports(): Promise<Outcome> {
  const folders = ['src', 'scripts', 'installers', 'bench', 'test'];
  const options = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const cruise = await collectNode('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs', [
    ...folders,
    ...options,
  ]);
  if (cruise.stdout === '') return { succeeded: false, output: cruise.output };
  const { modules, summary } = JSON.parse(cruise.stdout) as CruiseReport;
  const lines = summary.violations.map(({ rule, from, to, cycle }) => {
    const path = cycle?.map(({ name }) => name).join(' -> ') ?? to;
    return `${rule.name}: ${from} -> ${path}`;
  });
  const sourceModules = modules.filter(({ source }) => source.startsWith('src/')).length;
  lines.push(`${lines.length} violations; ${modules.length} modules, ${sourceModules} of them under src`);
  const isComplete = sourceModules >= MIN_SOURCE_MODULES;
  if (!isComplete) lines.push(`at least ${MIN_SOURCE_MODULES} were expected under src`);
  return { succeeded: summary.violations.length === 0 && isComplete, output: lines.join('\n') };
}
