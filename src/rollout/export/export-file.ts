export interface ExportFile {
  /** Below the folder, with forward slashes. */
  readonly path: string;
  readonly content: Buffer;
  /** Where an admin puts it; one sentence. */
  readonly upload: string;
}
