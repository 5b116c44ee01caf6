// Property lists and configuration profiles: which payload holds whose settings.
// https://developer.apple.com/documentation/devicemanagement/configuring-multiple-devices-using-profiles

import { type Finding, finding } from '../../claude-desktop/finding.ts';
import { places, type Subject } from '../../config/places.ts';
import { isObject } from '../../formats/json-object.ts';
import type { Entry } from '../../formats/settings-document.ts';
import { UnparsableFile } from '../../formats/unparsable-file.ts';
import type { FileContent, ProgramDocument } from './documents.ts';

type Dictionary = Readonly<Record<string, unknown>>;
type SubjectOf = (file: string, entries: readonly Entry[]) => Subject;

/** How older MDM consoles wrap preferences. */
const MANAGED_PREFERENCES = 'com.apple.ManagedClient.preferences';

const subjects: readonly Subject[] = ['claude-desktop', 'own'];

/** @throws UnparsableFile when nothing in it concerns us */
export function plistContent(file: string, root: Dictionary, subjectOf: SubjectOf): FileContent {
  const payloads = root['PayloadContent'];
  if (!Array.isArray(payloads)) {
    const entries = entriesOf(root);
    return { documents: [{ subject: subjectOf(file, entries), form: 'plist', file, entries }], findings: [] };
  }
  const documents: ProgramDocument[] = [];
  const findings: Finding[] = [];
  for (const payload of payloads.filter(isObject)) {
    for (const { domain, values } of domainsOf(payload)) {
      const entries = entriesOf(values);
      const subject = subjects.find((name) => places[name].domain === domain);
      if (subject !== undefined) documents.push({ subject, form: 'plist', file, entries });
      else if (holdsOurKeys(entries)) findings.push(finding('profile-wrong-domain', file, domain));
    }
  }
  if (documents.length === 0 && findings.length === 0) {
    throw new UnparsableFile('holds no payload for foundry-credential-helper or Claude Desktop');
  }
  return { documents, findings: [...findings, ...identityFindings(file, [root, ...payloads.filter(isObject)])] };
}

function domainsOf(payload: Dictionary): readonly { readonly domain: string; readonly values: Dictionary }[] {
  const type = String(payload['PayloadType'] ?? '');
  const content = payload['PayloadContent'];
  if (type !== MANAGED_PREFERENCES || !isObject(content)) return [{ domain: type, values: payload }];
  return Object.entries(content).flatMap(([domain, wrapper]) => {
    const states = isObject(wrapper) ? [wrapper['Forced'], wrapper['Set-Once']].flat() : [];
    return states.flatMap((state) => {
      const values = isObject(state) ? state['mcx_preference_settings'] : undefined;
      return isObject(values) ? [{ domain, values }] : [];
    });
  });
}

/** Without what describes the payload itself. */
const entriesOf = (values: Dictionary): readonly Entry[] =>
  Object.entries(values)
    .filter(([key]) => !/^Payload[A-Z]/.test(key))
    .map(([key, value]) => ({ key, value }));

const holdsOurKeys = (entries: readonly Entry[]): boolean =>
  entries.some(({ key }) => key.startsWith('inferenceCredential') || key.startsWith('inferenceFoundry')) ||
  ['tenantId', 'clientId'].every((name) => entries.some(({ key }) => key === name));

function identityFindings(file: string, payloads: readonly Dictionary[]): readonly Finding[] {
  const seen = new Set<string>();
  for (const payload of payloads) {
    const uuid = String(payload['PayloadUUID'] ?? '').toLowerCase();
    const identifier = String(payload['PayloadIdentifier'] ?? '');
    if (uuid === '' || identifier === '' || seen.has(uuid)) return [finding('profile-payload-identity', file)];
    seen.add(uuid);
  }
  return [];
}
