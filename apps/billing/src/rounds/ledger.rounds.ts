import { randomUUID } from 'node:crypto';
import { CatalogInForce } from '@landfall/catalog';
import { subscriptionEvents, usage } from '@landfall/contracts';
import { Background, ReadMarks, reasonOf, RestoredDatabase, UnitOfWork, type Transaction } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { config } from '../billing.config';
import { LAST_CALL_MS, loadedFrom, type Instant } from '../ledger/hours';
import type { ModeSet } from '../ledger/mode.domain';
import { sealing, type Moment, type SealingPace } from '../ledger/sealing.domain';
import { batchesOf, commandOf, type ReportedHour } from '../report/report.domain';
import { BillingModes } from '../shadow/billing.modes';
import { LedgerRepository } from './ledger.repository';
import { isFault, isTooSlow, FaultyLedgers, PASSED_OVER_MS } from './faulty.ledgers';
import { lookAt, type LookedAt, type Rules } from './round.domain';

/** Ledgers of one transaction. */
const CHUNK = 100;
/** Transactions of one round, of each kind; what is left comes in the next, which begins at once. */
const CHUNKS = 200;
const PEAK_DAYS = 30;
const STOP_LIMIT_MS = 5_000;
/** Between two parts of counting, as long as the one before took: a stop waits for it. */
const LONGEST_REST_MS = 4_000;
/** A ledger whose last hours are not read is looked at so often, for those that are near their deadlines. */
const UNREAD_LOOK_MS = 5 * 60_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** `isDue`: false where only what is new is counted. */
interface Look {
  readonly moment: Moment;
  readonly isDue: boolean;
  readonly stopping: AbortSignal | undefined;
}

/**
 * Counts what was used, and hands over what is due. Copies of the service may do it side by side: a ledger is looked at under the lock of its subscription. What came due while no
 * copy ran is found in the first round after that.
 */
