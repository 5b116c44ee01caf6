// Deployments as settings name them: a name, or an object with what Claude Desktop should know about the deployment.
// https://claude.com/docs/third-party/claude-desktop/configuration, key inferenceModels
import * as v from 'valibot';
import { line } from './rules.ts';

/** Claude's model families, smallest first: the order in which clients list them. */
export const MODEL_FAMILIES = ['haiku', 'sonnet', 'opus', 'fable', 'mythos'] as const;
export type ModelFamily = (typeof MODEL_FAMILIES)[number];

export interface Model {
  /** The deployment's name in Foundry, which a gateway in front of it passes on. */
  readonly name: string;
  /** What users see instead of the name. */
  readonly labelOverride?: string | undefined;
  /** Whether the deployment accepts a context of one million tokens. */
  readonly supports1m?: boolean | undefined;
  readonly anthropicFamilyTier?: ModelFamily | undefined;
}

const NAME_RULE =
  'must use names that Azure allows for deployments: 2 to 64 letters, digits, ".", "_", and "-", starting with a letter or digit';
const SPACE_RULE = "must use deployment names as Foundry shows them: a deployment name can't contain a space";
const LABEL_RULE = 'must use a "labelOverride" of one line and 1 to 100 characters';
const CONTEXT_RULE = 'must use true or false for "supports1m"';
const TIER_RULE = `must use one of ${MODEL_FAMILIES.join(', ')} for "anthropicFamilyTier"`;
const ENTRY_RULE =
  'must contain only names, or objects with "name" and, optionally, "labelOverride", "supports1m", and "anthropicFamilyTier"';

const deploymentName = v.pipe(
  v.string(NAME_RULE),
  v.check((name) => !/\s/.test(name.trim()), SPACE_RULE),
  v.regex(/^\s*[a-z0-9][a-z0-9._-]{1,63}\s*$/i, NAME_RULE),
  v.trim(),
);

const details = v.strictObject(
  {
    name: deploymentName,
    labelOverride: v.optional(line(100, LABEL_RULE)),
    supports1m: v.optional(v.boolean(CONTEXT_RULE)),
    anthropicFamilyTier: v.optional(v.picklist(MODEL_FAMILIES, TIER_RULE)),
  },
  ENTRY_RULE,
);

/** Strings become objects before validation, so that each broken rule has its own message. */
const model = v.pipe(
  v.unknown(),
  v.transform((entry) => (typeof entry === 'string' ? { name: entry } : entry)),
  details,
);

/** What `models` accepts, for documents that describe it; validation itself starts with a transformation. */
export const writtenModels = v.pipe(v.array(v.union([deploymentName, details])), v.minLength(1));

export const models = v.pipe(
  v.array(model),
  v.minLength(1),
  v.check(
    (list) => new Set(list.map(({ name }) => name.toLowerCase())).size === list.length,
    'must not contain a deployment twice; names that differ only in case are the same deployment',
  ),
  v.transform((list): readonly Model[] => list),
);

export const modelNames = (list: readonly Model[] = []): readonly string[] => list.map(({ name }) => name);

/** The shortest form for files: the bare name if nothing else is set. */
export function compactModel(entry: Model): string | Model {
  const isBare = Object.entries(entry).every(([member, value]) => member === 'name' || value === undefined);
  return isBare ? entry.name : entry;
}

/** The family that clients assume for the deployment: the one set, otherwise the one in its name. */
export function familyOf({ name, anthropicFamilyTier }: Model): ModelFamily | undefined {
  return anthropicFamilyTier ?? MODEL_FAMILIES.find((family) => name.toLowerCase().includes(family));
}
