import { jsonDocument } from '../../../src/claude-desktop/document.ts';
import type { DesktopReading } from '../../../src/claude-desktop/read.ts';

/** What reading a managed JSON file with these settings gives; without any, what reading nothing gives. */
export function desktopReading(values: Readonly<Record<string, unknown>> | undefined): DesktopReading {
  if (values === undefined) return { state: 'absent' };
  const document = jsonDocument('profile', values);
  return { state: 'values', origin: 'profile', managed: true, document, values };
}
