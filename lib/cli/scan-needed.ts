import { hasCode, TrackerError } from '../domain/errors.ts';

/** What the client says to code about a list that no index answers, said to a person. Anything else comes back as it is. */
export const explainScan = (error: unknown): unknown => {
  if (!hasCode(error, 'SCAN_NEEDED')) return error;
  const why = /^[^.]*\./.exec(error.message)?.[0] ?? '';
  return new TrackerError(
    'SCAN_NEEDED',
    `${why} Add --account and --job-region, --status, or --base-model; or set TRACKED_SCOPES to the accounts and Regions; ` +
      'or add --allow-scan to read the whole table, which costs the more the larger it is.',
    { cause: error },
  );
};
