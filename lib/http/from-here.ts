const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

/** A header of a request by its name in lower case; undefined where it has none. */
export type HeaderOf = (name: 'host' | 'origin' | 'sec-fetch-site') => string | null | undefined;

/**
 * Whether a request to a server of this machine comes from a program of this machine, as far as that can be seen. A page
 * of another site can send requests to such a port, under its own origin or (DNS rebinding) its own host name.
 */
export const isFromHere = (header: HeaderOf): boolean => {
  const origin = header('origin') ?? undefined;
  return (
    LOOPBACK_HOST.test(header('host') ?? '') &&
    (origin === undefined || LOOPBACK_HOST.test(origin.replace(/^https?:\/\//, ''))) &&
    header('sec-fetch-site') !== 'cross-site'
  );
};

export const NOT_FROM_HERE =
  'Only programs of this machine get an answer here: use a loopback address, such as 127.0.0.1, and no web page of another site.';
