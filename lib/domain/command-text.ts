/** A word for a POSIX shell: as it is, or in single quotes. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Words as a line for a POSIX shell. */
export const shellLine = (words: readonly string[]): string => words.map(shellWord).join(' ');

/** How a person calls the command line here, and the flags by which it finds the same tracker. */
export interface Invocation {
  /** `bedrock-jobs`, or `npx bedrock-job-tracker-cli`. */
  readonly program: string;
  /** `--local`, or `--region eu-west-1`, and so on; none for the tracker of a person's own Region. */
  readonly trackerFlags: readonly string[];
}

/** A command to print: it works as it is printed, and on the same tracker. */
export const commandText = ({ program, trackerFlags }: Invocation, ...words: readonly string[]): string =>
  `${program} ${shellLine([...words, ...trackerFlags])}`;
