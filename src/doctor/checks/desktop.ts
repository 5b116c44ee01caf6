import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { DesktopValues } from '../../claude-desktop/document.ts';
import type { Finding, FindingId } from '../../claude-desktop/finding.ts';
import { programOf, shownHelperPath } from '../../claude-desktop/helper-program.ts';
import { deliversByBootstrap, isAboutInference, lintDesktop } from '../../claude-desktop/lint.ts';
import { type DesktopReading, readLocal } from '../../claude-desktop/read.ts';
import { repeatedKeys } from '../../claude-desktop/repeated-keys.ts';
import { desktopHeader, headerOf, headerRemedy } from '../../claude-desktop/rules/credential.ts';
import { addressOf } from '../../claude-desktop/rules/endpoint.ts';
import { baseUrlOf } from '../../config/base-url.ts';
import { jsonKeyPlaces } from '../../formats/json-layout.ts';
import { readTextFile } from '../../formats/text-file.ts';
import { isExecutable } from '../../platform/file-checks.ts';
import { type Check, notJudged, type Outcome, skippedBecauseOf } from '../check.ts';
import { combine, type Problem } from '../combine.ts';
import type { DoctorContext } from '../context.ts';

type Values = Extract<DesktopReading, { state: 'values' }>;

const RESTART = 'then quit Claude Desktop completely and start it again';
const EXPORT = `have your IT department deploy the profile that "foundry-credential-helper config export FOLDER" writes, ${RESTART}`;
const CONFIGURE = `run "foundry-credential-helper claude-desktop configure", or ${EXPORT}`;

const UNREADABLE =
  process.platform === 'linux'
    ? 'make it valid JSON in UTF-8 without a byte order mark, in a plain file that root owns, everyone may read, and no one else may write to (mode 644)'
    : 'install the profile again, and check that this user can read the named place';

/** Findings that other checks report, so one cause is one failure. */
const REPORTED_ELSEWHERE = /^(?:header-mismatch|helper-path-.*|ttl-.*)$/;

/** Findings after which it's not worth saying that the address differs from this program's. */
const ABOUT_ADDRESS: readonly FindingId[] = ['base-url-invalid', 'endpoint-missing', 'foundry-resource-invalid'];

/** Every rule of `config validate`, applied to what is in force. */
export const desktopProfileCheck: Check<DoctorContext> = {
  id: 'desktop-profile',
  title: "Claude Desktop's profile",
  run(context) {
    const reading = context.desktop();
    if (reading.state === 'absent') {
      const detail = 'no configuration of Claude Desktop was found for this user';
      return { state: 'warn', detail, remedy: CONFIGURE };
    }
    return reading.state === 'unreadable' ? unreadableProfile(reading) : profileOutcome(context, reading);
  },
};

function profileOutcome(context: DoctorContext, reading: Values): Outcome {
  const { origin, document } = reading;
  const inDocument = desktopFindings(context, reading).filter(({ id }) => !REPORTED_ELSEWHERE.test(id));
  const findings = [...repeatedIn(reading), ...inDocument];
  const isDelivered = deliversByBootstrap(new DesktopValues(document));
  const overruled = overruledPlace(context, reading);
  const problems = [
    ...findings.flatMap(toProblem),
    ...(isAboutInference(document) ? [] : [withoutInference(reading)]),
    ...(findings.some(({ id }) => ABOUT_ADDRESS.includes(id)) ? [] : addressProblems(reading, context)),
  ];
  const facts = {
    origin,
    findings: findings.map(({ id, key }) => (key === undefined ? id : `${id} ${key}`)),
    ...(overruled === undefined ? {} : { overruled }),
    ...(isDelivered ? { judged: false } : {}),
  };
  const okDetail = isDelivered
    ? `${origin} has a server deliver the inference settings, which can't be judged here`
    : `${origin} names this product as its credential helper`;
  const outcome = combine(problems, okDetail, facts);
  if (problems.length === 0 || overruled === undefined) return outcome;
  return { ...outcome, detail: `${outcome.detail}; ${origin} is what counts, and ${overruled} is ignored` };
}

/** What `config validate` would say of the settings in force. */
export function desktopFindings(
  { resolution }: Pick<DoctorContext, 'resolution'>,
  { document }: Pick<Values, 'document'>,
): readonly Finding[] {
  return lintDesktop(document, { credential: resolution.settings.credential.value });
}

/** What only the text of a JSON file shows. */
function repeatedIn({ document: { form }, origin }: Values): readonly Finding[] {
  if (form !== 'json') return [];
  const file = readTextFile(origin, { followLinks: true });
  return file.state === 'text' ? repeatedKeys(origin, jsonKeyPlaces(file.text)) : [];
}

/** A finding as `doctor` weighs it; a note isn't a problem. */
export function toProblem({ severity, key, element, rule, remedy, id }: Finding): readonly Problem[] {
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
      : 'correct that file, or delete it and run "foundry-credential-helper claude-desktop configure --force", which applies its own profile',
    facts: { origin, managed },
  };
}

/** The user's own configuration, which Claude Desktop ignores because an admin's counts. */
function overruledPlace({ env }: DoctorContext, { managed }: Values): string | undefined {
  if (!managed) return undefined;
  const local = readLocal({ env });
  return local.state === 'absent' ? undefined : local.origin;
}

