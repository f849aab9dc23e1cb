import { createHash, randomBytes } from 'node:crypto';
import '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** `__Host-`: only this very host can set it, over https or on localhost, for all paths; scripts can't read it. */
const BROWSER_COOKIE = '__Host-landfall-browser';
/** As long as Microsoft's purchase token lives: after that the customer comes again anyway. */
export const BROWSER_LIFE_SECONDS = 24 * 3600;
const SECRET = /^[\w-]{43}$/;

/** What every cookie of ours has. `lax`, because the customer comes back from Microsoft's sign-in by a link. */
export const cookieOptions = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const;

/** 256 random bits, as text for a cookie. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** Secrets are stored as hashes: whoever reads the table can't use what they find. They are random, so one round of SHA-256 suffices. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A cookie's value, where it has the form of one of our secrets. */
export function secretCookie(request: FastifyRequest, name: string): string | undefined {
  const value = request.cookies[name];
  return value && SECRET.test(value) ? value : undefined;
}

/** The browser's own secret; undefined where it has none yet. It binds purchases and sign-ins to the browser that began them. */
export const browserOf = (request: FastifyRequest): string | undefined => secretCookie(request, BROWSER_COOKIE);

/** The browser's secret, given now where there is none. */
export function recogniseBrowser(request: FastifyRequest, reply: FastifyReply): string {
  const secret = browserOf(request) ?? newSecret();
  void reply.setCookie(BROWSER_COOKIE, secret, { ...cookieOptions, maxAge: BROWSER_LIFE_SECONDS });
  return secret;
}
