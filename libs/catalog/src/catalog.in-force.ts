import type { Catalog } from '@landfall/contracts';
import { Logger } from '@nestjs/common';
import { bytesOf, contentOf, hashOf, openCatalog, type CatalogContent } from './catalog.file';

/** A look that takes longer than this has hung; until it ends, nobody knows what the file says. */
const LOOK_LIMIT_MS = 60_000;

/**
 * The catalog by which a service decides now. It is that of the file, unless the file has become one that cannot be used: then the catalog
 * from before stays in force, and everybody is told until the file is corrected.
 */
export class CatalogInForce {
  private readonly logger = new Logger('Catalog');
  private seen: string;
  private judged: string;
  private refusal: { readonly since: number; readonly problems: readonly string[] } | undefined;
  private lookedAt = performance.now();

  private constructor(
    private readonly path: string | undefined,
    private inForce: CatalogContent & { readonly catalog: Catalog },
  ) {
    this.seen = this.judged = inForce.hash;
  }

  /** @throws CatalogInvalid */
  static async open(path: string | undefined): Promise<CatalogInForce> {
    return new CatalogInForce(path, await openCatalog(path));
  }

  /** To be asked for anew with each decision: it is another one when the file has changed. */
  get current(): Catalog {
    return this.inForce.catalog;
  }

  /** Of the content that is in force. Services that show different ones decide by different catalogs. */
  get hash(): string {
    return this.inForce.hash;
  }

  /** What is wrong with the file, in a sentence; undefined where it is in force. */
  get refused(): string | undefined {
    if (this.refusal)
      return `the catalog from before stays in force, since the new one cannot be used: ${shortened(this.refusal.problems)}`;
    return this.refusedSeconds > 0 ? 'the catalog file is being read and gives no answer: what was read before stays in force' : undefined;
  }

  /** For how long the file has not been what is in force; 0 where it is. */
  get refusedSeconds(): number {
    const now = performance.now();
    if (this.refusal) return (now - this.refusal.since) / 1000;
    const silentMs = this.path === undefined ? 0 : now - this.lookedAt;
    return silentMs > LOOK_LIMIT_MS ? silentMs / 1000 : 0;
  }

  /**
   * Looks at the file once. A new content counts when two looks in a row have shown it, since the first may have come while it was being
   * written. Never throws.
   */
  async look(): Promise<void> {
    if (this.path === undefined) return;
    const bytes = await bytesOf(this.path);
    this.lookedAt = performance.now();
    const hash = hashOf(bytes);
    const isStable = hash === this.seen;
    this.seen = hash;
    if (!isStable || hash === this.judged) return;
    this.judged = hash;
    this.take(contentOf(this.path, bytes));
  }

  private take(content: CatalogContent): void {
    const { hash, problems } = content;
    if (problems) {
      this.refusal = { since: this.refusal?.since ?? performance.now(), problems };
      this.logger.error(
        { path: this.path, version: hash, reason: problems },
        'a new catalog cannot be used, and the one from before stays in force',
      );
      return;
    }
    this.refusal = undefined;
    this.inForce = content;
    this.logger.log({ path: this.path, version: hash }, 'another catalog is in force');
  }
}

function shortened([first, ...others]: readonly string[]): string {
  return others.length === 0 ? `${first}` : `${first} (and ${others.length} more)`;
}