/** The rules ask for nothing in a file without inference settings, but in force it's a fault. */
function withoutInference({ origin, managed }: Values): Problem {
  return {
    state: 'fail',
    detail: `${origin} holds no inference settings, so Claude Desktop has no provider to call`,
    remedy: managed
      ? `have your IT department add what "foundry-credential-helper config export FOLDER" writes to it, or remove it if users are to configure Claude Desktop themselves; ${RESTART}`
      : CONFIGURE,
  };
}

/** Two addresses for the same calls are a mistake, whichever is right. */
function addressProblems({ document }: Values, { resolution }: DoctorContext): Problem[] {
  const { baseUrl, foundryResource, cloud } = resolution.settings;
  const own = baseUrlOf({ baseUrl: baseUrl.value, foundryResource: foundryResource.value, cloud: cloud.value });
  const theirs = addressOf(new DesktopValues(document));
  if (own === undefined || theirs === undefined || own.toLowerCase() === theirs.toLowerCase()) return [];
  const leadTo = hostOf(own) === hostOf(theirs) ? 'another path there' : hostOf(own);
  const detail = `Claude Desktop calls ${hostOf(theirs)}, but the settings of this program lead to ${leadTo}`;
  return [
    { state: 'warn', detail, remedy: `set "baseUrl" or "foundryResource" to what Claude Desktop calls, or ${EXPORT}` },
  ];
}

const hostOf = (address: string): string => URL.parse(address)?.host ?? "an address that isn't a URL";

/** Judges the settings in force, if there are any that can be judged. */
export function withDesktopValues(
  context: DoctorContext,
  judge: (values: DesktopValues, reading: Values) => Outcome | Promise<Outcome>,
): Outcome | Promise<Outcome> {
  const reading = context.desktop();
  if (reading.state !== 'values') return skippedBecauseOf('desktop-profile', "Claude Desktop isn't configured");
  const values = new DesktopValues(reading.document);
  if (deliversByBootstrap(values)) return notJudged('a server delivers the inference settings');
  return judge(values, reading);
}

/** Whether the value of the helper arrives in a header that the endpoint accepts. */
export const desktopHeaderCheck: Check<DoctorContext> = {
  id: 'desktop-header',
  title: "Header of Claude Desktop's calls",
  needs: ['desktop-profile'],
  run: (context) =>
    withDesktopValues(context, (values) => {
      const credential = context.resolution.settings.credential.value;
      const found = isThisProgram(helperPath(values))
        ? headerOf(values, credential)
        : desktopHeader(values, { credential });
      if (found === undefined) {
        return skippedBecauseOf('desktop-helper', "the helper isn't this program, so what it prints isn't known here");
      }
      const { sends, accepts, verdict, text } = found;
      const facts = { sends: sends ?? 'nothing', accepts: accepts ?? 'unknown', verdict };
      return verdict === 'mismatch'
        ? { state: 'fail', detail: text, remedy: headerRemedy({ credential }), facts }
        : { state: 'ok', detail: text, facts };
    }),
};

export const desktopHelperCheck: Check<DoctorContext> = {
  id: 'desktop-helper',
  title: "Claude Desktop's helper path",
  needs: ['desktop-profile'],
  run: (context) =>
    withDesktopValues(context, (values, reading) => {
      const findings = desktopFindings(context, reading).filter(({ id }) => id.startsWith('helper-path-'));
      const problems = findings.flatMap(toProblem);
      const path = helperPath(values);
      if (
        path === undefined ||
        findings.some(({ id, key }) => id === 'helper-path-invalid' && key === helperKey(values))
      )
        return combine(
          problems.map((problem) => ({ ...problem, remedy: SET_PATH })),
          '',
        );
      const outcome = helperOutcome(path);
      if (outcome.state === 'fail' || problems.length === 0) return outcome;
      return combine([...problems, ...(outcome.state === 'warn' ? [outcome] : [])], '', outcome.facts);
    }),
};

function helperKey(values: DesktopValues): 'inferenceCredentialHelper' | 'inferenceCredentialHelperWindows' {
  const hasOwn = process.platform === 'win32' && values.has('inferenceCredentialHelperWindows');
  return hasOwn ? 'inferenceCredentialHelperWindows' : 'inferenceCredentialHelper';
}

const helperPath = (values: DesktopValues): string | undefined => values.text(helperKey(values));

const SET_PATH = `set inferenceCredentialHelper to ${process.execPath}, the path only, ${RESTART}`;

function helperOutcome(path: string): Outcome {
  const failed = (detail: string): Outcome => ({ state: 'fail', detail, remedy: SET_PATH });
  const program = programOf(path);
  if (program !== undefined && program !== path) {
    return failed(
      `inferenceCredentialHelper has arguments after ${shownHelperPath(path)}; Claude Desktop treats all of it as a file name`,
    );
  }
  if (!isAbsolute(path)) return failed("inferenceCredentialHelper isn't an absolute path; ~ and %…% aren't expanded");
  if (program === undefined) return failed(`there's no such program: ${shownHelperPath(path)}`);
  if (!isExecutable(path)) return failed(`this user may not execute ${shownHelperPath(path)}`);
  const facts = { path: shownHelperPath(path) };
  if (isThisProgram(path)) return { state: 'ok', detail: `${facts.path} is this program`, facts };
  const detail = `Claude Desktop runs ${facts.path}, which isn't this program (${process.execPath})`;
  // A script may well end in this program.
  return { state: isScript(path) ? 'warn' : 'fail', detail, remedy: SET_PATH, facts };
}

function isThisProgram(path: string | undefined): boolean {
  try {
    return path !== undefined && realpathSync(path) === realpathSync(process.execPath);
  } catch {
    return false;
  }
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
