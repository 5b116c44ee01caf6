// The public properties by which an installation sets the computer's policy (`msiexec /i … TENANTID=…`), from the table
// of settings.
import { type KeyType, keys } from '../../src/config/keys.ts';
import { places } from '../../src/config/places.ts';
import { uuidV5 } from '../../src/rollout/uuid.ts';

export interface PolicyProperty {
  /** Public properties are in capital letters. */
  readonly name: string;
  /** Holds what an earlier installation was given. */
  readonly found: string;
  /** The setting, as the policy's value is called. */
  readonly key: string;
  readonly component: string;
  readonly title: string;
}

/** All forms of a value may be given as text, but a map on a command line is nobody's wish. */
const TYPES: readonly KeyType[] = ['string', 'integer', 'boolean', 'list'];

/** Not those that may hold credentials: the installer's log has the command line. */
export const policyProperties: readonly PolicyProperty[] = Object.entries(keys).flatMap(([key, definition]) =>
  TYPES.includes(definition.type) && !('sensitive' in definition)
    ? [
        {
          name: key.toUpperCase(),
          found: `FOUND_${key.toUpperCase()}`,
          key,
          component: `Policy_${key}`,
          title: definition.title,
        },
      ]
    : [],
);

/** What an installation was given, kept beside the policy: a policy that another tool has written is not ours to remove. */
const MEMORY = 'Software\\FoundryCredentialHelper\\InstallerProperties';

/** What product.wxs includes: a component and a search for each property. Their conditions: scripts/windows/msi.ts. */
export function policyInclude(): string {
  const components = policyProperties.map(
    ({ name, key, component }) => `
    <Component Id="${component}" Guid="${uuidV5(`installer policy ${key}`)}" Win64="yes">
      <RegistryValue Root="HKLM" Key="${places.own.registryKey}" Name="${key}" Type="string" Value="[${name}]" KeyPath="yes"/>
      <RegistryValue Root="HKLM" Key="${MEMORY}" Name="${key}" Type="string" Value="[${name}]"/>
    </Component>`,
  );
  const searches = policyProperties.map(
    ({ name, found, key }) => `
  <Property Id="${found}">
    <RegistrySearch Id="Find${name}" Root="HKLM" Key="${MEMORY}" Name="${key}" Type="raw" Win64="yes"/>
  </Property>
  <CustomAction Id="Keep${name}" Property="${name}" Value="[${found}]"/>`,
  );
  const actions = policyProperties.map(
    ({ name, found }) => `
    <Custom Action="Keep${name}" After="AppSearch">NOT ${name} AND ${found}</Custom>`,
  );
  const references = policyProperties.map(
    ({ component }) => `
    <ComponentRef Id="${component}"/>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<Include>${searches.join('')}
  <InstallExecuteSequence>${actions.join('')}
  </InstallExecuteSequence>
  <DirectoryRef Id="INSTALLDIR">${components.join('')}
  </DirectoryRef>
  <Feature Id="Policy" Level="1" Title="Policy">${references.join('')}
  </Feature>
</Include>
`;
}
