import { describe, expect, it } from 'vitest';
import { AppError, describeFailure } from '../../../src/core/errors.ts';

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
  ])('hold no %s of anybody else', (_, correlationId) => {
    const { text } = describeFailure(new AppError('ERR_NETWORK', { correlationId, detail: correlationId }));
    expect(text).toContain('a b');
    expect(text).not.toContain(correlationId);
    expect(text.split('\n')).toHaveLength(3);
  });
});
