// The folder that an admin chose for the program: an upgrade without INSTALLDIR stays there, and a repair takes no
// other.
import type { Row } from './msi-row.ts';

const HKEY_LOCAL_MACHINE = 2;
/** msidbLocatorTypeRawValue | msidbLocatorType64bit */
const RAW_VALUE_64 = 2 | 16;
/** "Set a property to formatted text". */
const SET_PROPERTY = 51;

/**
 * The action that takes the folder from the registry, after AppSearch and before folders are checked (CostInitialize).
 */
export const RECALL_FOLDER = 'Recall_INSTALLDIR';
export const RECALL_FOLDER_CONDITION = 'PREVIOUS_INSTALLDIR AND (Installed OR NOT INSTALLDIR)';

export const folderRows: readonly Row[] = [
  { table: 'AppSearch', columns: { Property: 'PREVIOUS_INSTALLDIR', Signature_: 'Find_INSTALLDIR' } },
  {
    table: 'RegLocator',
    columns: {
      Signature_: 'Find_INSTALLDIR',
      Root: HKEY_LOCAL_MACHINE,
      Key: 'SOFTWARE\\FoundryCredentialHelper',
      Name: 'InstallDir',
      Type: RAW_VALUE_64,
    },
  },
  {
    table: 'CustomAction',
    columns: { Action: RECALL_FOLDER, Type: SET_PROPERTY, Source: 'INSTALLDIR', Target: '[PREVIOUS_INSTALLDIR]' },
  },
  // With its own dialogs, Windows Installer checks folders there and passes them on.
  { table: 'InstallUISequence', columns: { Action: 'AppSearch', Sequence: 50 } },
  {
    table: 'InstallUISequence',
    columns: { Action: RECALL_FOLDER, Condition: RECALL_FOLDER_CONDITION, Sequence: 105 },
  },
];
