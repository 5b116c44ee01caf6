/** The file cannot be judged at all; the message completes `<file> …` and repeats nothing of the content. */
export class UnparsableFile extends Error {}
