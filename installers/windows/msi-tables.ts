// What wixl 0.101 cannot write or writes wrongly, as changes to its tables.
// Tables: https://learn.microsoft.com/windows/win32/msi/database-tables
import { extname } from 'node:path';
import { fileId, type InstalledFile, LAUNCHER } from './installer-files.ts';
import { escapeAction, policyProperties, policyRows, recallAction } from './installer-policy.ts';
import { END_ALL } from './launcher.ts';
import { insertion, type Row } from './msi-row.ts';

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
 * An installed program (18), deferred (1024), with the system's rights (2048) so that it reaches every user's processes,
 * its exit code ignored (64). A console program would open a window with the system's rights on the user's desktop; the
 * launcher opens none.
 * https://learn.microsoft.com/windows/win32/msi/summary-list-of-all-custom-action-types
 */
const STOP_AGENTS_TYPE = 18 | 1024 | 2048 | 64;
/**
 * A removal, the old version's in an upgrade included. Only an admin can start one, while every user can start a repair,
 * which sets REINSTALL.
 */
const AT_REMOVAL = 'Installed AND REMOVE="ALL" AND NOT REINSTALL';

/**
 * All of InstallExecuteSequence, with the suggested numbers of
 * https://learn.microsoft.com/windows/win32/msi/suggested-installexecutesequence. What matters:
 * an upgrade removes the old version between InstallValidate and InstallInitialize, one of the places Windows allows (in
 * wixl's it fails with 2613); the remembered settings are there before components are looked at (CostFinalize); at a
 * removal, agents stop before the first file or registry value goes.
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
    { action: 'StopAgents', sequence: 1550, condition: AT_REMOVAL },
    { action: 'ProcessComponents', sequence: 1600 },
    { action: 'UnpublishFeatures', sequence: 1800 },
    { action: 'RemoveRegistryValues', sequence: 2600 },
    { action: 'RemoveFiles', sequence: 3500 },
    { action: 'InstallFiles', sequence: 4000 },
    { action: 'WriteRegistryValues', sequence: 5000 },
    { action: 'RegisterUser', sequence: 6000 },
    { action: 'RegisterProduct', sequence: 6100 },
    { action: 'PublishFeatures', sequence: 6300 },
    { action: 'PublishProduct', sequence: 6400 },
    { action: 'InstallFinalize', sequence: 6600 },
  ];
}

/** The same as a file that msibuild imports in place of wixl's table: its DELETE leaves every second row. */
export function executeSequenceTable(): string {
  const rows = executeSequence().map(({ action, condition = '', sequence }) =>
    [action, condition, sequence].join('\t'),
  );
  const head = ['Action\tCondition\tSequence', 's72\tS255\tI2', 'InstallExecuteSequence\tAction'];
  return [...head, ...rows, ''].join('\r\n');
}

/** https://learn.microsoft.com/windows/win32/msi/filename */
const SHORT_NAME = /^[\w-]{1,8}(?:\.[\w-]{1,3})?$/;

/** Queries for msibuild, in order. */
export function tableQueries({ version, upgradeCode, files }: Product): readonly string[] {
  const stopAgents: Row = {
    table: 'CustomAction',
    columns: { Action: 'StopAgents', Type: STOP_AGENTS_TYPE, Source: fileId(LAUNCHER), Target: END_ALL },
  };
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
    // A lower version here than in the file itself makes the installer take the file for somebody else's.
    ...files
      .filter(({ versioned }) => versioned)
      .flatMap(({ name }) => [
        `UPDATE \`File\` SET \`Version\`='${version}.0' WHERE \`File\`='${fileId(name)}'`,
        // Hashes are for files without a version.
        `DELETE FROM \`MsiFileHash\` WHERE \`File_\`='${fileId(name)}'`,
      ]),
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
    ...[...policyRows(), stopAgents].map(insertion),
  ];
}
