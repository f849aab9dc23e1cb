import { ageGauge, HealthRegistry, register } from '@landfall/service-defaults';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { CatalogInForce } from './catalog.in-force';

/** Between two looks at the file. A change is in force after two of them. */
const LOOK_INTERVAL_MS = 2_000;

/** Looks at the file again and again, and shows what is in force: in metrics, and in `/health`. A change needs no restart. */
@Injectable()
export class CatalogWatch implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly catalog: CatalogInForce,
    private readonly health: HealthRegistry,
  ) {}

  onModuleInit(): void {
    this.health.addNotice('catalog', () => this.catalog.refused);
    const help = 'For how long the catalog file has not been what is in force, since it cannot be used; 0 where it is';
    ageGauge('catalog_refused_seconds', help, async () => this.catalog.refusedSeconds);
    showHash(this.catalog);
    this.lookLater();
  }

  onModuleDestroy(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** The next look begins when this one has ended: looks at a file system that hangs do not pile up. */
  private lookLater(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => void this.catalog.look().finally(() => this.lookLater()), LOOK_INTERVAL_MS).unref();
  }
}

/**
 * One series with the value 1, whose label says which content is in force. The register is one per process: the first application in it is
 * shown.
 */
function showHash(catalog: CatalogInForce): void {
  if (register.getSingleMetric('catalog_info')) return;
  new Gauge({
    name: 'catalog_info',
    help: 'Which catalog is in force, by the hash of its file: services with different ones decide differently',
    labelNames: ['hash'],
    collect() {
      this.reset();
      this.set({ hash: catalog.hash }, 1);
    },
  });
}
