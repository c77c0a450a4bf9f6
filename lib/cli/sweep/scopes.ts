import { InvalidArgumentError } from 'commander';
import { TrackerError } from '../../domain/errors.ts';
import { formatScope, parseScopes, type Scope } from '../../domain/identity.ts';

/** The scopes of `--scopes`, as commander parses it. */
export const scopesFlag = (text: string): readonly Scope[] => {
  const { scopes, problem } = parseScopes(text);
  if (problem === undefined) return scopes;
  throw new InvalidArgumentError(`It ${problem}.`);
};

export interface ChosenScopes {
  readonly scopes: readonly Scope[];
  /** Scopes of other accounts, which one's own credentials do not reach. */
  readonly leftOut: readonly Scope[];
}

const names = (scopes: readonly Scope[]): string => scopes.map(formatScope).join(', ');

/**
 * The scopes that a run with one's own credentials sweeps: of those that were asked for, else of all that are tracked,
 * the ones of the caller's account. A scope that the tracker does not follow is refused: its next sweep would mark the
 * records as untracked again.
 *
 * @throws TrackerError BAD_REQUEST where there is none
 */
export const chooseScopes = (
  tracked: readonly Scope[],
  asked: readonly Scope[] | undefined,
  account: string | undefined,
): ChosenScopes => {
  if (asked === undefined && tracked.length === 0) {
    throw new TrackerError(
      'BAD_REQUEST',
      'Which scopes the tracker follows is not known here: name some with --scopes <account id>#<Region>.',
    );
  }
  const known = new Set(tracked.map(formatScope));
  const foreign = known.size === 0 ? [] : (asked ?? []).filter((scope) => !known.has(formatScope(scope)));
  if (foreign.length > 0) {
    throw new TrackerError(
      'BAD_REQUEST',
      `The tracker does not follow ${names(foreign)}, only ${names(tracked)}: add the scope to its props and deploy it.`,
    );
  }
  const candidates = asked ?? tracked;
  const isOwn = ({ accountId }: Scope) => account === undefined || accountId === account;
  const scopes = candidates.filter(isOwn);
  const leftOut = candidates.filter((scope) => !isOwn(scope));
  if (scopes.length > 0) return { scopes, leftOut };
  throw new TrackerError(
    'BAD_REQUEST',
    `Your credentials are of account ${account ?? ''}, and the scopes to sweep are of others (${names(leftOut)}): use ` +
      '--deployed, which sweeps them by the roles of the tracker, or credentials of that account.',
  );
};
