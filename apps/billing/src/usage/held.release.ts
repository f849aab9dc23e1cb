import { CatalogInForce } from '@landfall/catalog';
import type { Draft } from '@landfall/contracts';
import { Background, inTransaction, UnitOfWork, type Transaction } from '@landfall/messaging';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { config } from '../billing.config';
import { HOUR_MS } from '../ledger/hours';
import { KnownOffers } from './known.offers';
import { Newcomers } from '../subscription/newcomers';
import type { Arrival, Verdict } from './usage';
import { refusal } from './usage.domain';
import { UsageIntake } from './usage.intake';
import { countUsage } from './usage.metrics';
import { UsageRepository, type HeldGroup, type HeldRow, type RefusedArrival } from './usage.repository';

/** Between two looks whether a subscription or another catalog has come. */
const LOOK_INTERVAL_MS = 2_000;
/** All that is held is looked at so often, whatever has come. */
const ROUND_INTERVAL_MS = 60_000;
/** Records of a transaction, and groups of a query. */
const PAGE_SIZE = 500;
/** How long a stop waits for the page that is under way. */
const STOP_LIMIT_MS = 5_000;

/** Tries again what is held: when its subscription becomes known, when the catalog changes, and on a timer. What has been held for too long is refused. */
@Injectable()
export class HeldRelease implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly background: Background;
  private lastCatalog: string;
  private lastRound = performance.now();

  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly usage: UsageRepository,
    private readonly intake: UsageIntake,
    private readonly offers: KnownOffers,
    private readonly catalog: CatalogInForce,
    private readonly newcomers: Newcomers,
  ) {
    this.lastCatalog = catalog.hash;
    this.background = new Background({
      name: 'HeldUsage',
      round: async ({ stopping }) => {
        if (this.isDue()) await this.release(stopping);
        return LOOK_INTERVAL_MS;
      },
      failure: 'held usage could not be tried again',
      errorPauseMs: LOOK_INTERVAL_MS,
    });
  }

  onApplicationBootstrap(): void {
    this.background.start(LOOK_INTERVAL_MS);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /**
   * Looks at all that is held, once.
   * @returns how many records are held no more
   */
  async release(stopping?: AbortSignal): Promise<number> {
    this.lastRound = performance.now();
    this.lastCatalog = this.catalog.hash;
    let released = 0;
    for (let after: HeldGroup | undefined, groups: HeldGroup[] = []; !stopping?.aborted; after = groups.at(-1)) {
      groups = await this.groups(after);
      for (const group of await this.known(groups)) released += await this.pages(() => this.releasePage(group), stopping);
      if (groups.length < PAGE_SIZE) break;
    }
    return released + (await this.pages(() => this.expirePage(), stopping));
  }

  private isDue(): boolean {
    return this.newcomers.taken() || this.catalog.hash !== this.lastCatalog || performance.now() - this.lastRound >= ROUND_INTERVAL_MS;
  }

  private async pages(page: () => Promise<number>, stopping?: AbortSignal): Promise<number> {
    for (let total = 0; ;) {
      const count = stopping?.aborted ? 0 : await page();
      total += count;
      if (count < PAGE_SIZE) return total;
    }
  }

  private groups(after: HeldGroup | undefined): Promise<HeldGroup[]> {
    return inTransaction(this.dataSource, (tx) => this.usage.heldGroups(tx, after, PAGE_SIZE));
  }

  /** Those that wait no more. Of the others, what each waits for is told. */
  private known(groups: readonly HeldGroup[]): Promise<HeldGroup[]> {
    return inTransaction(this.dataSource, async (tx) => {
      const offers = await this.offers.of(
        tx,
        groups.map(({ subscriptionId }) => subscriptionId),
      );
      const withoutMeter = groups
        .filter((group) => this.offers.missing(group, offers) === 'meter')
        .map(({ subscriptionId }) => subscriptionId);
      await this.usage.waitForMeter(tx, withoutMeter);
      return groups.filter((group) => this.offers.missing(group, offers) === undefined);
    });
  }

  /** A record that came in time counts, however long it was held. */
  private releasePage({ subscriptionId, meter }: HeldGroup): Promise<number> {
    return this.page(
      (tx) => this.usage.takeHeld(tx, subscriptionId, meter, PAGE_SIZE),
      (tx, rows) => this.intake.store(tx, rows),
    );
  }

  private expirePage(): Promise<number> {
    const { USAGE_HELD_LIMIT } = config.values;
    const verdict = refusal('never-known', `its subscription or meter did not become known within ${USAGE_HELD_LIMIT / HOUR_MS} hours`);
    return this.page(
      (tx) => this.usage.takeExpired(tx, USAGE_HELD_LIMIT, PAGE_SIZE),
      async (_tx, rows) => rows.map(() => verdict),
    );
  }

  private async page(
    take: (tx: Transaction) => Promise<HeldRow[]>,
    judge: (tx: Transaction, rows: readonly HeldRow[]) => Promise<Verdict[]>,
  ): Promise<number> {
    const verdicts = await this.unitOfWork.inTransaction(async (tx, append) => {
      const rows = await take(tx);
      if (rows.length === 0) return [];
      const judged = await judge(tx, rows);
      append(await this.refuse(tx, rows, judged));
      this.usage.letGo(tx, rows);
      return judged;
    });
    countUsage(verdicts);
    return verdicts.length;
  }

  private refuse(tx: Transaction, rows: readonly HeldRow[], verdicts: readonly Verdict[]): Promise<Draft[]> {
    const refused = rows.flatMap((row, index): RefusedArrival[] => {
      const verdict = verdicts[index]!;
      return verdict.result === 'refused' ? [{ ...verdict, arrival: arrivalOf(row), identified: row }] : [];
    });
    return this.intake.keepRefused(tx, refused);
  }
}

const arrivalOf = ({ bytes, partition, offset }: HeldRow): Arrival => ({
  bytes,
  place: partition === null || offset === null ? undefined : { partition, offset },
});
