import { release } from 'node:os';
import { describeDesktop } from '../../claude-desktop/describe.ts';
import { describeConfiguration } from '../../config/describe.ts';
import { ignoredText } from '../../config/exclusion.ts';
import { redactWords } from '../../core/looks-like-secret.ts';
import { jsonText, printable } from '../../core/printable.ts';
import { commit, version } from '../../core/version.ts';
import type { Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { Diagnosis } from '../run-doctor.ts';
import { readLogTail } from './log-tail.ts';

/** Never shown: support can ask who signs in. */
const PERSONAL_KEYS = ['accountHint'];

const LOG_LINES = 200;

/**
 * The report, as Markdown that reads as plain text too. Shows only what's known to be public: masked settings,
 * findings, known log fields, known keys of Claude Desktop. Redacts words that look like a secret.
 */
export function renderReport({ context, findings }: Diagnosis, now: Date): string {
  const log = readLogTail(context.paths.log, LOG_LINES);
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Versions', versionLines()],
    ['Findings', findings.flatMap(findingLines).map(redactWords)],
    ['Configuration', configurationLines(context).map(redactWords)],
    ["Claude Desktop's configuration", describeDesktop(context.desktop())],
    [`Log, last ${log.length} lines of ${printable(context.paths.log)}`, log],
  ];
  const title = `# Report of foundry-credential-helper, ${now.toISOString()}`;
  const note = 'For support. Holds no token, password or key, and no account name.';
  return `${[title, note, ...sections.map(([name, lines]) => `## ${name}\n\n${block(lines)}`)].join('\n\n')}\n`;
}

/** Indented by four, which is Markdown's plain text: nothing in it can end it. */
function block(lines: readonly string[]): string {
  return lines.length === 0 ? '(none)' : lines.map((line) => `    ${printable(line)}`).join('\n');
}

function versionLines(): readonly string[] {
  return [
    `program   ${version} (${commit})`,
    `runtime   Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`,
    `system    ${process.platform} ${release()}, ${process.arch}`,
    `path      ${process.execPath}`,
  ];
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
