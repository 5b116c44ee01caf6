import { DesktopValues, flatDocument } from '../../claude-desktop/document.ts';
import type { LintOptions } from '../../claude-desktop/examination.ts';
import type { Finding } from '../../claude-desktop/finding.ts';
import type { Credential, HeaderVerdict } from '../../claude-desktop/header.ts';
import { desktopHeader } from '../../claude-desktop/rules/credential.ts';
import { AppError } from '../../core/errors.ts';
import type { FileContent, ProgramDocument } from './documents.ts';
import { lintContent } from './lint.ts';
import { readSettingsFile } from './read-file.ts';

/** The header of Claude Desktop's calls with the settings of one file. */
export interface FileHeader extends HeaderVerdict {
  readonly file: string;
}

export interface FilesReview {
  readonly findings: readonly Finding[];
  readonly headers: readonly FileHeader[];
  /** ERR_FILE_UNREADABLE: files that can't be judged. */
  readonly unreadable: readonly AppError[];
}

/**
 * Judges files together: this program's settings in one decide what's right for Claude Desktop's in another.
 * `options.credential` counts if none of the files has this program's settings.
 */
export async function reviewFiles(files: readonly string[], options: LintOptions): Promise<FilesReview> {
  const contents: FileContent[] = [];
  const unreadable: AppError[] = [];
  for (const file of files) {
    try {
      contents.push(await readSettingsFile(file));
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      unreadable.push(thrown);
    }
  }
  const documents = contents.flatMap((content) => content.documents);
  const lintOptions = { ...options, credential: credentialIn(documents) ?? options.credential };
  return {
    findings: contents.flatMap((content) => lintContent(content, lintOptions)),
    headers: documents.flatMap((document) => headerOf(document, lintOptions)),
    unreadable,
  };
}

/** What the helper hands out, by this program's settings; `undefined` if there are none. */
export function credentialIn(documents: readonly ProgramDocument[]): Credential | undefined {
  const own = documents.find(({ subject }) => subject === 'own');
  if (own === undefined) return undefined;
  const chosen = own.entries.find(({ key }) => key.toLowerCase() === 'credential')?.value;
  return chosen === 'api-key' ? 'api-key' : 'entra';
}

function headerOf(document: ProgramDocument, options: LintOptions): readonly FileHeader[] {
  if (document.subject === 'own') return [];
  const verdict = desktopHeader(new DesktopValues(flatDocument(document)), options);
  return verdict === undefined ? [] : [{ file: document.file, ...verdict }];
}
