// An /etc of a test's own that single processes see, so that one test's policy isn't every other's.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { places } from '../../../src/config/places.ts';
import { waitForAgentsLook } from './agents-look.ts';
import { createEtcView, seenAs } from './etc-view.ts';

export interface EtcFolder {
  /** The policy file as everyone else sees it. */
  readonly policyFile: string;
  /** Root's, 0644, in a folder of root's; a string is written as it is. */
  writePolicy(policy: object | string): void;
  removePolicy(): void;
  /** The command, which sees this /etc; as that user, if given. */
  seenBy(command: readonly string[], uid?: number): readonly [string, ...string[]];
}

/** Needs `canUnshareMounts`. It's in `folder`. */
export function createEtcFolder(folder: string): EtcFolder {
  const etc = join(folder, 'etc');
  createEtcView(etc);
  const policyFile = join(folder, places.own.file);
  return {
    policyFile,
    writePolicy(policy) {
      mkdirSync(dirname(policyFile), { recursive: true, mode: 0o755 });
      // As package managers and MDM agents do: a reader sees the old one or the new one.
      writeFileSync(`${policyFile}.new`, typeof policy === 'string' ? policy : JSON.stringify(policy), { mode: 0o644 });
      renameSync(`${policyFile}.new`, policyFile);
      waitForAgentsLook();
    },
    removePolicy() {
      if (existsSync(policyFile)) rmSync(policyFile);
      waitForAgentsLook();
    },
    seenBy(command, uid = 0) {
      const user =
        uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--inh-caps=-all'];
      return seenAs(etc, [...user, ...command]);
    },
  };
}
