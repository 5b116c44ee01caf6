import { ignoredText } from '../../config/exclusion.ts';
import { configurationKeys, definitionOf, purposesOf } from '../../config/keys.ts';
import { readLogoFile } from '../../config/logo-file.ts';
import { circumstancesOf, type Resolution, requireSettings } from '../../config/resolve.ts';
import { unknownKeyText } from '../../config/unknown-key.ts';
import { type AppError, errorCatalog, toAppError } from '../../core/errors.ts';
import type { Check, Facts } from '../check.ts';
import { combine, type Problem } from '../combine.ts';
import type { DoctorContext } from '../context.ts';

/** Whether every setting is valid and nothing required is missing, and where the settings come from. */
export const configurationCheck: Check<DoctorContext> = {
  id: 'configuration',
  title: 'Configuration',
  needs: ['agent'],
  run({ resolution }) {
    const facts = originFacts(resolution);
    const errors = errorsOf(resolution).map(({ message, code }) => ({
      state: 'fail' as const,
      detail: message,
      remedy: errorCatalog[code].hint,
    }));
    const unknown = unknownProblems(resolution);
    const ignored = ignoredProblems(resolution);
    if (errors.length > 0) return combine([...errors, ...unknown, ...ignored], '', facts);
    const unset = configurationKeys.filter(
      (key) =>
        resolution.settings[key].value === undefined && purposesOf(key, circumstancesOf(resolution)).includes('doctor'),
    );
    const problems = unset.map((key) => ({
      state: 'warn' as const,
      detail: `"${key}" isn't set, so Foundry can't be checked in full`,
      remedy: `set "${key}" (${firstSentence(definitionOf(key).description)})`,
    }));
    return combine([...problems, ...unknown, ...ignored, ...logoProblems(resolution)], summary(resolution), facts);
  },
};

function errorsOf(resolution: Resolution): readonly AppError[] {
  if (resolution.problems.length > 0) return resolution.problems;
  try {
    requireSettings(resolution);
    return [];
  } catch (thrown) {
    return [toAppError(thrown)];
  }
}

const unknownProblems = ({ unknownKeys }: Resolution): readonly Problem[] =>
  unknownKeys.map((unknown) => ({
    state: 'warn',
    detail: unknownKeyText(unknown),
    remedy: 'remove it or correct its name, or update this program',
  }));

/** What users have set although only a policy may. What `policyOnly` closes isn't a problem; the facts list it. */
const ignoredProblems = (resolution: Resolution): readonly Problem[] =>
  ignoredValues(resolution)
    .filter(({ because }) => because === 'managedOnly')
    .map(({ key, origin }) => ({
      state: 'warn',
      detail: `"${key}" in ${origin.location} is ignored: ${ignoredText.managedOnly}`,
      remedy: 'remove it, or ask the IT department to set it in the policy',
    }));

const ignoredValues = ({ settings }: Resolution) =>
  configurationKeys.flatMap((key) =>
    (settings[key].ignored ?? []).map(({ origin, because }) => ({ key, origin, because })),
  );

function summary(resolution: Resolution): string {
  const closed = ignoredValues(resolution).filter(({ because }) => because === 'policyOnly');
  const ignored = closed.map(({ key, origin }) => `"${key}" in ${origin.location}`).join(', ');
  return ignored === '' ? inForce(resolution) : `${inForce(resolution)}; ignored: policyOnly: ${ignored}`;
}

function inForce({ settings: { credential, tenantId, clientId, foundryResource } }: Resolution): string {
  if (credential.value === 'api-key') return `API key for the resource ${foundryResource.value}`;
  const places = [...new Set([tenantId.origin?.location, clientId.origin?.location])].join(' and ');
  return `tenant ${tenantId.value}, application ${clientId.value}, from ${places}`;
}

function logoProblems({ settings: { organizationLogo } }: Resolution): readonly Problem[] {
  if (organizationLogo.value === undefined) return [];
  const reading = readLogoFile(organizationLogo.value);
  if (reading.state === 'logo') return [];
  return [
    {
      state: 'warn',
      detail: `"organizationLogo": ${organizationLogo.value} ${reading.reason}, so the sign-in page shows none`,
      remedy: 'put a PNG, JPEG or WebP file of at most 256 KiB there that every user may read',
    },
  ];
}

/** For each key the place that sets it, and what is ignored, without values. */
function originFacts(resolution: Resolution): Facts {
  const { settings } = resolution;
  const origins: Record<string, string | readonly string[]> = {};
  for (const key of configurationKeys) {
    const { origin } = settings[key];
    if (origin !== undefined && origin.kind !== 'default') origins[key] = origin.location;
  }
  const ignored = ignoredValues(resolution).map(
    ({ key, origin, because }) => `${key} in ${origin.location}: ${ignoredText[because]}`,
  );
  return ignored.length === 0 ? origins : { ...origins, ignored };
}

/** Without its period, so that it fits into another sentence. */
const firstSentence = (text: string): string => text.split(/\.(?=\s|$)/)[0] ?? text;
