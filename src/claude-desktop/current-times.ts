import { dirname } from 'node:path';
import { fileFingerprint } from '../formats/text-file.ts';
import { type DesktopTimes, desktopTimes, managedCacheMs } from './cache-time.ts';
import { metaFile } from './config-library.ts';
import { type DesktopPlaces, managedFile, readDesktopConfiguration } from './read.ts';

export interface CurrentTimes extends DesktopTimes {
  /** See `managedCacheMs`. */
  readonly managedCacheMs: number;
}

/**
 * Claude Desktop's times in a process that runs for weeks. A call costs a few `stat`s, and reads the settings again
 * only if they have changed. Never throws.
 */
export function openDesktopTimes(places: DesktopPlaces = {}): () => CurrentTimes {
  let known:
    | { readonly fingerprint: string | undefined; readonly file: string; readonly times: CurrentTimes }
    | undefined;
  return () => {
    const file = known?.file ?? '';
    // Taken before reading, so that a change in between shows as a different fingerprint next time.
    const fingerprint = JSON.stringify([
      ...managedFingerprints(places),
      ...[metaFile(places), file].map(fileFingerprint),
    ]);
    if (known?.fingerprint === fingerprint) return known.times;
    const reading = readDesktopConfiguration(places);
    const origin = reading.state === 'absent' ? '' : reading.origin;
    // A file that wasn't checked before reading is read once more.
    const times = { ...desktopTimes(reading), managedCacheMs: managedCacheMs(reading) };
    known = { fingerprint: origin === file ? fingerprint : undefined, file: origin, times };
    return known.times;
  };
}

function managedFingerprints({ platform = process.platform, managed = [], root }: DesktopPlaces): readonly string[] {
  if (platform !== 'linux') return managed.map((source) => source.fingerprint());
  const file = managedFile(root);
  return [dirname(file), file].map(fileFingerprint);
}
