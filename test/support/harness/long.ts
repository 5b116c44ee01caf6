/** Whether the long forms run: `npm run test:long`, which sets LONG=1. */
export const isLong = process.env['LONG'] === '1';
