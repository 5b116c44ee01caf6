import type { Finding } from '../../claude-desktop/finding.ts';
import type { Subject } from '../../config/places.ts';
import type { SettingsDocument } from '../../formats/settings-document.ts';

/** Settings, and the program that they are for. */
export interface ProgramDocument extends SettingsDocument {
  readonly subject: Subject;
}

/** What a file holds, and what is wrong with how it holds it. */
export interface FileContent {
  readonly documents: readonly ProgramDocument[];
  readonly findings: readonly Finding[];
}
