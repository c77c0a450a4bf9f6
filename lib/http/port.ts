import { TrackerError } from '../domain/errors.ts';

/** A port that the user asked for, or one to prefer. */
export interface PortChoice {
  readonly port: number;
  /** True where the user named it: then another one will not do. */
  readonly asked: boolean;
}

/** Whatever port is free. */
export const ANY_PORT: PortChoice = { port: 0, asked: false };

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');

/** Starts a server on the chosen port, or on any free one where the choice was only a preference. */
export const onPort = async <T>(
  { port, asked }: PortChoice,
  option: string,
  start: (port: number) => Promise<T>,
): Promise<T> => {
  try {
    return await start(port);
  } catch (error) {
    if (!isTaken(error)) throw error;
    if (!asked) return start(0);
    throw new TrackerError(
      'LOCAL_RUN_REFUSED',
      `Port ${String(port)} is taken. Choose another with ${option}, or 0 for any free one.`,
      {
        cause: error,
      },
    );
  }
};
