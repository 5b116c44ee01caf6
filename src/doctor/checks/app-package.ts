import { readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { startsThisProgram } from '../../autostart/system-autostart.ts';
import { isThere } from '../../platform/file-checks.ts';
import { packageContainer, windowsOrigin } from '../../platform/windows-origin.ts';
import type { Check, Outcome } from '../check.ts';
import { combine, type Problem } from '../combine.ts';
import type { DoctorContext } from '../context.ts';

/**
 * Windows only: whether this program runs inside a packaged app such as Claude Desktop, whose files and processes Windows
 * keeps apart, and whether files of this program's are in such an app's private folder.
 */
export const appPackageCheck: Check<DoctorContext> = {
  id: 'app-package',
  title: 'App package',
  async run({ env, paths, autostart }) {
    const container = packageContainer(await windowsOrigin());
    const hasTask = (await autostart()).some(
      ({ kind, enabled, program }) => kind === 'scheduled-task' && enabled && startsThisProgram(program),
    );
    return describePackage({ container: container?.name, hasTask, copies: privateCopies(env, paths.config) });
  },
};

interface PackageFindings {
  /** Full name of the package around this program. */
  readonly container: string | undefined;
  /** Whether a scheduled task starts the agent outside of it. */
  readonly hasTask: boolean;
  /** Folders of this program's that only a packaged app sees. */
  readonly copies: readonly string[];
}

export function describePackage({ container, hasTask, copies }: PackageFindings): Outcome {
  const problems = [...copies.map(copyProblem), ...(container === undefined || hasTask ? [] : [confined(container)])];
  const detail =
    container === undefined ? 'not inside a packaged app' : `inside the package ${container}; its agent runs outside`;
  return { ...combine(problems, detail), facts: { inside: container ?? '', copies } };
}

function copyProblem(folder: string): Problem {
  return {
    state: 'warn',
    detail: `${folder} has files of this program that only that app sees, possibly with a sign-in`,
    remedy: `run "foundry-credential-helper logout", quit the app, and delete ${folder}`,
  };
}

function confined(name: string): Problem {
  return {
    state: 'warn',
    detail: `this runs inside the package ${name}, and no scheduled task starts the agent, so it ends with that app`,
    remedy:
      'run "foundry-credential-helper agent install", or have your IT department install the program from its package',
  };
}

const NAMES = ['.foundry-credential-helper', 'foundry-credential-helper'];

/** The app's own private copies of AppData. `own` is the folder that counts, wherever the profile is. */
export function privateCopies(env: NodeJS.ProcessEnv, own: string): readonly string[] {
  const bases = [env['LOCALAPPDATA'] ?? '', join(env['USERPROFILE'] ?? '', 'AppData', 'Local')];
  // Windows' package container may hand out empty variables, and a relative folder would be one of the working folder's.
  const packages = bases.filter((base) => isAbsolute(base)).map((base) => join(base, 'Packages'));
  const found = packages.flatMap((folder) =>
    namesIn(folder).flatMap((name) =>
      ['Local', 'Roaming'].flatMap((kind) => NAMES.map((ours) => join(folder, name, 'LocalCache', kind, ours))),
    ),
  );
  return [...new Set(found)].filter((folder) => folder !== own && isThere(folder));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
