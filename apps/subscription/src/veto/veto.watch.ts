import { CatalogInForce } from '@landfall/catalog';
import { ageGauge, HealthRegistry } from '@landfall/service-defaults';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { config } from '../subscription.config';
import { ProductClient } from './product.client';
import { vetoProblems } from './veto.problems';

/** Between two looks whether another catalog is in force. */
const lookIntervalMs = 2_000;

/**
 * Says clearly, at the start and when another catalog is in force, which products have a say there and cannot be asked: they would be silent for ever, and
 * nobody would notice.
 */
@Injectable()
export class VetoWatch implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Vetoes');
  private timer: NodeJS.Timeout | undefined;
  private looked: { readonly hash: string; readonly problems: readonly string[] } = { hash: '', problems: [] };
  private since = performance.now();

  constructor(
    private readonly catalog: CatalogInForce,
    private readonly health: HealthRegistry,
    private readonly product: ProductClient,
  ) {}

  onModuleInit(): void {
    this.health.addNotice('veto', () => this.problems().join('; ') || undefined);
    const help = 'For how long the catalog has named products that are to be asked about changes and cannot be; 0 where there is none';
    ageGauge('subscription_veto_unusable_seconds', help, async () =>
      this.problems().length > 0 ? (performance.now() - this.since) / 1_000 : 0,
    );
    this.problems();
    this.timer = setInterval(() => this.problems(), lookIntervalMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private problems(): readonly string[] {
    const { current, hash } = this.catalog;
    if (hash !== this.looked.hash) {
      const hasKeys = config.values.VETO_SIGNING_KEYS !== undefined;
      const problems = vetoProblems(current, { problemOf: (url) => this.product.problemOf(url), hasKeys });
      if (this.looked.problems.length === 0) this.since = performance.now();
      this.looked = { hash, problems };
      if (problems.length > 0)
        this.logger.error({ reason: problems }, 'products that have a say in changes cannot be asked: each of them counts as silent');
    }
    return this.looked.problems;
  }
}
