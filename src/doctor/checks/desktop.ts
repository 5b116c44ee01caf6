import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { textOf } from '../../claude-desktop/model-names.ts';
import { pickSettings } from '../../claude-desktop/read.ts';
import type { Check, Outcome } from '../check.ts';
import { combine, type Problem } from '../combine.ts';
import type { DoctorContext } from '../context.ts';

type Values = Readonly<Record<string, unknown>>;

const EXPORT = 'deploy the profile of "config export", quit Claude Desktop fully and start it again';

const UNREADABLE =
  process.platform === 'linux'
    ? 'it must be valid JSON in a plain file that root owns and nobody else may write to (mode 644)'
    : 'install the profile again, and look whether the named place can be read by this user';

/** Other places that a credential may come from. Desktop wants exactly one. */
const OTHER_SOURCES = [
  'inferenceFoundryApiKey',
  'inferenceFoundryTenantId',
  'inferenceFoundryClientId',
  'inferenceGatewayApiKey',
];

export const desktopProfileCheck: Check<DoctorContext> = {
  id: 'desktop-profile',
  title: "Claude Desktop's profile",
  run(context) {
    const reading = context.desktop();
    if (reading.state === 'absent') return absentProfile();
    if (reading.state === 'ignored') {
      return {
        state: 'fail',
        detail: `Claude Desktop does not accept ${reading.origin}`,
        remedy: UNREADABLE,
        facts: { origin: reading.origin },
      };
    }
    const { values, origin } = reading;
    const problems = [...providerProblems(values, context), ...credentialProblems(values), ...timeoutProblems(values)];
    return combine(problems, `${origin} names this product as its credential helper`, { origin });
  },
};

function absentProfile(): Outcome {
  return { state: 'warn', detail: 'no configuration of Claude Desktop was found for this user', remedy: EXPORT };
}

function providerProblems(values: Values, { resolution }: DoctorContext): Problem[] {
  const provider = textOf(values, 'inferenceProvider');
  const resource = resolution.settings.foundryResource.value?.toLowerCase();
  if (provider === 'foundry') {
    const named = textOf(values, 'inferenceFoundryResource')?.toLowerCase();
    if (named === undefined) return [fail('inferenceFoundryResource is not set')];
    if (resource === undefined || named === resource) return [];
    return [fail(`inferenceFoundryResource is "${shown(named)}", but "foundryResource" here is "${resource}"`)];
  }
  if (provider === 'gateway') {
    const host = URL.parse(textOf(values, 'inferenceGatewayBaseUrl') ?? '')?.hostname;
    if (host === undefined) return [fail('inferenceGatewayBaseUrl is no URL')];
    // A gateway of the company's own may well stand there.
    return resource === undefined || host === foundryHost(resource)
      ? []
      : [warn(`inferenceGatewayBaseUrl leads to ${host}, not to ${foundryHost(resource)}`)];
  }
  return [fail(`inferenceProvider is ${provider === undefined ? 'not set' : `"${shown(provider)}"`}`)];
}

const foundryHost = (resource: string): string => `${resource}.services.ai.azure.com`;

function credentialProblems(values: Values): Problem[] {
  const kind = textOf(values, 'inferenceCredentialKind');
  const others = OTHER_SOURCES.filter((key) => textOf(values, key) !== undefined);
  const problems: Problem[] = [];
  if (kind === undefined) problems.push(warn('inferenceCredentialKind is not set, so Claude Desktop guesses'));
  else if (kind !== 'helper-script') {
    problems.push(fail(`inferenceCredentialKind is "${shown(kind)}", so the helper is never run`));
  }
  if (others.length > 0) problems.push(warn(`${others.join(', ')} is set beside the helper`));
  return problems;
}

/** Desktop's documented default; a person needs longer than that to sign in. */
const DEFAULT_TIMEOUT_SECONDS = 60;
const SHORTEST_SIGN_IN_SECONDS = 120;

function timeoutProblems(values: Values): Problem[] {
  const { timeoutSec = DEFAULT_TIMEOUT_SECONDS } = pickSettings(values, '');
  if (timeoutSec >= SHORTEST_SIGN_IN_SECONDS) return [];
  return [
    {
      state: 'warn',
      detail: `Claude Desktop waits ${timeoutSec} s for the helper, too short to sign in meanwhile`,
      remedy: 'set inferenceCredentialHelperTimeoutSec to 600',
    },
  ];
}

const fail = (detail: string): Problem => ({ state: 'fail', detail, remedy: EXPORT });
const warn = (detail: string): Problem => ({ state: 'warn', detail, remedy: EXPORT });

/** A misplaced value may be anything, a key even. */
const shown = (value: string): string => (/^[a-z][a-z\d-]{0,31}$/i.test(value) ? value : '(not shown)');

export const desktopHelperCheck: Check<DoctorContext> = {
  id: 'desktop-helper',
  title: "Claude Desktop's helper path",
  needs: ['desktop-profile'],
  run(context) {
    const reading = context.desktop();
    if (reading.state !== 'values') return { state: 'skip', detail: 'Claude Desktop is not configured' };
    const { values } = reading;
    const forWindows = process.platform === 'win32' ? textOf(values, 'inferenceCredentialHelperWindows') : undefined;
    return helperOutcome(forWindows ?? textOf(values, 'inferenceCredentialHelper'));
  },
};

function helperOutcome(path: string | undefined): Outcome {
  const remedy = `set inferenceCredentialHelper to ${process.execPath}, the path alone, and restart Claude Desktop`;
  const failed = (detail: string): Outcome => ({ state: 'fail', detail, remedy });
  if (path === undefined) return failed('inferenceCredentialHelper is not set');
  const program = programOf(path);
  if (program !== undefined && program !== path) {
    return failed(
      `inferenceCredentialHelper has arguments behind ${program}; Claude Desktop takes all of it as a file name`,
    );
  }
  if (!isAbsolute(path)) return failed('inferenceCredentialHelper is no absolute path; ~ and %…% are not expanded');
  if (program === undefined) return failed(`there is no file at ${withoutArguments(path)}`);
  if (!isExecutable(path)) return failed(`${path} may not be executed by this user`);
  const facts = { path };
  if (realpathSync(path) === realpathSync(process.execPath)) {
    return { state: 'ok', detail: `${path} is this program`, facts };
  }
  const detail = `Claude Desktop runs ${path}, which is not this program (${process.execPath})`;
  // A script may well end in this program.
  return { state: isScript(path) ? 'warn' : 'fail', detail, remedy, facts };
}

/** The longest beginning of the value that is a file, where it ends at a space. */
function programOf(path: string): string | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf(' ', end - 1)) {
    if (isFile(path.slice(0, end))) return path.slice(0, end);
  }
  return undefined;
}

/** Arguments may hold anything. */
const withoutArguments = (path: string): string => path.split(/\s+[-/]/, 1)[0]?.slice(0, 200) ?? '';

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isScript(path: string): boolean {
  if (/[.](cmd|bat|ps1)$/i.test(path)) return true;
  try {
    return readFileSync(path).subarray(0, 2).toString('latin1') === '#!';
  } catch {
    return false;
  }
}
