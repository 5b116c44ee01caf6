/** Microsoft's separate clouds: the values of the setting `cloud`. */
export const CLOUDS = ['public', 'usgovernment', 'china'] as const;
export type Cloud = (typeof CLOUDS)[number];
