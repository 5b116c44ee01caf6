import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { type ExpectedSkip, expectedSkips } from './expected-skips.ts';
import { projectFolder } from './project-folder.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Tests that were skipped without an expected skip that covers them: file, blocks, and title, joined by ` > `. */
  readonly unexplained: readonly string[];
}

/** The part of vitest's JSON report that this file reads. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** Reads a report that vitest wrote. If vitest didn't get that far, all counts are 0, and its exit code tells. */
export function readTestReport(path: string): TestCounts {
  try {
    return countTests(JSON.parse(readFileSync(path, 'utf8')) as VitestReport, expectedSkips);
  } catch {
    return { passed: 0, failed: 0, skipped: 0, unexplained: [] };
  }
}

export function countTests(report: VitestReport, expected: readonly ExpectedSkip[]): TestCounts {
  const tests = report.testResults.flatMap(({ name, assertionResults }) => {
    const file = relative(projectFolder, name).replaceAll('\\', '/');
    return assertionResults.map(({ ancestorTitles, title, status }) => ({
      name: [file, ...ancestorTitles, title].join(' > '),
      status,
    }));
  });
  const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ name }) => name);
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').length,
    skipped: skipped.length,
    unexplained: skipped.filter((name) => !expected.some((skip) => name.startsWith(skip.name))),
  };
}
