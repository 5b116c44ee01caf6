import { describeDesktop } from '../../claude-desktop/describe.ts';
import { linesForSupport } from '../../claude-desktop/desktop-log.ts';
import { describeConfiguration } from '../../config/describe.ts';
import { ignoredText } from '../../config/exclusion.ts';
import { toAppError } from '../../core/errors.ts';
import { redactWords } from '../../core/looks-like-secret.ts';
import { jsonText, printable } from '../../core/printable.ts';
import type { Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { Diagnosis } from '../run-doctor.ts';
import { byUrgency } from '../verdict.ts';
import { agentLines, autostartLines, connectionLines } from './agent-lines.ts';
import { folderLines, sessionLines, versionLines } from './computer-lines.ts';
import { readLogTail } from './log-tail.ts';
import { type Names, namesOf, redactForeign, withoutNames } from './redact.ts';

/** Never shown: support can ask who signs in. */
const PERSONAL_KEYS = ['accountHint'];

const LOG_LINES = 200;

const DESKTOP_LINES = 60;

type Section = readonly [title: string, lines: readonly string[]];

/**
 * The report, as Markdown that reads as plain text too. Shows only what's known to be public: masked settings,
 * findings, known log fields, known keys of Claude Desktop. Redacts words that look like a secret, and names.
 */
export async function renderReport({ context, findings }: Diagnosis, now: Date): Promise<string> {
  const { env, paths } = context;
  const names = namesOf(env);
  const log = readLogTail(paths.log, LOG_LINES);
  const theirs = linesForSupport({ env }, DESKTOP_LINES).map(({ at, level, text }) =>
    redactForeign(`${new Date(at).toISOString()} [${level}] ${text.slice(0, 400)}`, names),
  );
  const sections: readonly Section[] = [
    ['Versions', await linesOf(() => versionLines(findings))],
    ['Findings', byUrgency(findings).flatMap(findingLines)],
    ['Session', await linesOf(() => sessionLines(context, findings))],
    ['Agent', await linesOf(() => agentLines(context))],
    ['Autostart', await linesOf(() => autostartLines(context))],
    ['Connections and keystore', await linesOf(() => connectionLines(context, findings))],
    ['Folders', folderLines(context)],
    ['Configuration', configurationLines(context)],
    ["Claude Desktop's configuration", describeDesktop(context.desktop())],
    [`Claude Desktop's log, last ${theirs.length} lines about the helper`, theirs],
  ];
  const title = `# Report of foundry-credential-helper, ${now.toISOString()}`;
  const note = 'For support. Holds no token, password or key, and no name of an account, a user, or this computer.';
  const redacted = sections.map(([name, lines]): Section => [name, lines.map(redactWords)]);
  // The log's own fields are public, and hashes and IDs are among them.
  const all: readonly Section[] = [...redacted, [`Log, last ${log.length} lines of ${paths.log}`, log]];
  const text = all.map(([name, lines]) => `## ${printable(withoutNames(name, names))}\n\n${block(lines, names)}`);
  return `${[title, note, ...text].join('\n\n')}\n`;
}

/** A part that can't be found out isn't a reason to have no report. */
async function linesOf(find: () => Promise<readonly string[]> | readonly string[]): Promise<readonly string[]> {
  try {
    return await find();
  } catch (thrown) {
    return [`can't be found out: ${toAppError(thrown).code}`];
  }
}

/** Indented by four, which is Markdown's plain text: nothing in it can end it. */
function block(lines: readonly string[], names: Names): string {
  return lines.length === 0 ? '(none)' : lines.map((line) => `    ${printable(withoutNames(line, names))}`).join('\n');
}

function findingLines(finding: Finding): readonly string[] {
  const { id, state, detail, facts = {} } = finding;
  return [
    `${state.toUpperCase().padEnd(5)} ${id}: ${detail}`,
    ...('remedy' in finding ? [`      remedy: ${finding.remedy}`] : []),
    ...(Object.keys(facts).length === 0 ? [] : [`      ${jsonText(facts)}`]),
  ];
}

const shownValue = (key: string, value: unknown): string | undefined =>
  PERSONAL_KEYS.includes(key) && value !== undefined ? '(set)' : JSON.stringify(value);

function configurationLines({ resolution }: DoctorContext): readonly string[] {
  const settings = describeConfiguration(resolution).flatMap(({ key, value, origin, overrides, ignored, problem }) => {
    const shown = shownValue(key, value);
    const text = problem === undefined ? (shown ?? '-') : '(invalid)';
    const inVain = overrides.length === 0 ? '' : `, overrides ${overrides.map(({ location }) => location).join(', ')}`;
    return [
      `${key.padEnd(28)} ${text}${origin === undefined ? '' : `  from ${origin.location}${inVain}`}`,
      ...(ignored ?? []).map(
        (one) =>
          `${''.padEnd(28)} ${shownValue(key, one.value) ?? '(invalid)'}  from ${one.origin.location}, ignored: ${ignoredText[one.because]}`,
      ),
    ];
  });
  const sources = resolution.sources.map(({ kind, location, state }) => `source ${kind}: ${location} (${state})`);
  return [...settings, ...sources];
}
