import { ageGauge, counter } from '@landfall/service-defaults';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { refusalCodes, results, type Verdict } from './usage';

const records = counter('billing_usage_records_total', 'Usage records by what became of them', { result: results });
const refused = counter('billing_usage_refused_total', 'Usage records that are not counted, by the reason', { code: refusalCodes });
const late = counter(
  'billing_usage_late_total',
  'Usage records that count and came after the grace of their hour: what is sent of them is carried',
);

/** To be called after the commit. What is delivered again is counted again, as a duplicate. */
export function countUsage(verdicts: readonly Verdict[], lateRecords = 0): void {
  late.inc(lateRecords);
  const counts = new Map<string, number>();
  for (const verdict of verdicts) {
    counts.set(verdict.result, (counts.get(verdict.result) ?? 0) + 1);
    if (verdict.result === 'refused') refused.inc({ code: verdict.code });
  }
  for (const [result, count] of counts) records.inc({ result }, count);
}

@Injectable()
export class UsageMetrics implements OnModuleInit {
  constructor(private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    const help = 'Age of the oldest usage record that names a subscription or a meter that is not known';
    ageGauge('billing_oldest_held_seconds', help, () => this.oldestHeld());
  }

  private async oldestHeld(): Promise<number> {
    const [row] = await this.dataSource.query<[{ age: number }]>(
      `select coalesce(extract(epoch from now() - min(held_at)), 0)::float8 as age from billing.usage_held`,
    );
    return row.age;
  }
}
