import { ageGauge, countGauge } from '@landfall/service-defaults';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Differences are counted to here: what is more is as bad. */
const COUNTED = 1_000;

@Injectable()
export class AuditMetrics implements OnModuleInit {
  constructor(private readonly database: DataSource) {}

  onModuleInit(): void {
    countGauge('billing_imbalances', 'Sums of usage that did not agree when they were checked last: must be 0', () => this.imbalances());
    ageGauge('billing_last_audit_seconds', 'Time since the last night ended in which the sums of all subscriptions were checked', () =>
      this.lastAudit(),
    );
  }

  private async imbalances(): Promise<number> {
    const [row] = await this.database.query<[{ count: number }]>(
      `select count(*)::int as count from (select from billing.imbalances limit ${COUNTED}) as found`,
    );
    return row.count;
  }

  private async lastAudit(): Promise<number> {
    const [row] = await this.database.query<[{ age: number }]>(
      `select coalesce(extract(epoch from now() - max(ended_at)), 0)::float8 as age from billing.audit_runs where kind = 'night'`,
    );
    return row.age;
  }
}
