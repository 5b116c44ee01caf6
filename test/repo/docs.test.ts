import { expect, it } from 'vitest';
import { staleFiles } from '../../scripts/generate-docs.ts';

it('the generated pages and policy templates say what the code says (else: npm run docs)', () => {
  expect(staleFiles()).toEqual([]);
});
