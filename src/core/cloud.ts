/** Microsoft's separate clouds: the values of the setting `cloud`. */
export const CLOUDS = ['public', 'usgovernment', 'china'] as const;
export type Cloud = (typeof CLOUDS)[number];

/** The scope of Azure Cognitive Services, which Foundry's tokens are for, in each cloud: the default of `scope`. */
export const DEFAULT_SCOPES: Readonly<Record<Cloud, string>> = {
  public: 'https://cognitiveservices.azure.com/.default',
  usgovernment: 'https://cognitiveservices.azure.us/.default',
  china: 'https://cognitiveservices.azure.cn/.default',
};
