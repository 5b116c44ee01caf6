// `config validate` judges files, `doctor` what is in force. On the same settings both must come to the same verdict:
// what the one warns of or rejects, the other does too, in the same words.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { type DesktopDocument, flatDocument, jsonDocument } from '../../../src/claude-desktop/document.ts';
import type { Finding as RuleFinding } from '../../../src/claude-desktop/finding.ts';
import { isAboutInference } from '../../../src/claude-desktop/lint.ts';
import type { DesktopReading } from '../../../src/claude-desktop/read.ts';
import { requireSettings, resolveConfiguration } from '../../../src/config/resolve.ts';
import { AppError } from '../../../src/core/errors.ts';
import type { Finding } from '../../../src/doctor/check.ts';
import { desktopHeaderCheck, desktopHelperCheck, desktopProfileCheck } from '../../../src/doctor/checks/desktop.ts';
import { lifetimeCheck } from '../../../src/doctor/checks/lifetime.ts';
import type { DoctorContext } from '../../../src/doctor/context.ts';
import { runChecks } from '../../../src/doctor/runner.ts';
import { lintContent } from '../../../src/rollout/validate/lint.ts';
import { readSettingsFile } from '../../../src/rollout/validate/read-file.ts';

const CORPUS = join(projectFolder, 'test/fixtures/rollout-corpus');

const HEALTHY = {
  inferenceProvider: 'gateway',
  inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com/anthropic',
  inferenceGatewayAuthScheme: 'bearer',
  modelDiscoveryEnabled: false,
  inferenceCredentialKind: 'helper-script',
  inferenceCredentialHelper: '/usr/bin/foundry-credential-helper',
  inferenceCredentialHelperTtlSec: 900,
  inferenceCredentialHelperTimeoutSec: 600,
  inferenceModels: ['claude-sonnet-5', 'claude-opus-4-8'],
};

