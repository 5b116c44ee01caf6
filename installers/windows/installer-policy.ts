// The settings that an admin may set on the installer's command line, as rows of its tables.
//
// A value is written to policy by a component whose condition is that it was given, and remembered next to it under the
// installer's own key. The next version finds it there, so that an upgrade without properties keeps it. A repair takes
// the remembered values alone: any user may start one, and it runs with the system's rights.
//
// Windows Installer reads a registry value that begins with "#" as a number or as bytes, and "##" as a text that begins
// with "#". So a given value that begins with "#" gets a second one. Remembered values come with it: AppSearch adds it
// itself. https://learn.microsoft.com/windows/win32/msi/registry-table and .../reglocator-table
import { configurationKeys, definitionOf } from '../../src/config/keys.ts';
import { places } from '../../src/config/places.ts';
import { uuidV5 } from '../../src/formats/uuid.ts';
import type { Row } from './msi-row.ts';

const HKEY_LOCAL_MACHINE = 2;
/** msidbLocatorTypeRawValue | msidbLocatorType64bit */
const RAW_VALUE_64 = 2 | 16;
/** msidbComponentAttributesRegistryKeyPath | msidbComponentAttributes64bit */
const REGISTRY_KEY_PATH_64 = 4 | 256;
/** "Set a property to formatted text". */
const SET_PROPERTY = 51;
const REMEMBERED_KEY = 'SOFTWARE\\FoundryCredentialHelper\\InstallerProperties';

interface PolicyProperty {
  /** Public, so it's in capitals. */
  readonly name: string;
  /** What an earlier installation was given. Not "secure": no one but the registry sets it. */
  readonly previous: string;
  readonly key: string;
  readonly sensitive: boolean;
}

export const policyProperties: readonly PolicyProperty[] = configurationKeys.map((key) => ({
  name: key.toUpperCase(),
  previous: `PREVIOUS_${key.toUpperCase()}`,
  key,
  sensitive: definitionOf(key).sensitive === true,
}));

/** Rows to add to the tables that wixl made. Policy readers take every value as text, so all of them are. */
export function policyRows(): readonly Row[] {
  return policyProperties.flatMap(({ name, previous, key }): Row[] => {
    const component = `Policy_${key}`;
    const registry = { Root: HKEY_LOCAL_MACHINE, Name: key, Value: `[${name}]`, Component_: component };
    return [
      {
        table: 'Component',
        columns: {
          Component: component,
          ComponentId: `{${uuidV5(`installer-policy:${key}`)}}`,
          Directory_: 'INSTALLDIR',
          Attributes: REGISTRY_KEY_PATH_64,
          Condition: `${name}<>""`,
          KeyPath: component,
        },
      },
      { table: 'FeatureComponents', columns: { Feature_: 'Main', Component_: component } },
      { table: 'Registry', columns: { Registry: component, Key: places.own.registryKey, ...registry } },
      { table: 'Registry', columns: { Registry: `Remember_${key}`, Key: REMEMBERED_KEY, ...registry } },
      { table: 'AppSearch', columns: { Property: previous, Signature_: `Find_${key}` } },
      {
        table: 'RegLocator',
        columns: {
          Signature_: `Find_${key}`,
          Root: HKEY_LOCAL_MACHINE,
          Key: REMEMBERED_KEY,
          Name: key,
          Type: RAW_VALUE_64,
        },
      },
      {
        table: 'CustomAction',
        columns: { Action: recallAction(key), Type: SET_PROPERTY, Source: name, Target: `[${previous}]` },
      },
      {
        table: 'CustomAction',
        columns: { Action: escapeAction(key), Type: SET_PROPERTY, Source: name, Target: `#[${name}]` },
      },
    ];
  });
}

/** The name of the action that doubles a number sign at the start of a given value. */
export function escapeAction(key: string): string {
  return `Escape_${key}`;
}

/** The name of the action that takes a remembered value. */
export function recallAction(key: string): string {
  return `Recall_${key}`;
}
