// Small files like those that admins really have, each with the verdict of `config validate`. Modeled on public ones;
// none is a copy. The exit code follows from the verdict, as in the command itself.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import type { Finding } from '../../../src/claude-desktop/finding.ts';
import { AppError } from '../../../src/core/errors.ts';
import { reviewFiles } from '../../../src/rollout/validate/review-files.ts';

const FOLDER = join(projectFolder, 'test/fixtures/rollout-corpus');
const CLAUDE = 'SOFTWARE\\Policies\\Claude';

/** `severity id key`, in order; or why the file can't be judged. */
type Verdict = readonly string[] | RegExp;

interface Row {
  readonly exit: 0 | 1 | 3;
  readonly verdict: Verdict;
}

const fine = { exit: 0, verdict: [] } as const;
const passes = (...verdict: readonly string[]): Row => ({ exit: 0, verdict });
const fails = (...verdict: readonly string[]): Row => ({ exit: 1, verdict });
const refused = (verdict: RegExp): Row => ({ exit: 3, verdict });

const forClaudeCode = refused(/holds no setting of .*settings of Claude Code, which .*claude-code status/);

const rows: Readonly<Record<string, Row>> = {
  // Every form, with nothing wrong.
  'gateway.mobileconfig': fine,
  'gateway.reg': fine,
  'managed-settings.json': fine,
  'api-key.mobileconfig': fine,
  'own-policy.json': fine,
  'own-policy.reg': fine,
  'managed-client.mobileconfig': fine,
  'binary.plist': fine,
  'regedit4-ansi.reg': fine,
  'split-payloads.mobileconfig': fine,
  'utf16be.plist': fine,
  'blank-lines-first.plist': fine,
  'update-keys-only.plist': fine,
  'crlf.json': fine,
  'deleted-then-set.reg': fine,
  'other-programs-too.reg': fine,
  'local-configuration.json': fine,

  // Things to know.
  'native-types.mobileconfig': passes(
    'note value-not-text inferenceCredentialHelperTtlSec, modelDiscoveryEnabled, isLocalDevMcpEnabled',
    'note native-structure inferenceModels, inferenceCustomHeaders',
  ),
  'signed.mobileconfig': passes('note profile-signature-unchecked'),
  'signed-streamed.mobileconfig': passes('note profile-signature-unchecked'),
  'signed-pem.mobileconfig': passes('note profile-signature-unchecked'),
  'intune-preference-file.xml': passes('note plist-fragment'),
  'jamf-custom-settings.xml': passes('note plist-fragment'),
  'workspace-one.xml': passes('note plist-fragment'),
  'exported-user-policy.reg': passes(
    `note registry-user-hive HKEY_USERS\\S-1-5-21-1004336348-1177238915-682003330-1104\\${CLAUDE}`,
  ),
  'entra-user-policy.reg': passes(
    `note registry-user-hive HKEY_USERS\\S-1-12-1-1943430372-1249052806-2496021943-3034400218\\${CLAUDE}`,
  ),
  'own-policy-with-mark.json': passes('note json-byte-order-mark'),
  'own-policy-utf16.json': passes('note json-encoding'),
  'no-scope.mobileconfig': passes('note profile-scope-user PayloadScope'),

  // Works, but not as people expect.
  'comment-above-header.reg': passes('warning registry-header'),
  'utf16be-with-mark.reg': passes('warning registry-encoding'),
  'utf16be-without-mark.reg': passes('warning registry-encoding'),
  'utf16le-without-mark.reg': passes('warning registry-encoding'),
  'abbreviated-hive.reg': passes(`warning registry-wrong-key HKLM\\${CLAUDE}`),
  'both-hives.reg': passes(`warning registry-both-hives ${CLAUDE}`),
  'default-value.reg': passes(`warning registry-default-value HKEY_LOCAL_MACHINE\\${CLAUDE}`),
  'scope-user.mobileconfig': passes('warning profile-scope-user PayloadScope'),
  'uuid-is-a-word.mobileconfig': passes('warning profile-uuid-format PayloadUUID'),
  'payload-without-version.mobileconfig': passes('warning profile-payload-version PayloadVersion'),
  'payloads-contradict.mobileconfig': passes('warning key-twice inferenceCredentialHelperTtlSec'),
  'key-twice.json': passes('warning key-twice inferenceProvider'),
  'own-misspelled.json': passes('warning setting-unknown tenent', 'warning setting-unknown foundryresource'),
  'misspelled-key.plist': passes('warning key-misspelled inferenceCredentialHelperTtlSeconds'),
  'tenant-in-wrong-program.plist': passes('warning key-of-other-program tenantId'),

  // Can't work.
  'policies-anthropic.reg': fails(
    'error registry-wrong-key HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Anthropic\\Claude Desktop',
  ),
  'software-claude.reg': fails('error registry-wrong-key HKEY_LOCAL_MACHINE\\SOFTWARE\\Claude'),
  'wow6432node.reg': fails('error registry-wrong-key HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\Policies\\Claude'),
  'invented-key.reg': fails('error registry-wrong-key HKEY_LOCAL_MACHINE\\SOFTWARE\\Contoso\\AI'),
  'default-user.reg': fails(`error registry-wrong-key HKEY_USERS\\.DEFAULT\\${CLAUDE}`),
  'subkey.reg': fails(`error registry-subkey HKEY_LOCAL_MACHINE\\${CLAUDE}\\inference`),
  'expandable-path.reg': fails('error registry-expand-sz inferenceCredentialHelper'),
  'multi-string.reg': fails('error registry-type disabledBuiltinTools'),
  'wrong-domain.mobileconfig': fails('error profile-wrong-domain com.anthropic.claude'),
  'same-identifier.mobileconfig': fails('error profile-payload-identity PayloadIdentifier'),
  'same-uuid.mobileconfig': fails('error profile-payload-identity PayloadUUID'),
  'no-identity.mobileconfig': fails(
    'error profile-payload-identity PayloadIdentifier',
    'error profile-payload-identity PayloadUUID',
  ),
  'lower-case-type.mobileconfig': fails('error profile-type PayloadType'),
  'scope-lower-case.mobileconfig': fails('error profile-scope PayloadScope'),
  'version-as-text.mobileconfig': fails('error profile-payload-version PayloadVersion'),
  'content-not-array.mobileconfig': fails('error profile-content PayloadContent'),
  'byte-order-mark.json': fails('error json-byte-order-mark'),
  'utf16.json': fails('error json-encoding'),
  'comments.json': fails('error json-comments'),
  'own-comments.json': fails('error json-comments'),
  'own-invalid.json': fails('error setting-invalid tenantId', 'error setting-invalid caFile'),
  'no-provider.json': fails('error provider-missing inferenceProvider'),
  'provider-misspelled.plist': fails('error provider-invalid inferenceProvider'),
  'dotted-keys.json': fails('error key-nested inference.credential.kind'),
  'password-in-policy.plist': fails('error policy-credentials proxy'),

  // Another program's, whatever the name says.
  'managed-settings-of-claude-code.json': forClaudeCode,
  'foundry-credential-helper-env.json': forClaudeCode,
  'claude-settings.json': forClaudeCode,
  'exported-claude-code.json': forClaudeCode,
  'claude-code-login.json': forClaudeCode,
  'claude-code.mobileconfig': forClaudeCode,
  'claude-code.reg': forClaudeCode,
  'claude_desktop_config.json': refused(/holds no setting of .*MCP servers/),
  '_meta.json': refused(/holds no setting of .*_meta\.json.*appliedId/),
  'intune-export.json': refused(/holds no setting of .*Intune/),
  'vs-code.json': refused(/holds no setting of .*Visual Studio Code/),
  'manifest.plist': refused(/holds no setting of .*schema/),
  'some-package.json': refused(/holds no setting of foundry-credential-helper or Claude Desktop$/),
  'wifi.mobileconfig': refused(/holds no setting of .* in its payloads/),

  // Nothing to judge.
  'empty.json': refused(/holds no settings$/),
  'empty.plist': refused(/holds no settings$/),
  'empty-payload.mobileconfig': refused(/holds no settings in its payload/),
  'only-deletes.reg': refused(/holds no settings: its keys have no values/),
  'empty-file.json': refused(/is empty$/),
  'list.json': refused(/isn't a JSON object/),
  'encrypted.mobileconfig': refused(/is encrypted/),
  'encrypted-content.mobileconfig': refused(/is an encrypted profile/),
  'signature-only.mobileconfig': refused(/is a signature without the profile/),
  'trailing-comma.json': refused(/isn't valid JSON, line 17, column 1: the comma before this }/),
  'not-closed.plist': refused(/isn't well-formed XML, line 22/),
  'no-header.reg': refused(/is a registry export without its first line/),
  'broken.reg': refused(/isn't a valid registry export, line 4/),
  'policy.admx': refused(/is XML, but not a property list/),
  'latin1.json': refused(/is neither UTF-8 nor UTF-16 text/),
};

/** One rule of Claude Desktop each; what else follows from the fault doesn't matter here. */
const ruleRows: Readonly<Record<string, Row>> = {
  'foundry-with-entra.mobileconfig': fails('error header-mismatch inferenceProvider'),
  'gateway-with-api-key.mobileconfig': fails('error header-mismatch inferenceGatewayAuthScheme'),
  'resource-in-capitals.plist': fails('error foundry-resource-invalid inferenceFoundryResource'),
  'base-url-without-resource.plist': fails('error endpoint-missing inferenceFoundryResource'),
  'model-that-desktop-drops.json': fails('error model-dropped inferenceModels'),
  'model-of-another-family.json': fails('error model-refused inferenceModels'),
  'retired-headers.json': fails('error key-retired inferenceGatewayHeaders'),
  'gateway-with-query.json': fails('error base-url-invalid inferenceGatewayBaseUrl'),
  'helper-path-climbs.json': fails('error helper-path-invalid inferenceCredentialHelper'),
  'helper-path-with-space.plist': fine,
  'local-foundry-helper.json': fails('error provider-invalid inferenceProvider'),
  'number-for-text.reg': fails('error registry-dword inferenceProvider'),
};

interface Judged {
  readonly exit: Row['exit'];
  readonly verdict: readonly string[];
  readonly reason?: string;
  readonly findings: readonly Finding[];
}

async function judge(name: string): Promise<Judged> {
  try {
    const { findings, unreadable } = await reviewFiles([join(FOLDER, name)], {});
    for (const error of unreadable) throw error;
    const verdict = findings.map(({ severity, id, key }) => [severity, id, key ?? []].flat().join(' '));
    return { exit: findings.some(({ severity }) => severity === 'error') ? 1 : 0, verdict, findings };
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.category !== 'configuration') throw thrown;
    return { exit: 3, verdict: [], reason: thrown.detail ?? '', findings: [] };
  }
}

describe('the corpus', () => {
  it.each(Object.entries(rows))('%s', async (name, { exit, verdict }) => {
    const judged = await judge(name);
    if (verdict instanceof RegExp) {
      expect(judged).toMatchObject({ exit, reason: expect.stringMatching(verdict) });
      expect(judged.reason).toContain(join(FOLDER, name));
    } else expect({ exit: judged.exit, verdict: judged.verdict }).toEqual({ exit, verdict });
  });

  it.each(Object.entries(ruleRows))('%s', async (name, { exit, verdict }) => {
    const judged = await judge(name);
    expect(judged.exit).toBe(exit);
    for (const finding of verdict as readonly string[]) expect(judged.verdict).toContain(finding);
  });

  it('has a verdict for every file', () => {
    const files = readdirSync(FOLDER).filter((name) => !name.startsWith('.'));
    expect([...Object.keys(rows), ...Object.keys(ruleRows)].toSorted()).toEqual(files.toSorted());
  });

  it('never repeats a value, which may be a secret', async () => {
    const all = await Promise.all(Object.keys(rows).map(judge));
    const said = all.flatMap(({ reason = '', findings }) => [reason, ...findings.map((one) => JSON.stringify(one))]);
    expect(said.join('\n')).not.toMatch(/hunter2|contoso\.com:8080|11111111-2222/);
  });
});
