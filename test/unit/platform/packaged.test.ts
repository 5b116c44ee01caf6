import { expect, it } from 'vitest';
import { isPackaged, readAsset } from '../../../src/platform/packaged.ts';

it("isn't packaged when run from source, and then has no assets", () => {
  expect(isPackaged()).toBe(false);
  expect(readAsset('agent.js')).toBeUndefined();
});
