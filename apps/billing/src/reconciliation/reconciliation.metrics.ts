import { ageGauge, gaugeBy } from '@landfall/service-defaults';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { differenceKinds, type DifferenceKind } from './difference/difference';
import { UNDECIDED } from './uncertain.domain';

/** How long differences, undecided and held hours have waited for an operator, in real time. */
@Injectable()
export class ReconciliationMetrics implements OnModuleInit {
  constructor(private readonly database: DataSource) {}

  onModuleInit(): void {
    this.showDifferences();
    ageGauge(
      'billing_oldest_undecided_hour_seconds',
      'For how long an operator has been needed to say what Microsoft has of an uncertain hour',
      () => this.ageOf('min(changed_at)', `billing.hours where state = 'uncertain' and reason = '${UNDECIDED}'`),
    );
    ageGauge(
      'billing_oldest_stopped_hour_seconds',
      'For how long the oldest hour has been held that an operator has to confirm or write off',
      () => this.ageOf('min(changed_at)', `billing.hours where state = 'held'`),
    );
    ageGauge(
      'billing_oldest_uncompared_day_seconds',
      'For how long Microsoft’s list of a day has been asked for, and neither it nor a newer one was compared',
      () =>
        this.ageOf(
          'min(ordered_at)',
          `billing.usage_reads r where compared_at is null and not exists (
           select from billing.usage_reads n where n.publisher_id = r.publisher_id and n.day = r.day and n.compared_at is not null and n.run > r.run)`,
        ),
    );
  }

  private showDifferences(): void {
    ageGauge(
      'billing_oldest_difference_seconds',
      'For how long the oldest open difference from what Microsoft has recorded has been known',
      () => this.ageOf('min(found_at)', `billing.usage_differences where state = 'open'`),
    );
    const kind = { name: 'kind', always: differenceKinds };
    const show = (name: string, help: string, value: string) => gaugeBy(kind, name, help, () => this.byKind(value));
    show('billing_open_differences', 'Open differences from what Microsoft has recorded', 'count(*)');
    show('billing_open_differences_quantity', 'The units of open differences, of all dimensions together', 'sum(quantity)');
  }

  private async byKind(value: string): Promise<Map<DifferenceKind, number>> {
    const rows = await this.database.query<{ kind: DifferenceKind; value: number }[]>(
      `select kind, (${value})::float8 as value from billing.usage_differences where state = 'open' group by kind`,
    );
    return new Map(rows.map((row) => [row.kind, row.value]));
  }

  private async ageOf(since: string, from: string): Promise<number> {
    const [row] = await this.database.query<[{ age: number }]>(
      `select coalesce(extract(epoch from now() - ${since}), 0)::float8 as age from ${from}`,
    );
    return row.age;
  }
}
