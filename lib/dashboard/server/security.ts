import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import { refusal } from './answers.ts';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const MAX_BODY_BYTES = 64 * 1024;
const READING = ['GET', 'HEAD'];

/** What a call that changes something has to send back: known to pages of this server alone. */
const TOKEN_HEADER = 'x-dashboard-token';
export const newToken = (): string => randomBytes(32).toString('base64url');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares in a time that tells nothing of how much was right. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** Only what this server itself hands out, and nothing inline: text of AWS can never become code. */
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
 * Answers to these host names alone, on any port. A page of another site can make its own name resolve to this machine
 * (DNS rebinding) and would then be of the same origin as this server; its name gives it away.
 */
export const knownHosts = (names: readonly string[]): MiddlewareHandler => {
  const known = new Set([...LOOPBACK_NAMES, ...names].map((name) => name.toLowerCase()));
  return async (context, next) => {
    const host = (context.req.header('host') ?? '').toLowerCase().replace(/:\d+$/, '');
    if (known.has(host)) return next();
    return refusal(context, 403, `This server answers to ${[...known].join(', ')} alone.`);
  };
};

const hostOf = (origin: string): string | undefined =>
  /^https?:\/\//.test(origin) && URL.canParse(origin) ? new URL(origin).host : undefined;

/** Whether another site's page asks. Browsers say so by headers that pages cannot set; other programs send neither. */
const isOfAnotherSite = (context: Context): boolean => {
  const site = context.req.header('sec-fetch-site');
  // A link may lead here, where it only reads: nobody but the person sees the answer.
  const isLink = context.req.header('sec-fetch-mode') === 'navigate' && READING.includes(context.req.method);
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isLink) return true;
  const origin = context.req.header('origin');
  return origin !== undefined && hostOf(origin) !== (context.req.header('host') ?? '').toLowerCase();
};

/** No other site's page gets an answer, whatever its browser does with it. */
export const sameSite: MiddlewareHandler = async (context, next) =>
  isOfAnotherSite(context) ? refusal(context, 403, 'Pages of other sites get no answer here.') : next();

/** Lets a call that changes something pass only with the token of this process and as JSON. */
export const guardChanges = (token: string | undefined): MiddlewareHandler => {
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (context) => refusal(context, 413, 'The request is larger than 64 KB.'),
  });
  return async (context, next) => {
    if (READING.includes(context.req.method)) return next();
    if (token === undefined) return refusal(context, 403, 'This dashboard only reads: nothing can be changed here.');
    if (!isSame(context.req.header(TOKEN_HEADER) ?? '', token)) {
      return refusal(context, 403, 'The page is of an earlier run of the dashboard: load it anew, then try again.');
    }
    if (!/^application\/json\s*(;|$)/i.test(context.req.header('content-type') ?? '')) {
      return refusal(context, 415, 'The request must be JSON (content-type: application/json).');
    }
    return limit(context, next);
  };
};
