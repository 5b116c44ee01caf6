import { expect, it } from 'vitest';
import { stalePages } from '../../scripts/generate-docs.ts';

it('the generated reference pages say what the code says (else: npm run docs)', () => {
  expect(stalePages()).toEqual([]);
});
