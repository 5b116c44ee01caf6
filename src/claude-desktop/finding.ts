// Everything `config validate` can find: stable id, the rule that is broken, what to do.

interface FindingSpec {
  /** Completes "<key> …" or stands alone. */
  readonly rule: string;
  readonly remedy: string;
}

/** Ids are public: scripts match on them. Add freely; never rename or reuse one. */
export const findingCatalog = {
  'value-not-text': {
    rule: 'must be text: Claude Desktop reads plist values as <string> and registry values as REG_SZ',
    remedy: 'write the value as text, such as "900" or "true"',
  },
  'native-structure': {
    rule: 'must be one JSON text: an array or dictionary of the profile itself is read on macOS only, and lost in other forms',
    remedy: 'write it as one string, such as ["claude-sonnet-5","claude-opus-4-8"]',
  },
  'registry-expand-sz': {
    rule: 'must not be REG_EXPAND_SZ: it counts as set, but cannot be read',
    remedy: 'write it as REG_SZ, with the variables already replaced',
  },
  'registry-type': {
    rule: 'must be REG_SZ: this registry type is not read',
    remedy: 'write it as REG_SZ; lists and objects as one JSON text',
  },
  'registry-subkey': {
    rule: 'values in a subkey are never read',
    remedy: 'write them directly under the policy key, lists and objects as one JSON text',
  },
  'registry-wrong-key': {
    rule: 'this registry key is not read',
    remedy:
      'write to HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Claude (foundry-credential-helper: ...\\Policies\\FoundryCredentialHelper), in the 64-bit view',
  },
  'registry-both-hives': {
    rule: 'values under HKEY_CURRENT_USER are ignored as soon as there is one under HKEY_LOCAL_MACHINE',
    remedy: 'keep all values of one program in one of the two, best in HKEY_LOCAL_MACHINE',
  },
  'registry-default-value': {
    rule: 'a default value is no setting, yet makes the other hive ignored',
    remedy: 'remove the line that begins with @=',
  },
  'profile-wrong-domain': {
    rule: 'settings in a payload of this type are not read',
    remedy:
      'use the payload type (preference domain) com.anthropic.claudefordesktop for Claude Desktop, dev.foundry-credential-helper for foundry-credential-helper',
  },
  'profile-payload-identity': {
    rule: 'every payload needs a PayloadIdentifier and a PayloadUUID of its own',
    remedy: 'give each payload, and the profile itself, its own PayloadUUID (uuidgen)',
  },
  'key-nested': {
    rule: 'only flat names are read from managed settings',
    remedy: 'use the flat name, such as inferenceCredentialKind in place of inference.credential.kind',
  },
  'key-misspelt': {
    rule: 'is no key of Claude Desktop, but nearly one',
    remedy: 'use the exact name',
  },
  'key-of-other-program': {
    rule: 'is a setting of foundry-credential-helper, not of Claude Desktop',
    remedy: "move it to foundry-credential-helper's own policy",
  },
  'provider-missing': {
    rule: 'must be set: without it Claude Desktop ignores all other inference settings',
    remedy: 'set inferenceProvider to foundry or gateway',
  },
  'provider-invalid': {
    rule: 'must be one of gateway, anthropic, bedrock, mantle, vertex, foundry',
    remedy: 'set inferenceProvider to foundry or gateway',
  },
  'provider-without-helper': {
    rule: 'does not run a credential helper with this provider',
    remedy: 'set inferenceProvider to foundry or gateway',
  },
  'endpoint-missing': {
    rule: 'must be set for this provider',
    remedy: 'set inferenceFoundryResource for foundry, inferenceGatewayBaseUrl for gateway',
  },
  'foundry-resource-invalid': {
    rule: 'must be the name of the resource alone: 2 to 64 letters, digits and hyphens',
    remedy: 'give the first part of the host name only, such as contoso-foundry',
  },
  'gateway-url-invalid': {
    rule: 'must be an https:// URL, and for Foundry end in /anthropic',
    remedy: 'set it to https://<resource>.services.ai.azure.com/anthropic',
  },
  'gateway-auth-scheme': {
    rule: 'must be bearer: Foundry takes an Entra token in the Authorization header only',
    remedy: 'set inferenceGatewayAuthScheme to bearer',
  },
  'credential-kind-missing': {
    rule: 'must be set: else Claude Desktop may choose another credential source than the helper',
    remedy: 'set inferenceCredentialKind to helper-script',
  },
  'credential-kind-invalid': {
    rule: 'must be helper-script where a credential helper is configured',
    remedy: 'set inferenceCredentialKind to helper-script, or remove inferenceCredentialHelper',
  },
  'credential-source-twice': {
    rule: 'is a second credential source beside the helper',
    remedy: 'remove this key: exactly one credential source may be set',
  },
  'helper-path-missing': {
    rule: 'must be set where inferenceCredentialKind is helper-script',
    remedy: 'set inferenceCredentialHelper to the absolute path of foundry-credential-helper',
  },
  'helper-path-arguments': {
    rule: 'must be a path alone: Claude Desktop takes the whole text as one file name',
    remedy: 'remove the arguments and quotation marks; foundry-credential-helper needs none',
  },
  'helper-path-not-absolute': {
    rule: 'must be an absolute local path for this platform: ~, variables and network paths are not understood',
    remedy: 'write the path out, such as /usr/local/bin/foundry-credential-helper',
  },
  'helper-arguments': {
    rule: 'must not be set: with arguments foundry-credential-helper does not act as a credential helper',
    remedy: 'remove inferenceCredentialHelperArgs',
  },
  'integer-invalid': {
    rule: 'must be a whole number in decimal digits',
    remedy: 'write digits only, such as 900',
  },
  'boolean-invalid': {
    rule: 'must be true or false',
    remedy: 'write true or false',
  },
  'ttl-above-token-life': {
    rule: 'must be at most 3180 seconds (default 3600): a token may have less life left than Claude Desktop uses it',
    remedy: 'set inferenceCredentialHelperTtlSec to 900',
  },
  'ttl-too-short': {
    rule: 'must be more than 120 seconds: at or below that the credential is not renewed before a turn',
    remedy: 'set inferenceCredentialHelperTtlSec to 900',
  },
  'timeout-too-short': {
    rule: 'must be at least 300 seconds (default 60): Claude Desktop ends the helper then, in the middle of a first sign-in',
    remedy: 'set inferenceCredentialHelperTimeoutSec to 600',
  },
  'timeout-invalid': {
    rule: 'must be from 1 to 600 seconds',
    remedy: 'set inferenceCredentialHelperTimeoutSec to 600',
  },
  'models-missing': {
    rule: 'must be set: Foundry has no list of models to discover',
    remedy: 'set inferenceModels to the deployment names as one JSON list',
  },
  'models-not-json': {
    rule: 'must be a JSON list',
    remedy: 'write it as ["claude-sonnet-5","claude-opus-4-8"]',
  },
  'model-not-text': {
    rule: 'must hold deployment names: text, or objects with a "name" that is text',
    remedy: 'write each model as "claude-sonnet-5" or {"name":"claude-sonnet-5"}',
  },
  'setting-missing': {
    rule: 'is required to sign in',
    remedy: 'set it by policy, in config.json, or by "foundry-credential-helper config init"',
  },
  'setting-unknown': {
    rule: 'is no setting of foundry-credential-helper',
    remedy: 'remove it or correct its name; docs/configuration-reference.md lists all',
  },
  'setting-invalid': {
    rule: 'breaks its rule',
    remedy: 'correct the value',
  },
  'policy-credentials': {
    rule: 'must not hold a user name and password in a policy, which every user of the computer can read',
    remedy: 'let the sign-in host pass without, or set the proxy for each user in config.json',
  },
} as const satisfies Record<string, FindingSpec>;

export type FindingId = keyof typeof findingCatalog;

export interface Finding {
  readonly id: FindingId;
  readonly file: string;
  readonly key?: string;
  readonly rule: string;
  readonly remedy: string;
}

/** `rule` where the catalogue's is not precise enough. Never put a value in it: values may be secrets. */
export function finding(id: FindingId, file: string, key?: string, rule?: string): Finding {
  const spec = findingCatalog[id];
  return { id, file, ...(key === undefined ? {} : { key }), rule: rule ?? spec.rule, remedy: spec.remedy };
}
