import { expect, it } from 'vitest';
import { uuidV5 } from '../../../src/formats/uuid.ts';

it('agrees with the example of RFC 9562 appendix A.4', () => {
  const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  expect(uuidV5('www.example.com', dns)).toBe('2ED6657D-E927-568B-95E1-2665A8AEA6A2');
});
