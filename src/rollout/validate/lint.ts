import type { Finding } from '../../claude-desktop/finding.ts';
import { lintDesktop } from '../../claude-desktop/lint.ts';
import type { FileContent } from './documents.ts';
import { lintOwn } from './lint-own.ts';

/** All that is wrong with a file: first how it holds the settings, then the settings. */
export function lintContent({ documents, findings }: FileContent): readonly Finding[] {
  const inDocuments = documents.flatMap((document) =>
    document.subject === 'own' ? lintOwn(document) : lintDesktop(document),
  );
  return [...findings, ...inDocuments];
}
