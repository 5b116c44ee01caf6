// What every rule reads.
import type { DesktopDocument, DesktopValues } from './document.ts';
import type { FindingDetails, FindingId } from './finding.ts';
import type { Credential } from './header.ts';

export interface LintOptions {
  /** What this program prints as the helper. Default: an Entra token, as in the program itself. */
  readonly credential?: Credential | undefined;
  /** The version of Claude Desktop that the settings are for; default: the newest. */
  readonly desktopVersion?: string | undefined;
  /** The day that retirements are judged for. Default: today. */
  readonly now?: Date | undefined;
}

export interface Examination {
  readonly document: DesktopDocument;
  readonly values: DesktopValues;
  readonly options: LintOptions;
  report(id: FindingId, key?: string, details?: FindingDetails): void;
}
