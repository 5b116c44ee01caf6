import type { Values } from '../../config/configuration.ts';
import { parseValue } from '../../config/decode.ts';
import {
  type ConfigurationKey,
  configurationKeys,
  definitionOf,
  isConfigurationKey,
  purposesOf,
} from '../../config/keys.ts';
import { nearestKey } from '../../config/nearest-key.ts';
import type { Resolution } from '../../config/resolve.ts';
import { unknownKeyText } from '../../config/unknown-key.ts';
import { AppError } from '../../core/errors.ts';
import { parseJsonSettings } from '../../formats/json-object.ts';
import { readTextFile } from '../../formats/text-file.ts';

export interface Answers {
  readonly values: Values;
  /** Keys of this computer's configuration that aren't rolled out, and why: completes `because it …`. */
  readonly leftOut: readonly { readonly key: ConfigurationKey; readonly reason: string }[];
}

export interface AnswerSources {
  readonly resolution: Resolution;
  /** JSON in the form of config.json. */
  readonly answersFile?: string | undefined;
  /** `key=value`, as text. */
  readonly assignments?: readonly string[] | undefined;
}

/**
 * One set of answers for the rollout: this computer's configuration, overridden by the file, then by the assignments.
 * @throws AppError ERR_CONFIG_* naming what is wrong or missing, ERR_FILE_UNREADABLE for the answers file, ERR_USAGE for --set without key=value
 */
export function collectAnswers({ resolution, answersFile, assignments = [] }: AnswerSources): Answers {
  const given = {
    ...(answersFile === undefined ? {} : readAnswersFile(answersFile)),
    ...parseAssignments(assignments),
  };
  const [problem] = resolution.problems.filter(({ detail = '' }) => !isReplaced(detail, given));
  if (problem !== undefined) throw problem;
  const { values, leftOut } = rollOutValues(resolution, given);
  const missing = configurationKeys.find(
    (key) => purposesOf(key, values).includes('config export') && values[key] === undefined,
  );
  if (missing !== undefined) {
    throw new AppError('ERR_CONFIG_MISSING', {
      detail: `the export needs "${missing}"; set it with "foundry-credential-helper config init", --set, or --answers`,
    });
  }
  return { values, leftOut };
}

/** An invalid value doesn't matter if another one replaces it. */
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
  return { values: checked(values), leftOut };
}

/** Each value has passed its own key's schema, so the type holds. */
const checked = (values: Partial<Record<ConfigurationKey, unknown>>): Values => values as Values;

function readAnswersFile(path: string): Values {
  const file = readTextFile(path, { followLinks: true });
  const unreadable = (reason: string, cause?: unknown): AppError =>
    new AppError('ERR_FILE_UNREADABLE', { detail: `${path} ${reason}`, cause });
  if (file.state === 'absent') throw unreadable("doesn't exist");
  if (file.state === 'unreadable') throw unreadable(file.reason, file.cause);
  const parsed = parseJsonSettings(file.text);
  if (parsed.state === 'unreadable') throw unreadable(parsed.reason);
  return parseAll(Object.entries(parsed.values), path);
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
      throw new AppError('ERR_USAGE', { detail: `"${key}" may hold credentials: use --answers instead of --set` });
    }
  }
  return parseAll(pairs, '--set');
}

function parseAll(pairs: readonly (readonly [string, unknown])[], location: string): Values {
  const values: Partial<Record<ConfigurationKey, unknown>> = {};
  for (const [key, raw] of pairs) {
    if (!isConfigurationKey(key)) {
      const detail = unknownKeyText({ key: key.slice(0, 60), location, nearest: nearestKey(key) });
      throw new AppError('ERR_CONFIG_INVALID', { detail });
    }
    const parsed = parseValue(key, raw);
    if (!parsed.valid) throw new AppError('ERR_CONFIG_INVALID', { detail: `"${key}" in ${location} ${parsed.rule}` });
    values[key] = parsed.value;
  }
  return checked(values);
}
