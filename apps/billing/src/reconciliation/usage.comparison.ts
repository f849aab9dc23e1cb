import { readUsage } from '@landfall/contracts';
import { Background, reasonOf, UnitOfWork, type Effect, type Transaction } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { config } from '../billing.config';
import { dayOf, HOUR_MS, isoOf } from '../ledger/hours';
import { decimalOf } from '../ledger/micros';
import { isShadow, modesOf } from '../ledger/mode.domain';
import { toldOfAccepted } from '../report/accepted.events';
import { DecisionRepository, type Decision } from '../report/decision.repository';
import { isFault, isTooSlow } from '../rounds/faulty.ledgers';
import { BillingModes } from '../shadow/billing.modes';
import { SubscriptionRepository } from '../subscription/subscription.repository';
import { DifferenceRepository } from './difference/difference.repository';
import { decidedByList } from './uncertain.domain';
import { UncertainRepository, type ListedDay } from './uncertain.repository';
import type { IdRange, WholeRead } from './usage.read';
import { hoursOf, UsageReadRepository } from './usage.read.repository';

/** Subscriptions of one transaction. One that fails is halved, down to the subscription that is at fault; after each that does not fail it is doubled. */
const PAGE = 500;
const STOP_LIMIT_MS = 5_000;

/**
 * Compares what Microsoft has recorded with our sums, once a day. A run asks for the lists of its days, fulfillment answers each in parts, and a whole one is compared page by page, by
 * whichever copy comes first; how far it is stands in its row, so that after a crash it goes on there. Uncertain hours are decided by it before it is compared.
 */
@Injectable()
export class UsageComparison implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(UsageComparison.name);
  private page = PAGE;
  private readonly background = new Background({
    name: UsageComparison.name,
    round: async ({ stopping }) => {
      await this.begin();
      while (!stopping.aborted && (await this.comparePage()));
      return config.values.USAGE_COMPARISON_INTERVAL;
    },
    failure: 'usage was not compared with what Microsoft has recorded; the next round goes on where this one was',
    errorPauseMs: () => config.values.USAGE_COMPARISON_INTERVAL,
  });

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly reads: UsageReadRepository,
    private readonly uncertain: UncertainRepository,
    private readonly differences: DifferenceRepository,
    private readonly decisions: DecisionRepository,
    private readonly subscriptions: SubscriptionRepository,
    private readonly modes: BillingModes,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.background.start(config.values.USAGE_COMPARISON_INTERVAL);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /** Begins the run of a day when its time has come. One that was missed, since no copy ran, begins late. */
  async begin(): Promise<void> {
    const [hours, minutes] = config.values.USAGE_COMPARED_AT.split(':').map(Number) as [number, number];
    const run = dayOf(this.clock.now().getTime() - (hours + minutes / 60) * HOUR_MS);
    const ordered = await this.unitOfWork.inTransaction(async (tx, append) => {
      const reads = await this.reads.begin(tx, run);
      append(
        reads.map((read) => readUsage(read)),
        { id: `usage-comparison/${run}` },
      );
      return reads.length;
    });
    if (ordered > 0) this.logger.log({ run, days: ordered }, 'Microsoft’s lists of recorded usage are asked for');
  }

  /**
   * Compares the next page of a whole list. One ledger at fault holds up no other one: it is passed over, and said.
   * @returns whether there was one
   */
  async comparePage(limit = PAGE): Promise<boolean> {
    this.page = Math.min(this.page, limit);
    const at: { read?: WholeRead } = {};
    try {
      const isFound = await this.comparePageOf(this.page, at);
      this.page = Math.min(limit, this.page * 2);
      return isFound;
    } catch (error) {
      if (!isFault(error) && !isTooSlow(error)) throw error;
      if (this.page === 1) await this.passOver(at.read, error);
      this.page = Math.max(1, Math.floor(this.page / 2));
      return true;
    }
  }

  /** Unless another copy is at that list meanwhile, or is further. @throws the error where no list was at fault, or no subscription of it */
  private passOver(failed: WholeRead | undefined, error: unknown): Promise<void> {
    if (!failed) throw error;
    return this.unitOfWork.inTransaction(async (tx) => {
      const read = await this.reads.lockNext(tx);
      if (read?.readId !== failed.readId || read.comparedTo !== failed.comparedTo) return;
      const { upTo } = await this.reads.rangeOf(tx, read, 1);
      if (upTo === null) throw error;
      this.reads.advance(tx, read, upTo);
      this.logger.error(
        { subscriptionId: upTo, day: read.day, reason: reasonOf(error) },
        'the usage of this subscription could not be compared with what Microsoft has recorded, and is compared again tomorrow; mend what the reason names',
      );
    });
  }

  /** @param at says which list it was comparing, also where that fails */
  private comparePageOf(limit: number, at: { read?: WholeRead }): Promise<boolean> {
    return this.unitOfWork.inTransaction(async (tx, append) => {
      const read = await this.reads.lockNext(tx);
      if (!read) return false;
      if (read.isOvertaken) {
        this.reads.advance(tx, read, null);
        return true;
      }
      const isShadowed = await this.isShadowed(tx, read);
      at.read = read;
      const range = await this.reads.rangeOf(tx, read, limit);
      append(await this.decide(tx, read, range, isShadowed), { id: `usage-read/${read.readId}/${range.after}` });
      this.differences.compare(tx, read, range, isShadowed);
      this.reads.advance(tx, read, range.upTo);
      return true;
    });
  }

  private async isShadowed(tx: Transaction, { publisherId, day }: WholeRead): Promise<boolean> {
    const modes = modesOf(await this.modes.load(tx), publisherId);
    return hoursOf(day).some((hour) => isShadow(modes, Date.parse(hour)));
  }

  /** Under the locks of the subscriptions, as every change of an hour. */
  private async decide(tx: Transaction, read: WholeRead, range: IdRange, isShadowed: boolean): Promise<Effect[]> {
    const ids = await this.uncertain.idsIn(tx, read, range);
    if (ids.length === 0) return [];
    await this.subscriptions.lockKnown(tx, ids);
    const decisions = (await this.uncertain.daysOf(tx, read, range, ids)).flatMap((day) => decisionsOf(day, read, isShadowed));
    await this.decisions.save(tx, decisions);
    const foundAt = isoOf(read.listedAt);
    return decisions.flatMap(({ after, before }) => toldOfAccepted(after, before, { usageEventId: null, acceptedAt: foundAt, foundAt }));
  }
}

function decisionsOf({ hours, listed, ...about }: ListedDay, { readId, listedAt }: WholeRead, isShadowed: boolean): Decision[] {
  const decidedBy = { by: 'list', at: isoOf(listedAt), readId, quantity: decimalOf(listed.quantity), count: listed.count } as const;
  return decidedByList(hours, listed, listedAt, isShadowed).map((hour) => ({
    before: hours.find((one) => one.hour === hour.hour)!,
    after: { ...about, hour },
    ...{ decidedBy, batchId: null },
  }));
}
