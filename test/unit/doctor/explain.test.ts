import { describe, expect, it } from 'vitest';
import { errorCatalog } from '../../../src/core/errors.ts';
import { explainError } from '../../../src/doctor/explain.ts';
import { EXPLANATIONS, OAUTH_ERRORS, SUBERRORS } from '../../../src/entra/replies/aadsts.ts';
import { type Grant, mapEntraError } from '../../../src/entra/replies/map-error.ts';
import { entraErrorReply } from '../../support/servers/entra-errors.ts';

describe('explainError', () => {
  it.each([...EXPLANATIONS.keys()])('says of AADSTS%i what a refresh that meets it says', (number) => {
    const body = { error: 'invalid_grant', error_codes: [number] };
    const mapped = mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', 'host', 0);
    const explained = explainError(`AADSTS${number}`);
    expect(explained).toMatchObject({ known: true, name: `AADSTS${number}`, code: mapped.code });
    if (mapped.code !== 'ERR_THROTTLED') expect(explained?.reason).toBe(mapped.reason);
  });

  it.each([...EXPLANATIONS.keys(), 999999])('says of AADSTS%i what a program that meets it says', (number) => {
    // The replies as Entra sends them, with their own error names and suberrors.
    const { status, body } = entraErrorReply(number);
    const reply = { status, headers: {}, body: JSON.parse(body) as Record<string, unknown> };
    const codeOf = (grant: Grant) => mapEntraError(reply, grant, 'host', 0).code;
    const { code, atSignIn, isVague } = explainError(`${number}`) ?? {};
    // What comes with such a number decides, and the harness sends it with what Entra usually sends.
    if (isVague === true) return;
    expect({ refresh: code, signIn: atSignIn?.code ?? code }).toEqual({
      refresh: codeOf('refresh_token'),
      signIn: codeOf('device_code'),
    });
    expect(codeOf('authorization_code')).toBe(codeOf('device_code'));
  });

  it.each([...SUBERRORS.keys()])('says of %s what a refresh that meets it says', (suberror) => {
    const body = { error: 'invalid_grant', suberror };
    const { code, reason } = mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', 'host', 0);
    const explained = explainError(suberror);
    expect(explained).toMatchObject({ known: true, name: suberror, code });
    expect(explained?.reason).toBe(reason);
  });

  it.each([...OAUTH_ERRORS.keys()].filter((name) => !SUBERRORS.has(name)))(
    'says of %s what a refresh that meets it says',
    (error) => {
      const reply = { status: 400, headers: {}, body: { error } };
      const { code } = mapEntraError(reply, 'refresh_token', 'host', 0);
      expect(explainError(error)).toMatchObject({ known: true, name: error, code, remedy: errorCatalog[code].hint });
    },
  );

  it('says of a number that means several things that the suberror or the error name decides', () => {
    const codeWith = (rest: object) => {
      const body = { error: 'invalid_grant', error_codes: [70000], ...rest };
      return mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', 'host', 0).code;
    };
    expect(explainError('70000')).toMatchObject({ code: codeWith({}), isVague: true });
    expect(explainError('bad_token')).toMatchObject({ code: codeWith({ suberror: 'bad_token' }) });
    expect(codeWith({})).not.toBe(codeWith({ suberror: 'bad_token' }));
    expect(explainError('50173')).not.toHaveProperty('isVague');
  });

  it('takes a number in any writing, and says which setting it is about', () => {
    for (const text of ['700016', 'aadsts700016', ' AADSTS700016 ']) {
      expect(explainError(text)).toMatchObject({ code: 'ERR_ENTRA_APP_UNKNOWN', key: 'clientId' });
    }
  });

  it('says whether the sign-in is over', () => {
    expect(explainError('50173')).toMatchObject({ code: 'ERR_SIGN_IN_ENDED', endsSignIn: true });
    expect(explainError('bad_token')).toMatchObject({ endsSignIn: true });
    for (const text of ['50053', 'token_expired', '530084'])
      expect(explainError(text)).not.toHaveProperty('endsSignIn');
  });

  it("takes suberrors and OAuth errors in any case, and this program's own codes", () => {
    expect(explainError(' Bad_Token')).toMatchObject({ name: 'bad_token', code: 'ERR_SIGN_IN_ENDED' });
    expect(explainError('INVALID_GRANT')).toMatchObject({ name: 'invalid_grant' });
    expect(explainError('err_network_tls')).toMatchObject({ code: 'ERR_NETWORK_TLS', known: true });
    expect(explainError('constructor')).toBeUndefined();
  });

  it("admits what it doesn't know, with the page that may", () => {
    expect(explainError('AADSTS99999')).toMatchObject({
      known: false,
      moreInfo: 'https://login.microsoftonline.com/error?code=99999',
    });
    for (const text of ['', 'AADSTS', '12', 'https://login.microsoftonline.com']) {
      expect(explainError(text)).toBeUndefined();
    }
  });
});
