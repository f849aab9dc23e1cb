/** Addresses without a slash at the end, where others reach the server by other names than loopback's two. */
export interface GivenAddresses {
  /** What all others are derived from that are not given by themselves. */
  publicUrl?: string | undefined;
  secondUrl?: string | undefined;
  /** Of the API, and of the API in links; each ends in `/api`. */
  apiUrl?: string | undefined;
  linkUrl?: string | undefined;
  authorityUrl?: string | undefined;
  /** What comes before `/{tenant}/` in the issuer of v1 tokens; nobody calls it. */
  issuerV1Url?: string | undefined;
}

/**
 * The host names under which the one server is known. As with Microsoft they differ on purpose: the issuer of v1 tokens lives on another
 * host than the authority, and followed links lead to another host than the API, so that a client that derives one from the other fails.
 */
export class Addresses {
  private knownPort: number | undefined;
  /** A host to which links lead instead, while a trap is set there. */
  linkTrapUrl: string | null = null;

  /**
   * @param readPort gives the port on which the server listens, known only once it does
   */
  constructor(
    private readonly readPort: () => number,
    private readonly given: GivenAddresses = {},
  ) {}

  get publicUrl(): string {
    return this.given.publicUrl ?? `http://127.0.0.1:${this.port}`;
  }

  get secondUrl(): string {
    return this.given.secondUrl ?? `http://localhost:${this.port}`;
  }

  private get port(): number {
    return (this.knownPort ??= this.readPort());
  }

  get authorityUrl(): string {
    return this.given.authorityUrl ?? this.publicUrl;
  }

  get apiUrl(): string {
    return this.given.apiUrl ?? `${this.publicUrl}/api`;
  }

  get controlUrl(): string {
    return `${this.publicUrl}/control`;
  }

  get storeUrl(): string {
    return `${this.publicUrl}/store`;
  }

  /** Where `@nextLink` and `Operation-Location` lead (contract 3.1.4). */
  get linkedApiUrl(): string {
    return this.linkTrapUrl ? `${this.linkTrapUrl}/api` : this.linkUrl;
  }

  /** The same where no trap is set. */
  get linkUrl(): string {
    return this.given.linkUrl ?? `${this.secondUrl}/api`;
  }

  /** `host:port` of every name that it is known by, in small letters. */
  get ownHosts(): Set<string> {
    const loopback = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${this.port}`);
    const named = [this.publicUrl, this.secondUrl, this.apiUrl, this.linkUrl, this.authorityUrl].map((url) => new URL(url).host);
    return new Set([...loopback, ...named]);
  }

  /** Keys that sign forged tokens alone. A client that fetches them has followed a header that must not be followed (contract 2.3). */
  get foreignKeysUrl(): string {
    return `${this.publicUrl}/traps/keys`;
  }

  /** As `https://sts.windows.net/{tenant}/`, with the slash at the end (contract 2.3). */
  issuerV1(tenant: string): string {
    return `${this.given.issuerV1Url ?? `${this.secondUrl}/sts`}/${tenant}/`;
  }

  /** As `https://login.microsoftonline.com/{tenant}/v2.0`, without one. */
  issuerV2(tenant: string): string {
    return `${this.authorityUrl}/${tenant}/v2.0`;
  }
}