@Injectable()
export class LedgerRounds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(LedgerRounds.name);
  private readonly passedOver = new FaultyLedgers();
  private readonly background = new Background({
    name: LedgerRounds.name,
    round: async ({ stopping }) => {
      if ((await this.restored.resumedAt()) === undefined) return config.values.USAGE_COUNT_INTERVAL;
      await this.modes.keep();
      const now = this.clock.now().getTime();
      const isAnyDue = await this.ledgers.isAnyDue(now, this.passedOver.at(now));
      const isDueLeft = isAnyDue && (await this.handOver(await this.readUntil(), stopping));
      const isNewLeft = await this.countNew(stopping);
      return isDueLeft || isNewLeft ? 0 : config.values.USAGE_COUNT_INTERVAL;
    },
    failure: 'usage was not counted; the next round goes on where this one was',
    errorPauseMs: () => config.values.USAGE_COUNT_INTERVAL,
  });

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly ledgers: LedgerRepository,
    private readonly modes: BillingModes,
    private readonly marks: ReadMarks,
    private readonly restored: RestoredDatabase,
    private readonly clock: Clock,
    @Inject(CatalogInForce) private readonly catalog: Pick<CatalogInForce, 'current'>,
  ) {}

  onApplicationBootstrap(): void {
    this.background.start(config.values.USAGE_COUNT_INTERVAL);
  }

  /** Before the pool is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.background.stop(STOP_LIMIT_MS);
  }

  /**
   * Hands over what is due, of a bounded number of ledgers. Ends early when `stopping` aborts.
   * @param readUntil until when the topics have been read, by business time
   * @returns whether more may be due
   */
  async handOver(readUntil: Instant, stopping?: AbortSignal): Promise<boolean> {
    for (let chunk = 0; chunk < CHUNKS && !stopping?.aborted; chunk += 1) {
      const found = await this.lookAtDue(readUntil, stopping);
      if (found.length < CHUNK) return false;
    }
    return true;
  }

  /**
   * Counts what was used since, of a bounded number of ledgers. It works half of the time, so that what comes meanwhile is taken first: the later something is counted, the less often.
   * Ends early when `stopping` aborts.
   * @returns whether more may have been used
   */
  async countNew(stopping?: AbortSignal): Promise<boolean> {
    let after = FIRST_ID;
    for (let chunk = 0; chunk < CHUNKS && !stopping?.aborted; chunk += 1) {
      const began = performance.now();
      const found = await this.count(after, stopping);
      if (found.length < CHUNK) return false;
      const restMs = Math.min(performance.now() - began, LONGEST_REST_MS);
      await new Promise((resolve) => setTimeout(resolve, restMs));
      after = found.at(-1)!; // whether it could be locked or not
    }
    return true;
  }

  /** Where Kafka does not say, hours wait, and are handed over shortly before their deadlines all the same. */
  private readUntil(): Promise<Instant> {
    return this.marks.readUntil([usage, subscriptionEvents], this.clock.now().getTime()).catch((error: unknown) => {
      this.logger.warn({ reason: reasonOf(error) }, 'Kafka does not say how far usage is read: hours wait for it');
      return -Infinity;
    });
  }

  private lookAtDue(readUntil: Instant, stopping?: AbortSignal) {
    const now = this.clock.now().getTime();
    const soonest = Math.max(readUntil, now - UNREAD_LOOK_MS);
    const look: Look = { moment: { now, readUntil }, isDue: true, stopping };
    return this.together(look, (tx) => this.ledgers.lockDue(tx, Math.min(now, soonest), this.passedOver.at(now), CHUNK));
  }

  private count(after: string, stopping?: AbortSignal) {
    const now = this.clock.now().getTime();
    const look: Look = { moment: { now, readUntil: -Infinity }, isDue: false, stopping };
    return this.together(look, (tx) => this.ledgers.dirtyBehind(tx, after, this.passedOver.at(now), CHUNK));
  }

  /** One ledger at fault holds up no other one: where they can't be looked at together, each is looked at alone. */
  private async together(look: Look, find: (tx: Transaction) => Promise<string[]>): Promise<readonly string[]> {
    let ids: readonly string[] = [];
    try {
      await this.transaction(look, async (tx) => (ids = await find(tx)));
    } catch (error) {
      if (ids.length === 0 || !(isFault(error) || isTooSlow(error)) || this.passedOver.isFull(look.moment.now)) throw error;
      for (const id of ids) if (!look.stopping?.aborted) await this.alone(look, id);
    }
    return ids;
  }

  /** Its age shows from now on, however long it takes; where the database does not even store that, no ledger is at fault. */
  private async alone(look: Look, id: string): Promise<void> {
    const { now } = look.moment;
    await this.unitOfWork.inTransaction(async (tx) => this.ledgers.lookSince(tx, id, now));
    try {
      await this.transaction(look, () => Promise.resolve([id]));
    } catch (error) {
      if (!(isFault(error) || isTooSlow(error)) || !this.passedOver.add(id, now)) throw error;
      this.logger.error(
        { subscriptionId: id, reason: reasonOf(error), passedOverMs: PASSED_OVER_MS },
        'the usage of this subscription can not be counted and is not reported: it is passed over, tried again, and holds up no other one; mend what the reason names before its hours are too old for Microsoft',
      );
    }
  }

  /** Of those that it finds, it looks at those that nobody else is working on. */
  private transaction({ moment, isDue }: Look, find: (tx: Transaction) => Promise<readonly string[]>): Promise<void> {
    return this.unitOfWork.inTransaction(async (tx, append) => {
      const found = await find(tx);
      const ids = found.length === 0 ? [] : await this.ledgers.lock(tx, found);
      if (ids.length === 0) return;
      const rules = this.rules(await this.modes.load(tx), (await this.restored.resumedAt()) ?? null);
      const { modes, pace } = rules;
      const ledgers = await this.ledgers.load(tx, { ids, from: loadedFrom(moment.now, pace.deadlineMs), modes });
      const used = await this.ledgers.usedIn(tx, ledgers);
      const looked = handedOver(ledgers.map((ledger) => lookAt(ledger, used, moment, isDue, rules)));
      this.ledgers.save(tx, looked.ledgers, moment.now);
      append([...looked.ledgers.flatMap(({ effects }) => effects), ...looked.commands]);
    });
  }

  private rules(modes: readonly ModeSet[], resumedAt: Instant | null): Rules {
    const { USAGE_GRACE, USAGE_FINAL_GRACE, USAGE_DEADLINE, USAGE_ANOMALY, USAGE_ANOMALY_CENTS } = config.values;
    const pace: SealingPace = {
      graceMs: USAGE_GRACE,
      finalGraceMs: USAGE_FINAL_GRACE,
      deadlineMs: USAGE_DEADLINE,
      lastCallMs: LAST_CALL_MS,
    };
    const anomaly = { factor: BigInt(USAGE_ANOMALY), cents: BigInt(USAGE_ANOMALY_CENTS) };
    return { pace, anomaly, sealing: sealing(pace, anomaly), catalog: this.catalog.current, modes, resumedAt, peakDays: PEAK_DAYS };
  }
}

/** What waits for an answer goes in batches, each of them under an id that no other one ever has. */
function handedOver(ledgers: readonly LookedAt[]) {
  const waiting = ledgers.flatMap(({ id: subscriptionId, publisherId, offerId, hours }): ReportedHour[] =>
    hours.flatMap(({ hour }) => (hour.state === 'waiting' ? [{ subscriptionId, publisherId, offerId, hour }] : [])),
  );
  const batches = batchesOf(waiting, randomUUID);
  const batchOf = new Map(batches.flatMap(({ batchId, hours }) => hours.map(({ hour }) => [hour, batchId] as const)));
  return {
    commands: batches.map(commandOf),
    ledgers: ledgers.map((ledger) => ({
      ...ledger,
      hours: ledger.hours.map(({ hour }) => ({ hour, batchId: batchOf.get(hour) ?? null })),
    })),
  };
}
