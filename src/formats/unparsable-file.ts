/** The file can't be judged. The message completes `<file> …` and repeats none of the content. */
export class UnparsableFile extends Error {}
