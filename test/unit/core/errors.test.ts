import { describe, expect, it } from 'vitest';
import {
  AppError,
  describeFailure,
  type ErrorCode,
  errorCatalog,
  errorFromRecord,
  errorToRecord,
} from '../../../src/core/errors.ts';
import { failure } from '../../../src/doctor/failure.ts';
import { failureFields } from '../../../src/log/event-log.ts';

describe('the lines that a failure puts on a terminal', () => {
  it.each([
    ['a line break', 'a\nb'],
    ['an escape character', 'a\u001bb'],
    ['a C1 control', 'a\u009bb'],
    ['a line separator', 'a\u2028b'],
    ['an override of the direction', 'a\u202eb'],
    ['an isolate', 'a\u2067b'],
    ['a mark of the direction', 'a\u200fb'],
    ['an Arabic letter mark', 'a\u061cb'],
  ])('hold no %s of anyone else', (_, correlationId) => {
    const { text } = describeFailure(new AppError('ERR_NETWORK', { correlationId, detail: correlationId }));
    expect(text).toMatch(/a\\u\{[\da-f]{1,4}\}b/);
    expect(text).not.toContain(correlationId);
    expect(text.split('\n')).toHaveLength(3);
  });
});

describe('the accounts that an error is about', () => {
  const options = { account: 'alice@contoso.com', expectedAccount: 'bob@contoso.com', detail: 'since noon' };

  it('are shown to the user, also by another process', () => {
    const error = new AppError('ERR_SIGN_IN_OTHER_ACCOUNT', options);
    expect(error.message).toMatch(/: alice@contoso.com instead of bob@contoso.com, since noon$/);
    expect(errorFromRecord(JSON.parse(JSON.stringify(errorToRecord(error))))).toEqual(error);
    const { expectedAccount: _, ...ended } = options;
    expect(new AppError('ERR_SIGN_IN_ENDED', ended).message).toMatch(/: alice@contoso.com, since noon$/);
  });

  it('stay out of what is logged and reported, whatever the error is', () => {
    for (const code of Object.keys(errorCatalog) as ErrorCode[]) {
      const cause = new AppError(code, options);
      const error = new AppError(code, { ...options, cause });
      expect(JSON.stringify([failureFields(error), failure(error)])).not.toMatch(/alice|bob/);
      expect(failureFields(error)).toMatchObject({ code, detail: 'since noon' });
      expect(failure(error)).toMatchObject({ detail: expect.stringMatching(/: since noon$/) });
    }
  });
});
