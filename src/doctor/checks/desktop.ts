import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { DesktopValues } from '../../claude-desktop/document.ts';
import type { Finding } from '../../claude-desktop/finding.ts';
import { programOf, shownHelperPath } from '../../claude-desktop/helper-program.ts';
import { lintDesktop } from '../../claude-desktop/lint.ts';
import type { DesktopReading } from '../../claude-desktop/read.ts';
import { desktopHeader } from '../../claude-desktop/rules/credential.ts';
import { addressOf } from '../../claude-desktop/rules/endpoint.ts';
import { baseUrlOf } from '../../config/base-url.ts';
import { isExecutable } from '../../platform/file-checks.ts';
import type { Check, Outcome } from '../check.ts';
import { combine, type Problem } from '../combine.ts';
import type { DoctorContext } from '../context.ts';

type Values = Extract<DesktopReading, { state: 'values' }>;

const EXPORT =
  'deploy the profile that "foundry-credential-helper config export FOLDER" writes, then quit Claude Desktop completely and start it again';

const UNREADABLE =
  process.platform === 'linux'
    ? 'make it valid JSON in a plain file that root owns, everyone may read, and nobody else may write to (mode 644)'
    : 'install the profile again, and check that this user can read the named place';

/** Findings that other checks report, so one cause is one failure. */
const REPORTED_ELSEWHERE = /^(?:header-mismatch|helper-path-.*|ttl-.*)$/;

/** Every rule of `config validate`, applied to what is in force. */
export const desktopProfileCheck: Check<DoctorContext> = {
  id: 'desktop-profile',
  title: "Claude Desktop's profile",
  run(context) {
    const reading = context.desktop();
    if (reading.state === 'absent') {
      return { state: 'warn', detail: 'no configuration of Claude Desktop was found for this user', remedy: EXPORT };
    }
    if (reading.state === 'unreadable') return unreadableProfile(reading);
    const findings = desktopFindings(context, reading).filter(({ id }) => !REPORTED_ELSEWHERE.test(id));
    const problems = [...findings.flatMap(toProblem), ...addressProblems(reading, context)];
    const facts = {
      origin: reading.origin,
      findings: findings.map(({ id, key }) => (key === undefined ? id : `${id} ${key}`)),
    };
    const isDelivered = findings.some(({ id }) => id === 'bootstrap-delivery');
    const okDetail = isDelivered
      ? `${reading.origin} has a server deliver the inference settings, which can't be judged here`
      : `${reading.origin} names this product as its credential helper`;
    return combine(problems, okDetail, facts);
  },
};

/** What `config validate` would say of the settings in force. */
export function desktopFindings(
  { resolution }: Pick<DoctorContext, 'resolution'>,
  { document }: Values,
): readonly Finding[] {
  return lintDesktop(document, { credential: resolution.settings.credential.value });
}

function toProblem({ severity, key, element, rule, remedy, id }: Finding): readonly Problem[] {
  if (severity === 'note') return [];
  const place = [key, element].filter(Boolean).join(', ');
  // Without its helper Claude Desktop never asks this program, which is what doctor is about.
  const state = severity === 'error' || id === 'helper-not-used' ? 'fail' : 'warn';
  return [{ state, detail: `${place} ${rule}`.trim(), remedy }];
}

function unreadableProfile({ origin, reason, managed }: Extract<DesktopReading, { state: 'unreadable' }>): Outcome {
  return {
    state: 'fail',
    detail: `Claude Desktop can't use ${origin}: it ${reason}`,
    remedy: managed
      ? UNREADABLE
      : 'apply the configuration again in Claude Desktop, or run "foundry-credential-helper claude-desktop configure"',
    facts: { origin, managed },
  };
}

/** Two addresses for the same calls are a mistake, whichever is right. */
function addressProblems({ document }: Values, { resolution }: DoctorContext): Problem[] {
  const { baseUrl, foundryResource, cloud } = resolution.settings;
  const own = baseUrlOf({ baseUrl: baseUrl.value, foundryResource: foundryResource.value, cloud: cloud.value });
  const theirs = addressOf(new DesktopValues(document));
  if (own === undefined || theirs === undefined || own.toLowerCase() === theirs.toLowerCase()) return [];
  const detail = `Claude Desktop calls ${hostOf(theirs)}, but the settings of this program lead to ${hostOf(own)}`;
  return [
    { state: 'warn', detail, remedy: `set "baseUrl" or "foundryResource" to what Claude Desktop calls, or ${EXPORT}` },
  ];
}

