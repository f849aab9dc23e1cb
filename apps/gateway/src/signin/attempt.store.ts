import { Keyring } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { browserOf, hashOf, recogniseBrowser } from '../landing/browser';
import { CookieStore } from '../landing/cookie.store';
import type { SigninSecrets } from './signin.provider';

/** How long a customer may take at the identity service. */
const ATTEMPT_LIFE_MS = 15 * 60_000;
/** Some three sign-ins that are under way in one browser; a part of what proxies bear, see `LandingStore`. */
const TOTAL_LENGTH = 2_000;

/** A sign-in that is under way at the identity service. */
export interface Attempt {
  readonly verifier: string;
  readonly nonce: string;
  /** Where to go on afterwards. */
  readonly purchaseId: string | null;
}

/** Sign-ins that are under way, kept by the browser that began them, encrypted. Nobody is signed in by a link that somebody else made. */
@Injectable()
export class AttemptStore {
  private readonly cookies: CookieStore;

  constructor(private readonly keyring: Keyring) {
    this.cookies = new CookieStore(keyring, { name: 'signin', lifeMs: ATTEMPT_LIFE_MS, totalLength: TOTAL_LENGTH });
  }

  async keep(
    request: FastifyRequest,
    reply: FastifyReply,
    { state, verifier, nonce }: SigninSecrets,
    purchaseId: string | null,
  ): Promise<void> {
    const text = await this.keyring.encryptColumn(JSON.stringify({ verifier, nonce, purchaseId }));
    this.cookies.keep(request, reply, recogniseBrowser(request, reply), idOf(state), text);
  }

  /** The attempt, which ends with that: only the browser that began it has it, and it gives it up. */
  async take(request: FastifyRequest, reply: FastifyReply, state: string): Promise<Attempt | undefined> {
    const browser = browserOf(request);
    const text = browser && this.cookies.read(request, browser, idOf(state));
    if (!text) return undefined;
    this.cookies.forget(request, reply, idOf(state));
    return JSON.parse(await this.keyring.decryptColumn(text)) as Attempt;
  }
}

const idOf = (state: string): string => hashOf(state).toString('hex').slice(0, 16);