/** Changes to the profile that `config export` writes. */
const VARIANTS: Readonly<Record<string, object>> = {
  'as exported': {},
  'TTL as text': { inferenceCredentialHelperTtlSec: '15 min' },
  'TTL as digits in text': { inferenceCredentialHelperTtlSec: '900' },
  'TTL 0': { inferenceCredentialHelperTtlSec: 0 },
  'TTL 120': { inferenceCredentialHelperTtlSec: 120 },
  'TTL 2880': { inferenceCredentialHelperTtlSec: 2880 },
  'TTL 2881': { inferenceCredentialHelperTtlSec: 2881 },
  'TTL 86400': { inferenceCredentialHelperTtlSec: 86_400 },
  'no TTL': { inferenceCredentialHelperTtlSec: undefined },
  'timeout 10': { inferenceCredentialHelperTimeoutSec: 10 },
  'timeout 601': { inferenceCredentialHelperTimeoutSec: 601 },
  'models as words': { inferenceModels: 'a,b' },
  'models as JSON text': { inferenceModels: '["claude-sonnet-5"]' },
  'no models': { inferenceModels: undefined },
  'empty models': { inferenceModels: [] },
  'a model of another vendor': { inferenceModels: ['gpt-5'] },
  'an unknown model name': { inferenceModels: ['claude-sonnet-5', 'fast'] },
  'discovery on': { modelDiscoveryEnabled: true },
  'a second credential source': { inferenceFoundryApiKey: 'k' },
  'a second credential source and no kind': { inferenceCredentialKind: undefined, inferenceGatewayApiKey: 'k' },
  'a static key': { inferenceCredentialKind: 'static' },
  'no kind': { inferenceCredentialKind: undefined },
  'no helper': { inferenceCredentialKind: undefined, inferenceCredentialHelper: undefined },
  'no helper path': { inferenceCredentialHelper: undefined },
  'a quoted helper path': { inferenceCredentialHelper: '"/usr/bin/foundry-credential-helper"' },
  'a helper path with ~': { inferenceCredentialHelper: '~/foundry-credential-helper' },
  'a relative helper path': { inferenceCredentialHelper: 'foundry-credential-helper' },
  'a helper path with arguments': { inferenceCredentialHelper: '/usr/bin/foundry-credential-helper --desktop' },
  'helper arguments': { inferenceCredentialHelperArgs: ['token'] },
  'a gateway without its path': { inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com' },
  'a gateway with plain http': { inferenceGatewayBaseUrl: 'http://contoso-foundry.services.ai.azure.com/anthropic' },
  'a gateway with /v1': { inferenceGatewayBaseUrl: 'https://contoso.azure-api.net/anthropic/v1' },
  'a gateway on this computer': { inferenceGatewayBaseUrl: 'http://127.0.0.1:4000' },
  'the other host of the resource': {
    inferenceGatewayBaseUrl: 'https://contoso-foundry.cognitiveservices.azure.com/anthropic',
  },
  'no gateway': { inferenceGatewayBaseUrl: undefined },
  'the key header': { inferenceGatewayAuthScheme: 'x-api-key' },
  'the foundry provider': { inferenceProvider: 'foundry', inferenceFoundryResource: 'contoso-foundry' },
  'the foundry provider with capitals': { inferenceProvider: 'foundry', inferenceFoundryResource: 'Contoso' },
  'the foundry provider with an address only': {
    inferenceProvider: 'foundry',
    inferenceFoundryBaseUrl: 'https://contoso-foundry.services.ai.azure.com/anthropic',
  },
  'another provider': { inferenceProvider: 'bedrock' },
  'no provider': { inferenceProvider: undefined },
  "a provider that doesn't exist": { inferenceProvider: 'Foundry' },
  'silent refresh off': { inferenceCredentialHelperSilentRefreshEnabled: false },
  'a retired key': { inferenceGatewayHeaders: { A: 'b' } },
  'an unknown key': { inferenceSomethingNew: 'x' },
  'a misspelled key': { inferenceCredentialHelperTtlSeconds: 900 },
  'a key of this program': { tenantId: 'contoso.com' },
  'a server that delivers the settings': {
    ...Object.fromEntries(Object.keys(HEALTHY).map((key) => [key, undefined])),
    bootstrapUrl: 'https://config.contoso.com/claude',
  },
};

const isSet = ([, value]: readonly [string, unknown]): boolean => value !== undefined;

const variants = Object.entries(VARIANTS).map(([name, changes]) => {
  const values = Object.fromEntries(Object.entries({ ...HEALTHY, ...changes }).filter(isSet));
  return { name, document: jsonDocument('profile.json', values) };
});

interface Sample {
  readonly document: DesktopDocument;
  /** What `config validate` finds in how the file holds the settings, if it shows where they are in force. */
  readonly ofFile: readonly RuleFinding[];
}

/** Every document for Claude Desktop in the files like those that admins have. */
async function corpus(): Promise<readonly Sample[]> {
  const contents = await Promise.all(
    readdirSync(CORPUS).map(async (name) => {
      try {
        return await readSettingsFile(join(CORPUS, name));
      } catch (thrown) {
        if (thrown instanceof AppError) return { documents: [], findings: [] };
        throw thrown;
      }
    }),
  );
  return contents.flatMap(({ documents, findings }) =>
    documents
      .filter(({ subject }) => subject === 'claude-desktop')
      .map(flatDocument)
      .map((document) => ({
        document,
        ofFile: findings.filter(({ id }) => id === 'key-twice' && document.form === 'json'),
      })),
  );
}

const resolution = resolveConfiguration([
  {
    kind: 'user-file',
    location: 'config.json',
    fingerprint: () => '',
    read: () => ({
      state: 'values',
      values: { tenantId: 'contoso.com', clientId: '11111111-2222-3333-4444-555555555555' },
    }),
  },
]);

/** What `doctor` finds where these settings are in force and no one is signed in. */
async function diagnose(document: DesktopDocument): Promise<ReadonlyMap<string, Finding>> {
  const reading: DesktopReading = { state: 'values', origin: document.file, managed: false, document, values: {} };
  const context = {
    resolution,
    configuration: () => requireSettings(resolution),
    desktop: () => reading,
    tokenInHand: () => undefined,
    heldToken: () => Promise.reject(new AppError('ERR_SIGN_IN_REQUIRED')),
  } as unknown as DoctorContext;
  const checks = [desktopProfileCheck, desktopHeaderCheck, desktopHelperCheck, lifetimeCheck];
  const findings = await runChecks(checks, context);
  return new Map(findings.map((finding) => [finding.id, finding]));
}

/** The check that reports the finding. */
function checkFor({ id }: RuleFinding): string {
  if (id === 'header-mismatch') return 'desktop-header';
  if (id.startsWith('helper-path-')) return 'desktop-helper';
  return id.startsWith('ttl-') ? 'token-lifetime' : 'desktop-profile';
}

const isTrouble = (finding: Finding | undefined): boolean => finding?.state === 'warn' || finding?.state === 'fail';

async function expectSameVerdict({ document, ofFile }: Sample): Promise<void> {
  const content = { documents: [{ ...document, subject: 'claude-desktop' as const }], findings: ofFile };
  const validated = lintContent(content, { credential: 'entra' }).filter(({ severity }) => severity !== 'note');
  const found = await diagnose(document);
  const profile = found.get('desktop-profile');
  const inForce = isAboutInference(document) ? [] : ['desktop-profile'];
  const expected = [...new Set([...validated.map(checkFor), ...inForce])];
  for (const finding of validated) {
    const check = found.get(checkFor(finding));
    // What is in doubt because the profile can't work is said after that's corrected.
    if (profile?.state === 'fail' && check?.id !== 'desktop-profile') {
      expect(check).toMatchObject({ state: 'skip', facts: { blockedBy: 'desktop-profile' } });
    } else if (check?.id === 'desktop-header' || finding.id === 'helper-path-arguments') {
      expect([finding.id, check?.state]).toEqual([finding.id, 'fail']);
    } else expect(check?.detail).toContain(finding.rule);
  }
  // The helper's check reads the disk too, where the program of a fixture isn't.
  const others = [...found.values()].filter(({ id }) => id !== 'desktop-helper' && !expected.includes(id));
  expect(others.filter(isTrouble)).toEqual([]);
}

describe('doctor and config validate come to the same verdict on', () => {
  it.each(variants)('$name', ({ document }) => expectSameVerdict({ document, ofFile: [] }));

  it('every file of the corpus', async () => {
    const documents = await corpus();
    expect(documents.length).toBeGreaterThan(50);
    for (const sample of documents) await expectSameVerdict(sample);
  });
});