const hostOf = (address: string): string => URL.parse(address)?.host ?? 'an address that is no URL';

/** Whether the value of the helper arrives in a header that the endpoint accepts. */
export const desktopHeaderCheck: Check<DoctorContext> = {
  id: 'desktop-header',
  title: "Header of Claude Desktop's calls",
  needs: ['desktop-profile'],
  run(context) {
    const reading = context.desktop();
    if (reading.state !== 'values') return { state: 'skip', detail: 'Claude Desktop is not configured' };
    const found = desktopHeader(new DesktopValues(reading.document), {
      credential: context.resolution.settings.credential.value,
    });
    if (found === undefined) {
      return { state: 'skip', detail: "the helper isn't this program, so nobody knows here what it prints" };
    }
    const { sends, accepts, verdict, text } = found;
    const facts = { sends: sends ?? 'nothing', accepts: accepts ?? 'unknown', verdict };
    if (verdict !== 'mismatch') return { state: 'ok', detail: text, facts };
    const mismatch = desktopFindings(context, reading).find(({ id }) => id === 'header-mismatch');
    return { state: 'fail', detail: text, remedy: mismatch?.remedy ?? EXPORT, facts };
  },
};

export const desktopHelperCheck: Check<DoctorContext> = {
  id: 'desktop-helper',
  title: "Claude Desktop's helper path",
  needs: ['desktop-profile'],
  run(context) {
    const reading = context.desktop();
    if (reading.state !== 'values') return { state: 'skip', detail: 'Claude Desktop is not configured' };
    const values = new DesktopValues(reading.document);
    const forWindows = process.platform === 'win32' ? values.text('inferenceCredentialHelperWindows') : undefined;
    const path = forWindows ?? values.text('inferenceCredentialHelper');
    const outcome = helperOutcome(path);
    if (outcome.state === 'fail') return outcome;
    const findings = desktopFindings(context, reading).filter(({ id }) => id.startsWith('helper-path-'));
    const problems = [...findings.flatMap(toProblem), ...(outcome.state === 'warn' ? [outcome] : [])];
    return problems.length === 0 ? outcome : combine(problems, '', outcome.facts);
  },
};

function helperOutcome(path: string | undefined): Outcome {
  const remedy = `set inferenceCredentialHelper to ${process.execPath}, the path only, and restart Claude Desktop`;
  const failed = (detail: string): Outcome => ({ state: 'fail', detail, remedy });
  if (path === undefined) return { state: 'skip', detail: 'inferenceCredentialHelper is not set' };
  const program = programOf(path);
  if (program !== undefined && program !== path) {
    return failed(
      `inferenceCredentialHelper has arguments after ${shownHelperPath(path)}; Claude Desktop takes all of it as a file name`,
    );
  }
  if (!isAbsolute(path)) return failed("inferenceCredentialHelper isn't an absolute path; ~ and %…% aren't expanded");
  if (program === undefined) return failed(`there's no such program: ${shownHelperPath(path)}`);
  if (!isExecutable(path)) return failed(`this user may not execute ${shownHelperPath(path)}`);
  const facts = { path: shownHelperPath(path) };
  if (realpathSync(path) === realpathSync(process.execPath)) {
    return { state: 'ok', detail: `${facts.path} is this program`, facts };
  }
  const detail = `Claude Desktop runs ${facts.path}, which isn't this program (${process.execPath})`;
  // A script may well end in this program.
  return { state: isScript(path) ? 'warn' : 'fail', detail, remedy, facts };
}

function isScript(path: string): boolean {
  if (/[.](cmd|bat|ps1)$/i.test(path)) return true;
  try {
    const descriptor = openSync(path, 'r');
    try {
      const start = Buffer.alloc(2);
      readSync(descriptor, start);
      return start.toString('latin1') === '#!';
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}
