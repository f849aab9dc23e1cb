import { createHmac, timingSafeEqual } from 'node:crypto';
import { Keyring } from '@landfall/service-defaults';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { config } from '../gateway.config';
import { cookieOptions, newSecret, secretCookie } from '../landing/browser';
import { SessionRepository } from './session.repository';
import type { SignedIn } from './signin.provider';

const SESSION_COOKIE = '__Host-landfall-session';

/** A signed-in browser. */
export interface Session {
  readonly person: SignedIn;
  /** The proof that a form of ours was sent by this session for this purpose. */
  csrfFor(purpose: string): string;
}

/** Sessions live in real time and end after a fixed life, whatever the customer does. */
@Injectable()
export class Sessions {
  constructor(
    private readonly repository: SessionRepository,
    private readonly keyring: Keyring,
  ) {}

  async of(request: FastifyRequest): Promise<Session | undefined> {
    const secret = secretCookie(request, SESSION_COOKIE);
    const person = secret && (await this.repository.find(secret, new Date()));
    return person ? { person, csrfFor: (purpose) => this.proof(this.keyring.signingSecret('csrf'), secret, purpose) } : undefined;
  }

  /** Always under a new secret: one that somebody planted beforehand is worth nothing. */
  async begin(request: FastifyRequest, reply: FastifyReply, person: SignedIn): Promise<void> {
    await this.end(request, reply);
    const secret = newSecret();
    const lifeMs = config.values.SESSION_LIFE;
    await this.repository.add(secret, person, new Date(Date.now() + lifeMs));
    void reply.setCookie(SESSION_COOKIE, secret, { ...cookieOptions, maxAge: Math.floor(lifeMs / 1000) });
  }

  async end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const secret = secretCookie(request, SESSION_COOKIE);
    if (secret) await this.repository.remove(secret);
    void reply.clearCookie(SESSION_COOKIE, cookieOptions);
  }

  /** Whether the form came from a page that we gave to this very session. A key that was rotated out meanwhile still counts. */
  isProven(request: FastifyRequest, purpose: string, given: string | undefined): boolean {
    const secret = secretCookie(request, SESSION_COOKIE);
    if (!secret || !given) return false;
    return this.keyring.signingSecrets('csrf').some((key) => isEqual(this.proof(key, secret, purpose), given));
  }

  private proof(key: Buffer, secret: string, purpose: string): string {
    return createHmac('sha256', key).update(`${secret}\n${purpose}`).digest('base64url');
  }
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
