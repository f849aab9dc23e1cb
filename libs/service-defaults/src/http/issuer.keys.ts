import { z } from 'zod';
import { fetchJson } from './fetch.json';
import { SigningKey, WeakKey } from './signing.key';
import { url } from '../config/setting';

const FETCH_BOUNDS = { timeLimitMs: 3_000, bodyLimitBytes: 256 * 1024 };
/** Keys are read again after an hour, in the background. */
const FRESH_MS = 3_600_000;
/** Older keys are used no longer: a key that the authority withdrew must stop working even where its key set cannot be read. */
const USABLE_MS = 24 * 3_600_000;
/** An unknown kid makes the keys be read again at most this often, a failed read is repeated at most that often. */
const UNKNOWN_KID_COOL_DOWN_MS = 60_000;
const FAILURE_COOL_DOWN_MS = 5_000;
const MAX_KEYS = 100;
const READ_A_MOMENT_AGO = 'The signing keys were read less than a minute ago and do not hold this kid; they are read again later';

const discoverySchema = z.looseObject({ issuer: z.string().min(1).max(500), jwks_uri: url() });
const keySetSchema = z.looseObject({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional(), use: z.string().optional() })).max(MAX_KEYS),
});

interface KnownKeys {
  issuer: string;
  keys: Map<string, SigningKey>;
  fetchBeganAt: number;
}

/** A key, and who the tokens that it signs must be from. */
export interface FoundKey {
  readonly key: SigningKey;
  readonly issuer: string;
}

/** The authority's keys cannot be had now, so a token can be neither believed nor refused. Try again later. */
export class KeysUnreachable extends Error {
  readonly code = 'KEYS_UNREACHABLE';
  readonly retriable = true;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeysUnreachable';
  }
}

/**
 * The signing keys of one OIDC authority: discovered, cached, refreshed hourly and, for an unknown kid, at most once a minute. What was known of a key is forgotten with each reading,
 * so what the authority withdraws proves nothing any more, whatever it proved before.
 */
export class IssuerKeys {
  private known: KnownKeys | undefined;
  private refreshing: Promise<void> | undefined;
  private lastBeganAt = Number.NEGATIVE_INFINITY;
  private lastFailure: unknown;

  /** @param authorityUrl `/.well-known/openid-configuration` lies below it */
  constructor(
    private readonly authorityUrl: string,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /**
   * The key of a kid, and who the tokens it signs must be from. Undefined only where a reading of the keys that began after this call did not
   * show the kid: until then it may be a key that we have not seen yet.
   * @throws KeysUnreachable
   */
  async find(kid: string): Promise<FoundKey | undefined> {
    const askedAt = this.now();
    const found = keyIn(await this.current(), kid);
    if (found || this.readSince(askedAt)) return found;
    if (!this.refreshing && this.now() - this.lastBeganAt < UNKNOWN_KID_COOL_DOWN_MS) throw new KeysUnreachable(READ_A_MOMENT_AGO);
    await this.refresh(); // may join a reading that began before this call
    const reread = keyIn(await this.current(), kid);
    if (reread || this.readSince(askedAt)) return reread;
    throw new KeysUnreachable(READ_A_MOMENT_AGO);
  }

  /** Who the tokens of this authority must be from, as it was last read; undefined where it never was. */
  get issuer(): string | undefined {
    return this.known?.issuer;
  }

  private readSince(time: number): boolean {
    return this.known !== undefined && this.known.fetchBeganAt >= time;
  }

  private async current(): Promise<KnownKeys> {
    const ageMs = this.known ? this.now() - this.known.fetchBeganAt : Number.POSITIVE_INFINITY;
    if (!this.known || ageMs > USABLE_MS) await this.refresh();
    else if (ageMs > FRESH_MS && !this.coolingDown()) this.refreshInBackground();
    if (!this.known) throw new KeysUnreachable('The signing keys were never read');
    return this.known;
  }

  /** One reading at a time, whoever asks for it. */
  private async refresh(): Promise<void> {
    if (!this.refreshing && this.coolingDown())
      throw new KeysUnreachable(`${this.authorityUrl} could not be reached a moment ago`, { cause: this.lastFailure });
    return (this.refreshing ??= this.read().finally(() => (this.refreshing = undefined)));
  }

  /** The keys at hand are still good; the failure is kept in `lastFailure` and becomes an error when they no longer are. */
  private refreshInBackground(): void {
    this.refresh().catch(() => undefined);
  }

  private coolingDown(): boolean {
    return this.lastFailure !== undefined && this.now() - this.lastBeganAt < FAILURE_COOL_DOWN_MS;
  }

  private async read(): Promise<void> {
    const fetchBeganAt = this.now();
    this.lastBeganAt = fetchBeganAt;
    try {
      const discovered = discoverySchema.parse(await fetchJson(`${this.authorityUrl}/.well-known/openid-configuration`, FETCH_BOUNDS));
      const { keys } = keySetSchema.parse(await fetchJson(discovered.jwks_uri, FETCH_BOUNDS));
      this.known = { issuer: discovered.issuer, keys: signingKeys(keys), fetchBeganAt };
      this.lastFailure = undefined;
    } catch (error) {
      this.lastFailure = error;
      throw new KeysUnreachable(`The signing keys of ${this.authorityUrl} cannot be read`, { cause: error });
    }
  }
}

function keyIn({ keys, issuer }: KnownKeys, kid: string): FoundKey | undefined {
  const key = keys.get(kid);
  return key && { key, issuer };
}

/** One that is too weak is as one that is not there. */
function signingKeys(keys: readonly { kty: string; kid?: string | undefined; use?: string | undefined }[]): Map<string, SigningKey> {
  const signing = keys.filter(({ kty, kid, use }) => kty === 'RSA' && kid !== undefined && (use ?? 'sig') === 'sig');
  return new Map(
    signing.flatMap((jwk) => {
      try {
        return [[jwk.kid as string, SigningKey.fromJwk(jwk)] as const];
      } catch (error) {
        if (error instanceof WeakKey) return [];
        throw error;
      }
    }),
  );
}
