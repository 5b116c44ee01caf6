// What wixl 0.101 can't write or writes wrongly, as changes to its tables.
// Tables: https://learn.microsoft.com/windows/win32/msi/database-tables
import { extname } from 'node:path';
import { launcherActions, launcherRows } from './installer-actions.ts';
import { fileId, type InstalledFile, PROGRAM } from './installer-files.ts';
import { folderRows, RECALL_FOLDER, RECALL_FOLDER_CONDITION } from './installer-folder.ts';
import { escapeAction, policyProperties, policyRows, recallAction } from './installer-policy.ts';
import { insertion } from './msi-row.ts';

interface Product {
  readonly version: string;
  readonly upgradeCode: string;
  readonly files: readonly InstalledFile[];
}

interface SequencedAction {
  readonly action: string;
  readonly sequence: number;
  readonly condition?: string;
}

/** https://learn.microsoft.com/windows/win32/msi/upgrade-table */
const MIGRATE_FEATURES = 1;
const VERSION_MAX_INCLUSIVE = 512;

/**
 * All of InstallExecuteSequence, with the suggested numbers of
 * https://learn.microsoft.com/windows/win32/msi/suggested-installexecutesequence. What matters:
 * an upgrade removes the old version between InstallValidate and InstallInitialize, one of the places Windows allows
 * (in wixl's it fails with 2613); the remembered settings are there before components are checked (CostFinalize); at a
 * removal, agents stop before the first file or registry value goes; the task is made when its program is there.
 */
function executeSequence(): readonly SequencedAction[] {
  return [
    { action: 'FindRelatedProducts', sequence: 25 },
    { action: 'AppSearch', sequence: 50 },
    // Before the remembered values, which come escaped.
    ...policyProperties.map(({ key, name }, index) => ({
      action: escapeAction(key),
      sequence: 60 + index,
      condition: `${name} << "#"`,
    })),
    { action: 'LaunchConditions', sequence: 100 },
    { action: RECALL_FOLDER, sequence: 105, condition: RECALL_FOLDER_CONDITION },
    ...policyProperties.map(({ key, name }, index) => ({
      action: recallAction(key),
      sequence: 110 + index,
      condition: `Installed OR ${name}=""`,
    })),
    { action: 'ValidateProductID', sequence: 700 },
    { action: 'CostInitialize', sequence: 800 },
    { action: 'FileCost', sequence: 900 },
    { action: 'CostFinalize', sequence: 1000 },
    { action: 'MigrateFeatureStates', sequence: 1200 },
    { action: 'InstallValidate', sequence: 1400 },
    { action: 'RemoveExistingProducts', sequence: 1450 },
    { action: 'InstallInitialize', sequence: 1500 },
    { action: 'ProcessComponents', sequence: 1600 },
    { action: 'UnpublishFeatures', sequence: 1800 },
    { action: 'RemoveRegistryValues', sequence: 2600 },
    { action: 'RemoveEnvironmentStrings', sequence: 3300 },
    { action: 'RemoveFiles', sequence: 3500 },
    { action: 'InstallFiles', sequence: 4000 },
    { action: 'WriteRegistryValues', sequence: 5000 },
    { action: 'WriteEnvironmentStrings', sequence: 5200 },
    { action: 'RegisterUser', sequence: 6000 },
    { action: 'RegisterProduct', sequence: 6100 },
    { action: 'PublishFeatures', sequence: 6300 },
    { action: 'PublishProduct', sequence: 6400 },
    { action: 'InstallFinalize', sequence: 6600 },
    ...launcherActions,
  ];
}

/** The same as a file that msibuild imports in place of wixl's table: its DELETE leaves every second row. */
export function executeSequenceTable(): string {
  const ordered = executeSequence().toSorted((a, b) => a.sequence - b.sequence);
  const rows = ordered.map(({ action, condition = '', sequence }) => [action, condition, sequence].join('\t'));
  const head = ['Action\tCondition\tSequence', 's72\tS255\tI2', 'InstallExecuteSequence\tAction'];
  return [...head, ...rows, ''].join('\r\n');
}

/** https://learn.microsoft.com/windows/win32/msi/filename */
const SHORT_NAME = /^[\w-]{1,8}(?:\.[\w-]{1,3})?$/;

/** Queries for msibuild, in order. */
export function tableQueries({ version, upgradeCode, files }: Product): readonly string[] {
  const hidden = policyProperties
    .filter(({ sensitive }) => sensitive)
    .flatMap(({ name, previous }) => [name, previous]);
  const secure = ['WIX_DOWNGRADE_DETECTED', 'WIX_UPGRADE_DETECTED', ...policyProperties.map(({ name }) => name)];
  return [
    // wixl takes the lower versions alone, but the same version for another processor wants the same folder.
    "DELETE FROM `Upgrade` WHERE `ActionProperty`='WIX_UPGRADE_DETECTED'",
    insertion({
      table: 'Upgrade',
      columns: {
        UpgradeCode: `{${upgradeCode}}`,
        VersionMax: version,
        Attributes: MIGRATE_FEATURES | VERSION_MAX_INCLUSIVE,
        ActionProperty: 'WIX_UPGRADE_DETECTED',
      },
    }),
    // A lower version here than in the file itself makes the installer take the file for someone else's.
    ...files.flatMap(({ name, version: fileVersion }) =>
      fileVersion === undefined
        ? []
        : [
            `UPDATE \`File\` SET \`Version\`='${fileVersion}' WHERE \`File\`='${fileId(name)}'`,
            // Hashes are for files without a version.
            `DELETE FROM \`MsiFileHash\` WHERE \`File_\`='${fileId(name)}'`,
          ],
    ),
    // Long names need a short one before them.
    ...files
      .filter(({ name }) => !SHORT_NAME.test(name))
      .map(({ name }, index) => {
        const shortName = `FOUNDRY${index + 1}${extname(name).slice(0, 4).toUpperCase()}`;
        return `UPDATE \`File\` SET \`FileName\`='${shortName}|${name}' WHERE \`File\`='${fileId(name)}'`;
      }),
    "UPDATE `Directory` SET `DefaultDir`='FOUNDRY|foundry-credential-helper' WHERE `Directory`='INSTALLDIR'",
    `UPDATE \`Property\` SET \`Value\`='${secure.join(';')}' WHERE \`Property\`='SecureCustomProperties'`,
    insertion({ table: 'Property', columns: { Property: 'MsiHiddenProperties', Value: hidden.join(';') } }),
    ...[...policyRows(), ...folderRows, ...launcherRows()].map(insertion),
    ...searchPathQueries(),
  ];
}

/**
 * Adds the program's folder to the end of the computer's PATH with the program, and removes it again, but nothing else.
 * `=`: at the installation; `-`: at the removal; `*`: the computer's; `[~]`: what's there already. wixl 0.101 has no
 * such table. https://learn.microsoft.com/windows/win32/msi/environment-table
 */
function searchPathQueries(): readonly string[] {
  const columns = ['Environment', 'Name', 'Value', 'Component_'].map((name) => `\`${name}\``);
  const [key, name, value, component] = columns;
  const types = `${key} CHAR(72) NOT NULL, ${name} CHAR(255) NOT NULL LOCALIZABLE, ${value} CHAR(255) LOCALIZABLE, ${component} CHAR(72) NOT NULL`;
  return [
    `CREATE TABLE \`Environment\` (${types} PRIMARY KEY ${key})`,
    insertion({
      table: 'Environment',
      columns: { Environment: 'Path', Name: '=-*Path', Value: '[~];[INSTALLDIR]', Component_: fileId(PROGRAM) },
    }),
  ];
}
