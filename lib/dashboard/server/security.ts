import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import { refusal } from './answers.ts';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const MAX_BODY_BYTES = 64 * 1024;
const READING = ['GET', 'HEAD'];

/** A call that changes something must send this token, which only pages of this server know. */
const TOKEN_HEADER = 'x-dashboard-token';
export const newToken = (): string => randomBytes(32).toString('base64url');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares in constant time. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** Allows only what this server serves, and nothing inline: text from AWS cannot become code. */
export const headers = (): MiddlewareHandler =>
  secureHeaders({
    // Served over plain HTTP.
    strictTransportSecurity: false,
    xFrameOptions: 'DENY',
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  });

/**
 * Allows only these host names, on any port. A page of another site can make its own name resolve to this machine (DNS
 * rebinding) and would then have the same origin as this server; the name in its requests gives it away.
 */
export const knownHosts = (names: readonly string[]): MiddlewareHandler => {
  const known = new Set([...LOOPBACK_NAMES, ...names].map((name) => name.toLowerCase()));
  return async (context, next) => {
    const host = (context.req.header('host') ?? '').toLowerCase().replace(/:\d+$/, '');
    if (known.has(host)) return next();
    return refusal(context, 403, `The dashboard only answers at ${[...known].join(', ')}.`);
  };
};

const hostOf = (origin: string): string | undefined =>
  /^https?:\/\//.test(origin) && URL.canParse(origin) ? new URL(origin).host : undefined;

/** Browsers mark requests of other sites by headers that pages cannot set. Other programs send neither header. */
const isOfAnotherSite = (context: Context): boolean => {
  const site = context.req.header('sec-fetch-site');
  // A link to the dashboard only reads, and only the person sees the answer.
  const isLink = context.req.header('sec-fetch-mode') === 'navigate' && READING.includes(context.req.method);
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isLink) return true;
  const origin = context.req.header('origin');
  return origin !== undefined && hostOf(origin) !== (context.req.header('host') ?? '').toLowerCase();
};

/** Refuses requests of other sites, whatever their browser would do with the answer. */
export const sameSite: MiddlewareHandler = async (context, next) =>
  isOfAnotherSite(context)
    ? refusal(context, 403, 'The dashboard refuses requests from pages of other sites.')
    : next();

/** A call that changes something needs the token of this process, and JSON. */
export const guardChanges = (token: string | undefined): MiddlewareHandler => {
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (context) => refusal(context, 413, 'The request is larger than 64 KB.'),
  });
  return async (context, next) => {
    if (READING.includes(context.req.method)) return next();
    if (token === undefined) return refusal(context, 403, 'This dashboard is read-only.');
    if (!isSame(context.req.header(TOKEN_HEADER) ?? '', token)) {
      return refusal(context, 403, 'The page is from an earlier run of the dashboard. Reload it, then try again.');
    }
    if (!/^application\/json\s*(;|$)/i.test(context.req.header('content-type') ?? '')) {
      return refusal(context, 415, 'The request must be JSON (content-type: application/json).');
    }
    return limit(context, next);
  };
};
