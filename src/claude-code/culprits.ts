// What keeps Claude Code from this program's tokens, one function for each kind of cause.
// Every rule was tried with the real client: test/e2e/clients/claude-code-verdict.test.ts.
import { isFoundryHost } from '../config/base-url.ts';
import { toScope } from '../config/resource-scope.ts';
import type { HeaderCommand } from './header-commands.ts';
import { isOurHelper, isProgramMissing, wantedResource } from './helper-command.ts';
import type { InForce } from './in-force.ts';
import type { Fault, Layer, LayerKind, Variable } from './layer.ts';

export interface Culprit {
  /** As a person finds it: `apiKeyHelper`, `env.NAME` in a file, `NAME` in the environment; absent for a whole file. */
  readonly key?: string;
  /** Absent if the key is nowhere. */
  readonly location?: string;
  /** Completes `<key> in <location> …`. Never repeats a value, which may be a secret. */
  readonly reason: string;
}

/** What this program's own settings say. */
export interface Expected {
  /** The address for Claude Code, if it's known. */
  readonly baseUrl?: string | undefined;
  /** The command that `configure` writes. */
  readonly apiKeyHelper?: string | undefined;
  readonly models?: Readonly<Record<string, string>> | undefined;
  /** The scopes that this program hands out tokens for; absent if they aren't known. */
  readonly scopes?: readonly string[] | undefined;
}

type Variables = (name: string, from?: readonly LayerKind[]) => Variable | undefined;

/** As Claude Code reads a switch; every other text is off. */
const ON = new Set(['1', 'true', 'yes', 'on']);
const isOn = (variable: Variable | undefined): boolean => ON.has((variable?.value ?? '').trim().toLowerCase());
const isFilled = (variable: Variable | undefined): variable is Variable => (variable?.value ?? '').trim() !== '';

export const faultCulprit = ({ location, reason, isFatal }: Fault): Culprit => ({
  location,
  reason: isFatal ? `${reason}; Claude Code doesn't start until that's fixed` : reason,
});

const keyIn = (name: string, { kind }: Layer): string => (kind === 'environment' ? name : `env.${name}`);

const variableCulprit = (name: string, { layer }: Variable, reason: string): Culprit => ({
  key: keyIn(name, layer),
  location: layer.location,
  reason,
});

export function unclearCulprits({ policyHelper }: InForce['policy']): readonly Culprit[] {
  const reason = "names a program that returns the managed settings; what it returns can't be judged from here";
  return policyHelper === undefined ? [] : [{ key: 'policyHelper', location: policyHelper.location, reason }];
}

export function policyCulprits({ policy: { login, allowedProviders }, variable }: InForce): readonly Culprit[] {
  const isRestricted =
    allowedProviders !== undefined && !isAllowed(allowedProviders.names, variable('ANTHROPIC_FOUNDRY_BASE_URL'));
  const reason = "doesn't allow Foundry at this address";
  return [
    ...(login === undefined ? [] : [{ ...login, reason: 'requires a sign-in to Anthropic, which rules out a helper' }]),
    ...(isRestricted ? [{ key: 'allowedProviders', location: allowedProviders.location, reason }] : []),
  ];
}

/** An address outside of Azure counts as its own endpoint, and only managed settings may name one then. */
function isAllowed(names: readonly unknown[], baseUrl: Variable | undefined): boolean {
  if (!names.includes('foundry')) return false;
  if (!isFilled(baseUrl) || isFoundryHost(URL.parse(baseUrl.value.trim())?.hostname ?? '')) return true;
  return names.includes('customEndpoint') && baseUrl.layer.kind === 'managed';
}

/** How Claude Code was started. A project can't turn bare mode on, and only the environment says who the host is. */
export function modeCulprits(variable: Variables): readonly Culprit[] {
  const [bare, host] = ['CLAUDE_CODE_SIMPLE', 'CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST'] as const;
  return [
    ...blame(
      bare,
      variable(bare, ['environment', 'state', 'user', 'managed']),
      isOn,
      'turns bare mode on: no helper runs',
    ),
    ...blame(host, variable(host, ['environment']), isOn, 'says that the app around it supplies the credentials'),
  ];
}

/** A credential that Claude Code prefers, or a provider that it prefers to Foundry. */
export function rivalCulprits(variable: Variables): readonly Culprit[] {
  const judged = (name: string, isGuilty: (found: Variable) => boolean, reason: string) =>
    blame(name, variable(name), isGuilty, reason);
  const sent = "is sent instead of this program's token";
  return [
    ...judged('CLAUDE_CODE_USE_BEDROCK', isOn, 'selects Amazon Bedrock, which outranks Foundry'),
    ...judged('ANTHROPIC_FOUNDRY_AUTH_TOKEN', isFilled, sent),
    ...judged('ANTHROPIC_AUTH_TOKEN', isFilled, sent),
    // Unlike with the tokens, a blank counts here.
    ...judged('ANTHROPIC_FOUNDRY_API_KEY', ({ value }) => value !== '', sent),
  ];
}

function blame(
  name: string,
  found: Variable | undefined,
  isGuilty: (variable: Variable) => boolean,
  reason: string,
): readonly Culprit[] {
  return found !== undefined && isGuilty(found) ? [variableCulprit(name, found, reason)] : [];
}

