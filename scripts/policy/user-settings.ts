// What users may still set next to a managed policy that doesn't set it, and what that lets them do.
import { type ConfigurationKey, configurationKeys, definitionOf } from '../../src/config/keys.ts';

/** By key, what a user's own value brings about; a key that only a policy may set has none. */
const CONSEQUENCES: Readonly<
  Record<Exclude<ConfigurationKey, 'policyOnly' | 'allowTokenEndpoint' | 'allowedResources'>, string>
> = {
  tenantId: 'users sign in to a tenant of their choice',
  clientId: 'users sign in to an application of their choice',
  foundryResource: '`doctor`, `claude-code configure`, and exports name another resource',
  baseUrl: '`doctor` sends the token there; `claude-code configure` and exports point Claude there',
  models: '`doctor`, `claude-code configure`, and exports name other deployments',
  cloud: "sign-ins go to another cloud's sign-in host",
  scope: 'tokens are for another resource, if Entra lets the application ask for it',
  signInMethod: 'users sign in with a device code, or in the browser',
  browserSignInFallback: 'the sign-in page offers the browser if Entra blocks device codes',
  accountHint: 'another account is suggested and required',
  organizationName: 'the sign-in page shows another name',
  organizationLogo: 'the sign-in page shows another picture',
  credential: 'Claude Desktop gets an API key that the user has stored, or an Entra token instead of a key',
  outputFormat: 'the helper prints JSON, and `headers` go along',
  headers: 'Claude Desktop adds these headers to its requests',
  minimumTokenLifetimeSeconds: 'tokens are refreshed earlier or later',
  proxy: "traffic with Entra goes through another proxy, which can't read it without a trusted root",
  noProxy: 'traffic with Entra bypasses the proxy',
  caFile: 'more root certificates are trusted: together with `proxy`, someone else can read sign-ins and tokens',
  logLevel: 'the agent writes more or less to its log',
  auditToSystemLog: "the audit log's lines go to the system's log too",
};

/** Where a value also comes from if neither the policy nor the user sets the key. */
const ELSEWHERE: Partial<Record<ConfigurationKey, readonly string[]>> = {
  proxy: ["Claude Desktop's own window", "the system's settings"],
};

/** Rows of key, where a user may set it, and the consequence. */
export function userSettings(): readonly (readonly [key: string, where: string, consequence: string])[] {
  return configurationKeys.map((key) => {
    const name = `\`${key}\``;
    if (definitionOf(key).onlyManaged !== undefined) return [name, 'nowhere', 'ignored: only policy can set it'];
    const variables = (definitionOf(key).environment ?? []).map((variable) => `\`${variable}\``);
    const places = ['`config.json`', ...variables, ...(ELSEWHERE[key] ?? [])];
    return [name, places.join(', '), CONSEQUENCES[key as keyof typeof CONSEQUENCES]];
  });
}
