import { CatalogInForce } from '@landfall/catalog';
import { reasonOf, run, write, type Transaction } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DAY_MS } from '../ledger/hours';
import { isFault } from '../rounds/faulty.ledgers';
import { ledgerOf } from '../rounds/round.domain';
import type { Audited } from './audit';
import { audit, ledgerOfTotals } from './audit.domain';
import { AuditRepository } from './audit.repository';

/** Records are kept for 45 days, so that those of a younger hour are all there. */
const RECORDS_KEPT_DAYS = 40;
/** In a night: as long as records may come late by default, and the day itself. */
const NIGHT_DAYS = 8;

/** How many days of hours are compared with their records, too. */
const recordDays = { none: null, night: NIGHT_DAYS, all: RECORDS_KEPT_DAYS } as const;

/** Compares what the ledgers of some subscriptions say with what their rows say. */
@Injectable()
export class UsageAudit {
  private readonly logger = new Logger('Audit');

  constructor(
    private readonly repository: AuditRepository,
    private readonly clock: Clock,
    @Inject(CatalogInForce) private readonly catalog: Pick<CatalogInForce, 'current'>,
  ) {}

  /** In id order. One ledger at fault hides no other one: where they can't be read together, each is read alone. */
  async of(tx: Transaction, ids: readonly string[], records: keyof typeof recordDays): Promise<Audited[]> {
    if (ids.length === 0) return [];
    write(tx, 'savepoint audited', []);
    try {
      return await this.together(tx, ids, records);
    } catch (error) {
      if (!isFault(error)) throw error;
      await run(tx, 'rollback to savepoint audited', []);
      if (ids.length === 1) return [this.unreadable(ids[0]!, error)];
      const audited: Audited[] = [];
      for (const id of ids) audited.push(...(await this.of(tx, [id], records)));
      return audited;
    }
  }

  private async together(tx: Transaction, ids: readonly string[], records: keyof typeof recordDays): Promise<Audited[]> {
    const days = recordDays[records];
    const loaded = await this.repository.load(tx, ids, days === null ? null : this.clock.now().getTime() - days * DAY_MS);
    return loaded.map(({ ledger, totals }) => {
      const rules = { catalog: this.catalog.current, modes: [] }; // nothing is rated here
      return audit(ledger.subscription.id, ledgerOfTotals(ledgerOf({ ...ledger, buckets: [], hours: [] }, rules), totals), totals);
    });
  }

  private unreadable(subscriptionId: string, error: unknown): Audited {
    this.logger.error(
      { subscriptionId, reason: reasonOf(error) },
      'the rows of the ledger of this subscription can not be read: docs/runbooks/LandfallUsageImbalance.md',
    );
    return {
      subscriptionId,
      sums: [],
      differences: [{ subscriptionId, planId: null, meter: '', term: null, what: 'its rows can not be read', difference: 0n }],
    };
  }
}
