import { Keyring } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BROWSER_LIFE_SECONDS, browserOf, recogniseBrowser } from './browser';
import { CookieStore } from './cookie.store';
import type { Landing } from './landing';

/**
 * Some five arrivals with usual tokens, or one with a longer token. nginx bears a cookie header of 8,192 bytes: beside these are the sign-ins
 * that are under way (2,000), the browser and the session (140), and whatever a proxy sets itself.
 */
const TOTAL_LENGTH = 5_200;
const SEPARATOR = '/';

/** Arrivals from Microsoft, kept by the browser that came until somebody signs in there. */
@Injectable()
export class LandingStore {
  private readonly cookies: CookieStore;

  constructor(keyring: Keyring) {
    this.cookies = new CookieStore(keyring, { name: 'landing', lifeMs: BROWSER_LIFE_SECONDS * 1000, totalLength: TOTAL_LENGTH });
  }

  keep(request: FastifyRequest, reply: FastifyReply, { purchaseId, registration, encryptedToken }: Landing): void {
    this.cookies.keep(request, reply, recogniseBrowser(request, reply), purchaseId, registration + SEPARATOR + encryptedToken);
  }

  /** Undefined where this browser did not come with the purchase's token, or where it was opened already. */
  find(request: FastifyRequest, purchaseId: string): Landing | undefined {
    const browser = browserOf(request);
    const [registration, encryptedToken] = (browser && this.cookies.read(request, browser, purchaseId)?.split(SEPARATOR)) || [];
    return registration && encryptedToken ? { purchaseId, registration, encryptedToken } : undefined;
  }

  forget(request: FastifyRequest, reply: FastifyReply, purchaseId: string): void {
    this.cookies.forget(request, reply, purchaseId);
  }
}
