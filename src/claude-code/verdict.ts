import {
  addressCulprits,
  type Culprit,
  type Expected,
  faultCulprit,
  headerWarnings,
  helperCulprits,
  modeCulprits,
  modelWarnings,
  policyCulprits,
  rivalCulprits,
  switchCulprits,
  unclearCulprits,
} from './culprits.ts';
import { isOurHelper } from './helper-command.ts';
import type { InForce } from './in-force.ts';
import type { Layer } from './layer.ts';

export interface Verdict {
  /** `unclear` if a program decides the managed settings: only Claude Code knows what it returns. */
  readonly state: 'works' | 'conflict' | 'incomplete' | 'not-configured' | 'unclear';
  /** Where the helper in force comes from, if it's this program. */
  readonly source?: Pick<Layer, 'kind' | 'location'> | undefined;
  /** What leads elsewhere, or prevents Claude Code from starting. */
  readonly conflicts: readonly Culprit[];
  readonly missing: readonly Culprit[];
  /** What changes nothing for the tokens. */
  readonly warnings: readonly Culprit[];
}

/** Whether Claude Code takes its tokens from this program with the settings in force. Never throws. */
export function judge(inForce: InForce, expected: Expected): Verdict {
  const found = inForce.layers.some(({ apiKeyHelper }) => isOurHelper(apiKeyHelper, expected.apiKeyHelper));
  const helper = helperCulprits(inForce, expected);
  const address = addressCulprits(inForce, expected);
  const [faults, harmless] = partition(inForce.faults, ({ isFatal, kind }) => isFatal || (!found && kind === 'user'));
  const conflicts = [
    ...faults.map(faultCulprit),
    ...policyCulprits(inForce),
    ...modeCulprits(inForce.variable),
    ...rivalCulprits(inForce.variable),
    ...address.conflicts,
    ...helper.conflicts,
  ];
  const missing = [...switchCulprits(inForce.variable), ...address.missing, ...helper.missing];
  const unclear = unclearCulprits(inForce.policy);
  const warnings = [
    ...unclear,
    ...harmless.map(faultCulprit),
    ...modelWarnings(inForce.variable, expected),
    ...headerWarnings(inForce, expected),
  ];
  const isUnread = faults.length > 0;
  const state = stateOf({ found, isUnread, isUnclear: unclear.length > 0, conflicts, missing });
  return { state, source: helper.source, conflicts, missing, warnings };
}

type Findings = Pick<Verdict, 'conflicts' | 'missing'> & Readonly<Record<'found' | 'isUnread' | 'isUnclear', boolean>>;

function stateOf({ found, isUnread, isUnclear, conflicts, missing }: Findings): Verdict['state'] {
  if (isUnread) return 'conflict';
  if (isUnclear) return 'unclear';
  if (!found) return 'not-configured';
  if (conflicts.length > 0) return 'conflict';
  return missing.length > 0 ? 'incomplete' : 'works';
}

function partition<T>(list: readonly T[], predicate: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [list.filter(predicate), list.filter((item) => !predicate(item))];
}

/** `<key> in <location> <reason>`, for people. */
export function culpritText({ key, location, reason }: Culprit): string {
  return [[key, location].filter((part) => part !== undefined).join(' in '), reason].join(' ');
}
