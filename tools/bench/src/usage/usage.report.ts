import { one, ratios, shown, spread } from '../report/figures';
import { table } from '../report/report';
import type { UsagePlan } from './usage.plan';
import type { UsageMeasured } from './usage.run';

const busy = (cores: Readonly<Record<string, number>>): string =>
  ['billing', 'postgres', 'kafka'].map((name) => (cores[name] ?? 0).toFixed(2)).join(' / ');

/** One table for people, ratios first. */
export function usageReport({ ingest, steady, handOver, peakMiB, faults }: UsageMeasured, plan: UsagePlan, machine: string): string {
  const of = <T>(rounds: readonly T[], figure: (round: T) => number) => shown(spread(rounds.map(figure)));
  const taken = ingest.map(({ takenPerSecond }) => takenPerSecond);
  const inserted = ingest.map(({ insertsPerSecond }) => insertsPerSecond);
  const disturbed = ingest.filter(({ isDisturbed }) => isDisturbed).length;
  const { delayMs } = steady;
  return [
    `Machine: ${machine}`,
    '',
    ...table(
      [
        ['records taken / rows of bare inserts, 500 each', shown(ratios(taken, inserted))],
        ['bare inserts, rows per second', shown(spread(inserted))],
        [`records taken per second, of ${plan.active} subscriptions, saturated`, shown(spread(taken))],
        ['CPU us of billing for a record, its counting included', of(ingest, ({ billingUs }) => billingUs)],
        ['CPU us of Postgres for a record, its counting included', of(ingest, ({ postgresUs }) => postgresUs)],
        [`sent steadily for ${plan.seconds} s, records per second`, one(steady.sentPerSecond)],
        [
          '… from the sending to the transaction that stores it, ms p50 / p99 / max',
          [delayMs.p50, delayMs.p99, delayMs.max].map(one).join(' / '),
        ],
        ['… from the last record until all are taken, ms', one(steady.drainedMs)],
        ['… cores of billing / Postgres / Kafka', busy(steady.cores)],
        ['pairs of subscription and dimension that are handed over in an hour', of(handOver, ({ pairs }) => pairs)],
        ['… counted, s after the last record was taken', of(handOver, ({ countedSeconds }) => countedSeconds)],
        ['… handed over and published, s after the end of the grace', of(handOver, ({ handedOverSeconds }) => handedOverSeconds)],
        ['… commands', of(handOver, ({ commands }) => commands)],
        ['… most resident MiB of billing from its first record until it is published', of(handOver, ({ residentMiB }) => residentMiB)],
        ['… cores of billing / Postgres / Kafka while they are handed over', busy(handOver.at(-1)!.cores)],
        ['most resident MiB of billing in all of the run', one(peakMiB)],
      ],
      ['figure', 'value'],
    ),
    '',
    ...(disturbed > 0 ? [`${disturbed} rounds of ingest were disturbed: something else took over a tenth of the machine.`] : []),
    ...(faults.length === 0
      ? ['Every record was stored once, every hour has the sum of its records, and every hour is reported once with that sum.']
      : ['VOID: something was lost, doubled or summed wrongly, so no figure counts.', ...faults]),
    '',
  ].join('\n');
}
