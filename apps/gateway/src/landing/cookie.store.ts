import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Keyring } from '@landfall/service-defaults';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { cookieOptions } from './browser';

interface StoreSettings {
  /** Part of the cookies' names, and what their signatures are for. */
  readonly name: string;
  readonly lifeMs: number;
  /**
   * Characters that all entries of one browser may take in its cookie header, names included: beyond it the oldest are given up. The newest
   * one stays whatever its length.
   */
  readonly totalLength: number;
}

/** Browsers take 4,096 bytes with name and attributes. */
const CHUNK_LENGTH = 3_600;
const CHUNKS = 4;
const SEPARATOR = '~';

/**
 * What a visitor's own browser keeps for us until somebody has signed in, so that nobody can fill our tables by visiting. An entry is
 * signed for the browser's secret: nobody else can make, change or take one over, and it is worth nothing after its life. It is not secret by
 * itself. Its text must be of letters that a cookie bears, without `~`.
 */
export class CookieStore {
  private readonly prefix: string;

  constructor(
    private readonly keyring: Pick<Keyring, 'signingSecrets'>,
    private readonly settings: StoreSettings,
  ) {
    this.prefix = `__Host-landfall-${settings.name}-`;
  }

  keep(request: FastifyRequest, reply: FastifyReply, browser: string, id: string, text: string): void {
    const signed = [Date.now().toString(36), text].join(SEPARATOR);
    const entry = [signed, this.signatures(browser, id, signed)[0]].join(SEPARATOR);
    if (entry.length > CHUNKS * CHUNK_LENGTH) throw new Error(`an entry of ${this.settings.name} is longer than cookies can be`);
    this.giveUpOldest(request, reply, this.lengthOf(id, entry));
    for (let chunk = 0; chunk * CHUNK_LENGTH < entry.length; chunk++) {
      const value = entry.slice(chunk * CHUNK_LENGTH, (chunk + 1) * CHUNK_LENGTH);
      void reply.setCookie(`${this.prefix}${id}-${chunk}`, value, { ...cookieOptions, maxAge: Math.floor(this.settings.lifeMs / 1000) });
    }
  }

  /** Undefined where the browser has none, or it was changed, made for another browser, or has had its time. */
  read(request: FastifyRequest, browser: string, id: string): string | undefined {
    const entry = this.entryOf(request, id);
    const end = entry.lastIndexOf(SEPARATOR);
    const signed = entry.slice(0, Math.max(end, 0));
    const given = Buffer.from(entry.slice(end + 1));
    const isOurs = this.signatures(browser, id, signed).some((signature) => isEqual(Buffer.from(signature), given));
    return isOurs && keptAt(entry) > Date.now() - this.settings.lifeMs ? signed.slice(signed.indexOf(SEPARATOR) + 1) : undefined;
  }

  forget(request: FastifyRequest, reply: FastifyReply, id: string): void {
    for (const name of this.namesOf(request, id)) void reply.clearCookie(name, cookieOptions);
  }

  private giveUpOldest(request: FastifyRequest, reply: FastifyReply, length: number): void {
    const ids = new Set(
      Object.keys(request.cookies).flatMap((name) => (name.startsWith(this.prefix) ? name.slice(this.prefix.length, -2) : [])),
    );
    const entries = [...ids].map((id) => ({ id, entry: this.entryOf(request, id) })).sort((a, b) => keptAt(b.entry) - keptAt(a.entry));
    let total = length;
    for (const { id, entry } of entries) {
      total += this.lengthOf(id, entry) || Number.POSITIVE_INFINITY; // without its first part it is none
      if (total > this.settings.totalLength) this.forget(request, reply, id);
    }
  }

  /** In the cookie header, where each part has a name before it and two characters to the next. */
  private lengthOf(id: string, entry: string): number {
    const name = `${this.prefix}${id}-0=; `;
    return Math.ceil(entry.length / CHUNK_LENGTH) * name.length + encodeURIComponent(entry).length;
  }

  private entryOf(request: FastifyRequest, id: string): string {
    let entry = '';
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      const part = request.cookies[`${this.prefix}${id}-${chunk}`];
      if (part === undefined) break;
      entry += part;
    }
    return entry;
  }

  private namesOf(request: FastifyRequest, id: string): string[] {
    return Array.from({ length: CHUNKS }, (_, chunk) => `${this.prefix}${id}-${chunk}`).filter((name) => name in request.cookies);
  }

  /** By every key that is still known, the newest first. */
  private signatures(browser: string, id: string, signed: string): string[] {
    const keys = this.keyring.signingSecrets(this.settings.name);
    return keys.map((key) => createHmac('sha256', key).update([browser, id, signed].join('\n')).digest('base64url'));
  }
}

/** When the entry was made, in ms; 0 where it does not say. */
const keptAt = (entry: string): number => Number.parseInt(entry.split(SEPARATOR, 1)[0] ?? '', 36) || 0;

const isEqual = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);
