import { configurationKeys, definitionOf } from '../../config/keys.ts';
import { readLogoFile } from '../../config/logo-file.ts';
import { requireConfiguration } from '../../config/resolve.ts';
import { errorCatalog } from '../../core/errors.ts';
import type { Check, Facts } from '../check.ts';
import { combine } from '../combine.ts';
import type { DoctorContext } from '../context.ts';
import { failure } from '../failure.ts';

/** Every setting valid, those of the sign-in there, and where they come from. */
export const configurationCheck: Check<DoctorContext> = {
  id: 'configuration',
  title: 'Configuration',
  run({ resolution }) {
    const facts = originFacts(resolution);
    if (resolution.problems.length > 0) {
      const problems = resolution.problems.map(({ message, code }) => ({
        state: 'fail' as const,
        detail: message,
        remedy: errorCatalog[code].hint,
      }));
      return combine(problems, '', facts);
    }
    try {
      requireConfiguration(resolution);
    } catch (thrown) {
      return failure(thrown, { facts });
    }
    const unset = configurationKeys.filter(
      (key) => resolution.settings[key].value === undefined && definitionOf(key).requiredFor?.includes('doctor'),
    );
    const { tenantId, clientId } = resolution.settings;
    const places = [...new Set([tenantId.origin?.location, clientId.origin?.location])].join(' and ');
    const problems = unset.map((key) => ({
      state: 'warn' as const,
      detail: `"${key}" is not set, so Foundry cannot be checked in full`,
      remedy: `set "${key}": ${definitionOf(key).description}`,
    }));
    return combine(
      [...problems, ...logoProblems(resolution)],
      `tenant ${tenantId.value}, application ${clientId.value}, from ${places}`,
      facts,
    );
  },
};

function logoProblems({ settings: { organizationLogo } }: DoctorContext['resolution']) {
  if (organizationLogo.value === undefined) return [];
  const reading = readLogoFile(organizationLogo.value);
  if (reading.state === 'logo') return [];
  return [
    {
      state: 'warn' as const,
      detail: `"organizationLogo": ${organizationLogo.value} ${reading.reason}, so the sign-in page shows none`,
      remedy: 'put a PNG, JPEG or WebP file of at most 256 KiB there that every user may read',
    },
  ];
}

/** Key by key the place that decides; no values. */
function originFacts({ settings }: DoctorContext['resolution']): Facts {
  const origins: Record<string, string> = {};
  for (const key of configurationKeys) {
    const { origin } = settings[key];
    if (origin !== undefined && origin.kind !== 'default') origins[key] = origin.location;
  }
  return origins;
}
