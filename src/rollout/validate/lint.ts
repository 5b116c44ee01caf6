import type { LintOptions } from '../../claude-desktop/examination.ts';
import type { Finding } from '../../claude-desktop/finding.ts';
import { desktopKey, isDesktopKey } from '../../claude-desktop/keys.ts';
import { lintDesktop } from '../../claude-desktop/lint.ts';
import type { FileContent, ProgramDocument } from './documents.ts';
import { bySeverity } from './finding-order.ts';
import { lintOwn } from './lint-own.ts';

/** All that is wrong with a file, errors first: how it holds the settings, then the settings. */
export function lintContent({ documents, findings }: FileContent, options: LintOptions = {}): readonly Finding[] {
  const inDocuments = documents.flatMap((document) => {
    const found = document.subject === 'own' ? lintOwn(document) : lintDesktop(document, options);
    return found.map((one) => withLine(document, one));
  });
  return bySeverity([...findings, ...inDocuments]);
}

/** Where in the file the key is, in addition to what in its value is meant. */
function withLine({ form, lines }: ProgramDocument, found: Finding): Finding {
  const { key, element } = found;
  if (key === undefined || lines === undefined) return found;
  const nested = form === 'nested' && isDesktopKey(key) ? desktopKey(key).nested : undefined;
  const line = lines.get(nested ?? key) ?? lines.get(form === 'registry' ? key.toLowerCase() : key);
  if (line === undefined) return found;
  return { ...found, element: element === undefined ? `line ${line}` : `line ${line}, ${element}` };
}
