// Registry exports: which key holds whose settings, and which only look as if they did.

import { type Finding, finding } from '../../claude-desktop/finding.ts';
import { places, type Subject } from '../../config/places.ts';
import type { RegistryKey } from '../../formats/registry-file.ts';
import { UnparsableFile } from '../../formats/unparsable-file.ts';
import type { FileContent, ProgramDocument } from './documents.ts';

const subjects: readonly Subject[] = ['claude-desktop', 'own'];

/** Places that guides name and nobody reads, and the 32-bit view, where a 32-bit program's writes land. */
const WRONG_KEY =
  /^(?:software\\(?:wow6432node\\(?:policies\\)?|policies\\anthropic\\|anthropic\\)claude|software\\wow6432node\\policies\\foundrycredentialhelper)(?:\\|$)/;

const HIVES: Readonly<Record<string, string>> = {
  hkey_local_machine: 'HKEY_LOCAL_MACHINE',
  hklm: 'HKEY_LOCAL_MACHINE',
  hkey_current_user: 'HKEY_CURRENT_USER',
  hkcu: 'HKEY_CURRENT_USER',
};

/** @throws UnparsableFile when nothing in it concerns us */
export function registryContent(file: string, keys: readonly RegistryKey[]): FileContent {
  const documents: ProgramDocument[] = [];
  const findings: Finding[] = [];
  const hives = new Map<Subject, Set<string>>();
  for (const { path, values } of keys) {
    const { hive, below } = splitPath(path);
    if (WRONG_KEY.test(below)) findings.push(finding('registry-wrong-key', file, path));
    for (const subject of subjects) {
      const place = places[subject].registryKey.toLowerCase();
      if (below.startsWith(`${place}\\`)) {
        if (values.length > 0) findings.push(finding('registry-subkey', file, path));
      } else if (below === place) {
        if (HIVES[hive] === undefined) findings.push(finding('registry-wrong-key', file, path));
        if (values.length > 0) hives.set(subject, (hives.get(subject) ?? new Set<string>()).add(HIVES[hive] ?? hive));
        if (values.some(({ name }) => name === '')) findings.push(finding('registry-default-value', file, path));
        const entries = values
          .filter(({ name }) => name !== '')
          .map(({ name, type, data }) => ({ key: name, value: data, registryType: type }));
        documents.push({ subject, form: 'registry', file, entries });
      }
    }
  }
  for (const [subject, used] of hives) {
    if (used.size > 1) findings.push(finding('registry-both-hives', file, places[subject].registryKey));
  }
  if (documents.length === 0 && findings.length === 0) {
    throw new UnparsableFile('holds no key of foundry-credential-helper or Claude Desktop');
  }
  return { documents, findings };
}

function splitPath(path: string): { readonly hive: string; readonly below: string } {
  const lower = path.toLowerCase();
  const end = lower.indexOf('\\');
  return end === -1 ? { hive: lower, below: '' } : { hive: lower.slice(0, end), below: lower.slice(end + 1) };
}
