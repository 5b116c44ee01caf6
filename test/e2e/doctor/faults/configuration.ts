import { configure, type SeededFault } from './row.ts';

export const configurationFaults: readonly SeededFault[] = [
  {
    fault: 'a setting is misspelled',
    seed: configure({ tenantID: 'contoso.com' }),
    check: 'configuration',
    state: 'warn',
    cause: /^unknown setting "tenantID" in .*; did you mean "tenantId"\?$/,
    remedy: /^remove it or correct its name, or update this program$/,
  },
  {
    fault: 'a required setting is misspelled',
    signedIn: false,
    world: { config: { clientId: undefined, clientid: '11111111-2222-3333-4444-555555555555' } },
    check: 'configuration',
    cause: /"clientId" can be set .*unknown setting "clientid" in .*did you mean "clientId"/,
    remedy: /remove it or correct its name/,
  },
  {
    fault: 'a setting breaks its rule',
    signedIn: false,
    seed: configure({ clientId: 'contoso' }),
    check: 'configuration',
    cause: /"clientId" in .*config\.json must be the GUID/,
    remedy: /correct the value where it's set/,
  },
  {
    fault: 'the client id is missing',
    signedIn: false,
    world: { config: { clientId: undefined } },
    check: 'configuration',
    cause: /"clientId" can be set/,
    remedy: /ask your IT department/,
  },
];
