// `npm run check`: every static check, all of them even when one fails. `--fix` (`npm run format`) lets Biome mend what
// it can.
import { captureNode, runNode, runSteps, secondsSince } from './steps.ts';

/** dependency-cruiser finds no violations in no modules, and that is what it sees when it cannot read TypeScript. */
const MIN_SOURCE_MODULES = 20;

const startedAt = performance.now();
const fix = process.argv.includes('--fix') ? ['--write'] : [];
const failed = runSteps([
  {
    name: 'format and lint (Biome)',
    run: () => runNode('node_modules/@biomejs/biome/bin/biome', ['check', '--error-on-warnings', ...fix]),
  },
  { name: 'types of the product (tsc)', run: () => runNode('node_modules/typescript/bin/tsc', []) },
  {
    name: 'types of scripts and tests (tsc)',
    run: () => runNode('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.tools.json']),
  },
  { name: 'who imports whom (dependency-cruiser)', run: checkImports },
  { name: 'dead code and packages (knip)', run: () => runNode('node_modules/knip/bin/knip.js', ['--no-progress']) },
]);
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

function checkImports(): boolean {
  const args = ['src', 'scripts', 'bench', 'test', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const report = captureNode('node_modules/dependency-cruiser/bin/dependency-cruise.mjs', args);
  const { modules, summary } = JSON.parse(report) as CruiseReport;
  for (const { rule, from, to, cycle } of summary.violations) {
    const path = cycle?.map(({ name }) => name).join(' -> ') ?? to;
    console.log(`${rule.name}: ${from} -> ${path}`);
  }
  const sourceModules = modules.filter(({ source }) => source.startsWith('src/')).length;
  console.log(`${summary.violations.length} violations; ${modules.length} modules, ${sourceModules} of them under src`);
  if (sourceModules < MIN_SOURCE_MODULES) console.log(`at least ${MIN_SOURCE_MODULES} were expected under src`);
  return summary.violations.length === 0 && sourceModules >= MIN_SOURCE_MODULES;
}
