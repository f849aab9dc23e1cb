import { CatalogInForce } from '@landfall/catalog';
import type { Transaction } from '@landfall/messaging';
import { Clock } from '@landfall/service-defaults';
import { Inject, Injectable } from '@nestjs/common';
import { DAY_MS } from '../ledger/hours';
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
  constructor(
    private readonly repository: AuditRepository,
    private readonly clock: Clock,
    @Inject(CatalogInForce) private readonly catalog: Pick<CatalogInForce, 'current'>,
  ) {}

  async of(tx: Transaction, ids: readonly string[], records: keyof typeof recordDays): Promise<Audited[]> {
    if (ids.length === 0) return [];
    const days = recordDays[records];
    const loaded = await this.repository.load(tx, ids, days === null ? null : this.clock.now().getTime() - days * DAY_MS);
    return loaded.map(({ ledger, totals }) => {
      const rules = { catalog: this.catalog.current, modes: [] }; // nothing is rated here
      return audit(ledger.subscription.id, ledgerOfTotals(ledgerOf({ ...ledger, buckets: [], hours: [] }, rules), totals), totals);
    });
  }
}
