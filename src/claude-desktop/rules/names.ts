// Names: unknown, misspelled, retired, another program's, or unknown to the version in question.
import { isConfigurationKey } from '../../config/keys.ts';
import { isShowableName } from '../../core/looks-like-secret.ts';
import { compareVersions } from '../../core/version.ts';
import { keyOf } from '../document.ts';
import type { Examination } from '../examination.ts';
import { type DesktopKeyName, desktopKey, desktopKeyNames, isDesktopKey } from '../keys.ts';
import { reportRetirement } from './retirement.ts';

const FORMER_NAMES = new Map(
  desktopKeyNames.flatMap((name) => {
    const { formerly } = desktopKey(name);
    return formerly === undefined ? [] : [[formerly.name, { refusedFrom: formerly.refusedFrom, now: name }] as const];
  }),
);

export function checkNames(examination: Examination): void {
  const { document } = examination;
  for (const key of new Set(document.entries.map((entry) => keyOf(document, entry)))) {
    if (isDesktopKey(key)) checkKnown(examination, key);
    else checkUnknown(examination, key);
  }
}

function checkKnown(examination: Examination, key: DesktopKeyName): void {
  const { report, values } = examination;
  const { retired, supersededBy, hostedOnly, modes } = desktopKey(key);
  if (isTooNew(examination, key)) {
    const rule = `is known since version ${desktopKey(key).since} only, so version ${examination.options.desktopVersion} ignores it`;
    report('key-too-new', key, { rule });
  }
  if (retired !== undefined) {
    reportRetirement(examination, {
      key,
      what: 'is',
      refusedFrom: retired.refusedFrom,
      remedy: `use ${retired.instead}`,
    });
  }
  if (supersededBy !== undefined)
    report('key-superseded', key, { rule: `still works; its successor is "${supersededBy}"` });
  if (hostedOnly === true) report('key-hosted-only', key);
  if (!modes.includes('3p') && values.has('inferenceProvider')) report('key-other-mode', key);
}

function isTooNew({ options: { desktopVersion } }: Examination, key: DesktopKeyName): boolean {
  return desktopVersion !== undefined && compareVersions(desktopVersion, desktopKey(key).since) < 0;
}

function checkUnknown(examination: Examination, key: string): void {
  const former = FORMER_NAMES.get(key);
  if (former !== undefined) checkFormer(examination, key, former);
  else reportUnknown(examination, key);
}

function reportUnknown({ report, document }: Examination, key: string): void {
  const near = desktopKeyNames.find((name) => plain(name) === plain(key));
  if (!isShowableName(key)) report('key-unknown', '(not shown)');
  else if (key.includes('.') && document.isNested !== true) report('key-nested', key);
  else if (isConfigurationKey(key)) report('key-of-other-program', key);
  else if (near !== undefined) report('key-misspelled', key, { rule: `isn't a key; did you mean "${near}"?` });
  else report('key-unknown', key);
}

interface Former {
  readonly refusedFrom: string;
  readonly now: DesktopKeyName;
}

function checkFormer(examination: Examination, key: string, { refusedFrom, now }: Former): void {
  // The version in question may know the old name only.
  if (isTooNew(examination, now)) return;
  if (examination.values.has(now)) {
    examination.report('key-renamed', key, {
      rule: `doesn't count next to "${now}", its new name`,
      remedy: 'remove it',
    });
  } else reportRetirement(examination, { key, what: 'is', refusedFrom, remedy: `use its new name "${now}"` });
}

/** Case, separators, a plural, and the unit are what people get wrong. */
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .replace(/(?:seconds|secs)$/, 'sec')
    .replace(/s$/, '');
