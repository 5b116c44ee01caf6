import { explainFault, foreignFolder } from '../../platform/describe-fault.ts';
import type { Paths } from '../../platform/paths.ts';
import { type PrivacyFault, parentsFault, privacyFault } from '../../platform/privacy-fault.ts';
import type { Check } from '../check.ts';
import { combine } from '../combine.ts';
import type { DoctorContext } from '../context.ts';

/** That this program's folders, and those above them, belong to this user and are protected from others. */
export const foldersCheck: Check<DoctorContext> = {
  id: 'folders',
  title: 'Folders',
  run({ paths }) {
    const faults = faultsOf(paths);
    const problems = [...faults.values()].map((fault) => ({ state: 'fail' as const, ...explainFault(fault) }));
    const facts = { paths: [...faults.keys()] };
    return combine(problems, "this program's folders are protected from other users", facts);
  },
};

/** By the path at fault: one folder may be above several of the program's. */
function faultsOf({ config, state, log, cache, runtime }: Paths): ReadonlyMap<string, PrivacyFault> {
  // The folder of config.json may be a link to where the user keeps such files.
  const found = [parentsFault(`${config}/`) ?? foreignFolder(config), ...[state, log, cache, runtime].map(faultOf)];
  return new Map(found.flatMap((fault) => (fault === undefined ? [] : [[fault.path, fault] as const])));
}

/** A folder that doesn't exist is fine if this user could create it. */
function faultOf(path: string): PrivacyFault | undefined {
  const fault = privacyFault(path, 'folder');
  return fault?.is === 'absent' ? foreignFolder(path) : fault;
}
