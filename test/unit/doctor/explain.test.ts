import { describe, expect, it } from 'vitest';
import { explainError } from '../../../src/doctor/explain.ts';
import { EXPLANATIONS, REQUEST_LOOP, SPENT_CODE, STEP_REQUIRED } from '../../../src/entra/replies/aadsts.ts';

describe('explainError', () => {
  it.each([...EXPLANATIONS.keys(), ...STEP_REQUIRED, ...SPENT_CODE, REQUEST_LOOP])('knows AADSTS%i', (number) => {
    expect(explainError(`AADSTS${number}`)).toMatchObject({ known: true, name: `AADSTS${number}` });
  });

  it('takes a number in any writing, and says which setting it is about', () => {
    for (const text of ['700016', 'aadsts700016', ' AADSTS700016 ']) {
      expect(explainError(text)).toMatchObject({ code: 'ERR_ENTRA_APP_UNKNOWN', key: 'clientId' });
    }
  });

  it("takes this program's own codes", () => {
    expect(explainError('err_network_tls')).toMatchObject({ code: 'ERR_NETWORK_TLS', known: true });
    expect(explainError('constructor')).toBeUndefined();
  });

  it('admits what it does not know, with the page that may', () => {
    expect(explainError('AADSTS99999')).toMatchObject({
      known: false,
      moreInfo: 'https://login.microsoftonline.com/error?code=99999',
    });
    for (const text of ['', 'AADSTS', '12', 'https://login.microsoftonline.com']) {
      expect(explainError(text)).toBeUndefined();
    }
  });
});
