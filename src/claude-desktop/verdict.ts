// Whether Claude Desktop takes its tokens from this program, and if not, why.
import { realpathSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { looksLikeSecret } from '../core/looks-like-secret.ts';
import { nameOf, OWN_ID, readLibrary } from './config-library.ts';
import { shownSettings } from './describe.ts';
import { DesktopValues } from './document.ts';
import type { LintOptions } from './examination.ts';
import type { Finding } from './finding.ts';
import type { HeaderVerdict } from './header.ts';
import { shownHelperPath } from './helper-program.ts';
import { lintDesktop } from './lint.ts';
import { type DesktopPlaces, type DesktopReading, readDesktopConfiguration } from './read.ts';
import { remembersClaudeAi } from './remembered-mode.ts';
import { desktopHeader } from './rules/credential.ts';

export interface DesktopVerdict {
  /** Whether it runs this program and nothing that is known prevents it from working. */
  readonly usesThisProgram: boolean;
  readonly source: 'managed' | 'local' | 'none';
  readonly state: DesktopReading['state'];
  /** The file, registry key, or other place that counts. */
  readonly place?: string;
  /** Why it can't be used; completes `<place> …`. */
  readonly reason?: string;
  /** The local configuration's name in Claude Desktop's own window. */
  readonly profile?: string;
  /** What may be shown of the values. */
  readonly settings: readonly { readonly key: string; readonly value: string }[];
  readonly findings: readonly Finding[];
  readonly header?: HeaderVerdict | undefined;
  readonly helper?: { readonly path: string; readonly isThisProgram: boolean } | undefined;
  /** Whether it remembers a claude.ai account, starts with that, and so ignores its configuration. */
  readonly startsWithClaudeAi: boolean;
  /** Keys whose values differ from what this program's settings require; empty if that can't be said. */
  readonly differs: readonly string[];
  /** Whether `configure`'s own configuration is applied, but has no effect because an admin's settings count. */
  readonly isOverruled: boolean;
}

export interface VerdictOptions extends LintOptions {
  /** Absolute path of this program. */
  readonly program: string;
  /** What `desktopProfile` makes of this program's settings, if they are complete. */
  readonly expected?: Readonly<Record<string, unknown>> | undefined;
}

/** Helper and header are judged on their own; how long a token is cached is up to the admin. */
const COMPARED = [
  'inferenceProvider',
  'inferenceGatewayBaseUrl',
  'inferenceFoundryResource',
  'inferenceFoundryBaseUrl',
  'inferenceModels',
] as const;

/** Never throws. */
export function judgeDesktop(places: DesktopPlaces, options: VerdictOptions): DesktopVerdict {
  const reading = readDesktopConfiguration(places);
  const startsWithClaudeAi = remembersClaudeAi(places) && !hidesClaudeAi(reading);
  const source = sourceOf(reading, places);
  if (reading.state !== 'values') {
    return { usesThisProgram: false, ...source, startsWithClaudeAi, settings: [], findings: [], differs: [] };
  }
  const values = new DesktopValues(reading.document);
  const { program, expected = {}, ...lint } = options;
  const findings = lintDesktop(reading.document, lint);
  const isSound = !findings.some(({ severity }) => severity === 'error');
  const helper = helperOf(values, places.platform ?? process.platform, program);
  const header = desktopHeader(values, lint);
  return {
    usesThisProgram: helper?.isThisProgram === true && isSound && !startsWithClaudeAi,
    ...source,
    startsWithClaudeAi,
    helper,
    header,
    settings: shownSettings(values),
    findings,
    differs: COMPARED.filter((key) => key in expected && !isEqual(values, key, expected[key])),
  };
}

function isEqual(values: DesktopValues, key: (typeof COMPARED)[number], expected: unknown): boolean {
  if (typeof expected === 'object') return isDeepStrictEqual(values.structure(key), expected);
  const plain = (text: string | undefined) => text?.replace(/\/+$/, '').toLowerCase();
  return plain(values.text(key)) === plain(String(expected));
}

type Source = Pick<DesktopVerdict, 'source' | 'state' | 'place' | 'reason' | 'profile' | 'isOverruled'>;

function sourceOf(reading: DesktopReading, places: DesktopPlaces): Source {
  const { state } = reading;
  if (state === 'absent') return { source: 'none', state, isOverruled: false };
  const { origin: place, managed } = reading;
  const library = readLibrary(places);
  const applied = library.state === 'library' ? library.appliedId : undefined;
  const reason = state === 'unreadable' ? { reason: reading.reason } : {};
  if (managed) return { source: 'managed', state, place, ...reason, isOverruled: applied === OWN_ID };
  const entries = library.state === 'library' ? library.entries : [];
  const profile = applied === undefined ? {} : { profile: publicName(nameOf(entries, applied)) };
  return { source: 'local', state, place, ...profile, ...reason, isOverruled: false };
}

/** People may have typed anything. */
const publicName = (name: string): string => (looksLikeSecret(name) ? '(not shown)' : name);

function helperOf(values: DesktopValues, platform: NodeJS.Platform, program: string): DesktopVerdict['helper'] {
  const path = helperPath(values, platform);
  return path === undefined ? undefined : { path: shownHelperPath(path), isThisProgram: isSame(path, program) };
}

const hidesClaudeAi = (reading: DesktopReading): boolean =>
  reading.state === 'values' && new DesktopValues(reading.document).flag('disableDeploymentModeChooser') === true;

function helperPath(values: DesktopValues, platform: NodeJS.Platform): string | undefined {
  const forWindows = platform === 'win32' ? values.text('inferenceCredentialHelperWindows') : undefined;
  return forWindows ?? values.text('inferenceCredentialHelper');
}

function isSame(path: string, program: string): boolean {
  try {
    return realpathSync(path) === realpathSync(program);
  } catch {
    return false;
  }
}
