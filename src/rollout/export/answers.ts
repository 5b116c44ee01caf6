// One set of answers for the whole rollout: this computer's configuration, then an answers file, then the command line.
import type { Values } from '../../config/configuration.ts';
import { parseValue } from '../../config/decode.ts';
import { type ConfigurationKey, configurationKeys, definitionOf, isConfigurationKey } from '../../config/keys.ts';
import { nearestKey } from '../../config/nearest-key.ts';
import type { Resolution } from '../../config/resolve.ts';
import { AppError } from '../../core/errors.ts';
import { parseJsonSettings } from '../../formats/json-object.ts';
import { readTextFile } from '../../formats/text-file.ts';

export interface Answers {
  readonly values: Values;
  /** Keys of this computer's configuration that are not rolled out, and why. */
  readonly leftOut: readonly { readonly key: ConfigurationKey; readonly reason: string }[];
}

export interface AnswerSources {
  readonly resolution: Resolution;
  /** JSON in the form of config.json. */
  readonly answersFile?: string;
  /** `key=value`, as text. */
  readonly assignments?: readonly string[];
}

/** @throws AppError ERR_CONFIG_* naming what is wrong or missing, ERR_USAGE for an assignment that is none */
export function collectAnswers({ resolution, answersFile, assignments = [] }: AnswerSources): Answers {
  const given = {
    ...(answersFile === undefined ? {} : readAnswersFile(answersFile)),
    ...parseAssignments(assignments),
  };
  const [problem] = resolution.problems.filter(({ detail = '' }) => !isReplaced(detail, given));
  if (problem !== undefined) throw problem;
  const { values, leftOut } = rollOutValues(resolution, given);
  const missing = configurationKeys.find(
    (key) => definitionOf(key).requiredFor?.includes('config export') === true && values[key] === undefined,
  );
  if (missing !== undefined) {
    throw new AppError('ERR_CONFIG_MISSING', {
      detail: `"${missing}" is needed for the export; set it by "config init", --set or --answers`,
    });
  }
  return { values, leftOut };
}

/** An invalid value does not matter where another one takes its place. */
const isReplaced = (detail: string, given: Values): boolean =>
  configurationKeys.some((key) => given[key] !== undefined && detail.startsWith(`"${key}" in `));

function rollOutValues({ settings }: Resolution, given: Values): Answers {
  const values: Partial<Record<ConfigurationKey, unknown>> = {};
  const leftOut: { key: ConfigurationKey; reason: string }[] = [];
  for (const key of configurationKeys) {
    if (given[key] !== undefined) {
      values[key] = given[key];
      continue;
    }
    const { value, origin } = settings[key];
    if (value === undefined || origin === undefined || origin.kind === 'default') continue;
    if (key === 'accountHint') leftOut.push({ key, reason: 'names one user' });
    else if (origin.kind === 'environment' && !['tenantId', 'clientId'].includes(key)) {
      leftOut.push({ key, reason: `comes from ${origin.location} of this session` });
    } else values[key] = value;
  }
  return { values, leftOut };
}

function readAnswersFile(path: string): Values {
  const file = readTextFile(path, { followLinks: true });
  const unreadable = (reason: string, cause?: unknown): AppError =>
    new AppError('ERR_CONFIG_UNREADABLE', { detail: `${path} ${reason}`, cause });
  if (file.state === 'absent') throw unreadable('does not exist');
  if (file.state === 'unreadable') throw unreadable(file.reason, file.cause);
  const parsed = parseJsonSettings(file.text);
  if (parsed.state === 'fault') throw unreadable(parsed.reason);
  return parseAll(Object.entries(parsed.object), path);
}

function parseAssignments(assignments: readonly string[]): Values {
  const pairs = assignments.map((text): readonly [string, unknown] => {
    const end = text.indexOf('=');
    if (end < 1) throw new AppError('ERR_USAGE', { detail: '--set takes key=value' });
    return [text.slice(0, end).trim(), text.slice(end + 1)];
  });
  for (const [key] of pairs) {
    // Other users of the computer see a command line.
    if (isConfigurationKey(key) && definitionOf(key).sensitive === true) {
      throw new AppError('ERR_USAGE', { detail: `"${key}" may hold credentials: give it by --answers, not --set` });
    }
  }
  return parseAll(pairs, '--set');
}

function parseAll(pairs: readonly (readonly [string, unknown])[], location: string): Values {
  const values: Partial<Record<ConfigurationKey, unknown>> = {};
  for (const [key, raw] of pairs) {
    if (!isConfigurationKey(key)) {
      const nearest = nearestKey(key);
      const suggestion = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
      throw new AppError('ERR_CONFIG_INVALID', {
        detail: `"${key.slice(0, 60)}" in ${location} is no setting of this program${suggestion}`,
      });
    }
    const parsed = parseValue(key, raw);
    if (!parsed.valid) throw new AppError('ERR_CONFIG_INVALID', { detail: `"${key}" in ${location} ${parsed.rule}` });
    values[key] = parsed.value;
  }
  return values;
}