export function switchCulprits(variable: Variables): readonly Culprit[] {
  return ['CLAUDE_CODE_USE_FOUNDRY', 'CLAUDE_CODE_SKIP_FOUNDRY_AUTH'].flatMap((name) => {
    const found = variable(name);
    if (isOn(found)) return [];
    return [found === undefined ? absent(`env.${name}`) : variableCulprit(name, found, 'is off')];
  });
}

const absent = (key: string): Culprit => ({ key, reason: "isn't set" });

interface AddressCulprits {
  readonly conflicts: readonly Culprit[];
  readonly missing: readonly Culprit[];
}

export function addressCulprits({ variable, apiKeyHelper }: InForce, { baseUrl }: Expected): AddressCulprits {
  const resource = variable('ANTHROPIC_FOUNDRY_RESOURCE');
  const base = variable('ANTHROPIC_FOUNDRY_BASE_URL');
  if (isFilled(resource) && isFilled(base)) {
    const other = `${keyIn('ANTHROPIC_FOUNDRY_RESOURCE', resource.layer)} in ${resource.layer.location}`;
    const reason = `and ${other} exclude each other`;
    return { conflicts: [variableCulprit('ANTHROPIC_FOUNDRY_BASE_URL', base, reason)], missing: [] };
  }
  const name = isFilled(base) ? 'ANTHROPIC_FOUNDRY_BASE_URL' : 'ANTHROPIC_FOUNDRY_RESOURCE';
  const found = isFilled(base) ? base : resource;
  if (!isFilled(found)) return { conflicts: [], missing: [absent(`env.${name}`)] };
  const reason = addressFault(name, found.value.trim(), baseUrl, found.layer === apiKeyHelper?.layer);
  return { conflicts: reason === undefined ? [] : [variableCulprit(name, found, reason)], missing: [] };
}

/** `isOwn`: the file that names this program names the address too, as `configure --base-url` writes it. */
function addressFault(name: string, value: string, expected: string | undefined, isOwn: boolean): string | undefined {
  const isResource = name === 'ANTHROPIC_FOUNDRY_RESOURCE';
  if (isResource && !/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])$/i.test(value))
    return "isn't the name of a Foundry resource";
  const address = isResource ? `https://${value}.services.ai.azure.com/anthropic` : value;
  if (!isAddress(address)) return "isn't a web address";
  if (expected === undefined || (isOwn && !isResource) || isSame(address, expected)) return undefined;
  return "leads to a different address than this program's own settings";
}

const isAddress = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '');
const isSame = (a: string, b: string): boolean => plain(a) === plain(b);
const plain = (address: string): string => (URL.parse(address)?.href ?? address).replace(/\/$/, '');

interface HelperCulprits extends AddressCulprits {
  readonly source?: Pick<Layer, 'kind' | 'location'>;
}

export function helperCulprits({ apiKeyHelper }: InForce, expected: Expected): HelperCulprits {
  if (apiKeyHelper === undefined) return { conflicts: [], missing: [absent('apiKeyHelper')] };
  const { value, layer } = apiKeyHelper;
  const conflict = (reason: string): HelperCulprits => ({
    conflicts: [{ key: 'apiKeyHelper', location: layer.location, reason }],
    missing: [],
  });
  if (value.trim() === '') return conflict('is empty, which turns the helper off');
  if (!isOurHelper(value, expected.apiKeyHelper)) return conflict('runs a different program');
  if (isProgramMissing(value)) return conflict("names a program that doesn't exist");
  return { source: { kind: layer.kind, location: layer.location }, conflicts: [], missing: [] };
}

/** A tier that isn't set asks for Claude Code's own default name, which may not be deployed. */
export function modelWarnings(variable: Variables, { models = {} }: Expected): readonly Culprit[] {
  const reason = "isn't set, so Claude Code asks for a model by its own default name";
  return Object.keys(models)
    .filter((name) => !isFilled(variable(name)))
    .filter((name) => name !== 'ANTHROPIC_DEFAULT_MODEL' || !isFilled(variable('ANTHROPIC_MODEL')))
    .map((name) => ({ key: `env.${name}`, reason }));
}

/** What other services get from this program, where it's more than they should, or nothing. */
export function headerWarnings({ headerCommands }: InForce, { scopes }: Expected): readonly Culprit[] {
  return headerCommands.flatMap((found) => {
    const wanted = wantedResource(found.command);
    const reason = wanted && headerFault(found, wanted.resource, scopes);
    return reason === undefined ? [] : [{ key: found.key, location: found.location, reason }];
  });
}

function headerFault(
  { command, isRefused }: HeaderCommand,
  resource: string | undefined,
  scopes: Expected['scopes'],
): string | undefined {
  if (isRefused) return "isn't run: in managed settings, Claude Code takes servers without a program only";
  if (isProgramMissing(command)) return "names a program that doesn't exist";
  if (resource === undefined) {
    return 'gets the token for Foundry, with which the service could use the models as you; add --resource';
  }
  const wanted = toScope(resource).toLowerCase();
  if (scopes === undefined || scopes.some((scope) => scope.toLowerCase() === wanted)) return undefined;
  return `asks for a resource that isn't in "allowedResources"`;
}
