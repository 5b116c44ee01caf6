import { isAbsolute } from 'node:path';
import { DesktopValues } from '../../claude-desktop/document.ts';
import { programOf } from '../../claude-desktop/helper-program.ts';
import { installedAddonFaults } from '../../platform/native-addon.ts';
import type { Check } from '../check.ts';
import { combine, type Problem } from '../combine.ts';
import type { DoctorContext } from '../context.ts';
import { whereReplaceable } from '../replaceable.ts';

const ROOT = 0;

interface Use {
  readonly program: string;
  /** What names the program for every user; undefined if only this user runs it. */
  readonly forAll?: string;
}

/**
 * Whether someone other than an administrator could replace what runs for every user, or what this user runs, and
 * whether the files that were installed with the program belong to it.
 */
export const programPlaceCheck: Check<DoctorContext> = {
  id: 'program-place',
  title: "Program's folder",
  async run(context) {
    const { getuid } = process;
    const addons = installedAddonFaults().map(addonProblem);
    if (getuid === undefined && addons.length === 0) {
      return { state: 'skip', detail: "access rights aren't checked on Windows", notNeeded: true };
    }
    const uses = getuid === undefined ? [] : await usesOf(context);
    const problems = [...addons, ...uses.flatMap((use) => problemOf(use, getuid?.() ?? ROOT))];
    return combine(problems, 'no other user can replace the program');
  },
};

async function usesOf({ autostart, desktop }: DoctorContext): Promise<readonly Use[]> {
  const started = (await autostart())
    .filter(({ scope }) => scope === 'system')
    .map(({ program, place }) => ({ program, forAll: place }));
  const reading = desktop();
  const managed = reading.state === 'values' && reading.managed ? reading : undefined;
  const path = managed && new DesktopValues(managed.document).text('inferenceCredentialHelper');
  const helper = path === undefined ? undefined : programOf(path);
  return [
    ...started,
    ...(managed === undefined || helper === undefined ? [] : [{ program: helper, forAll: managed.origin }]),
    { program: process.execPath },
  ].filter(({ program }) => isAbsolute(program));
}

function addonProblem(fault: string): Problem {
  return {
    state: 'warn',
    detail: `${fault}, so the program unpacks its own copy into your profile`,
    remedy: 'install the program again, or have an administrator do so',
  };
}

function problemOf({ program, forAll }: Use, user: number): readonly Problem[] {
  const weakness = whereReplaceable(program, new Set(forAll === undefined ? [ROOT, user] : [ROOT]));
  if (weakness === undefined) return [];
  const who = forAll === undefined ? 'this user runs' : `${forAll} has every user run`;
  return [
    {
      state: 'warn',
      detail: `${weakness.path} ${weakness.reason}, so others can replace the program that ${who} (${program})`,
      remedy:
        'have an administrator install the program in folders that only root may write to, such as those of its packages',
    },
  ];
}
