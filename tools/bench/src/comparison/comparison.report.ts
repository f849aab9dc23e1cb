import { one } from '../report/figures';
import { table } from '../report/report';
import { rowsOf, type ComparisonPlan } from './comparison.plan';
import type { ComparedDay } from './comparison.run';

const kiB = 1_024;

/** One table for people, a column for each scene. */
export function comparisonReport(days: readonly ComparedDay[], plan: ComparisonPlan, machine: string): string {
  const faults = days.flatMap((day) => day.faults);
  const row = (figure: string, value: (day: ComparedDay) => string): [string, ...string[]] => [figure, ...days.map(value)];
  const memory = (of: 'billing' | 'fulfillment') => (day: ComparedDay) => `${one(day.restMiB[of])} / ${one(day.mostMiB[of])}`;
  const cpu = ({ cpuSeconds }: ComparedDay) => ['billing', 'fulfillment', 'postgres'].map((name) => one(cpuSeconds[name] ?? 0)).join(' / ');
  return [
    `Machine: ${machine}`,
    '',
    `A day with ${rowsOf(plan)} hours of ${plan.subscriptions} subscriptions, and a list with a row for each.`,
    '',
    ...table(
      [
        row('Microsoft’s list, MiB', ({ listBytes }) => one(listBytes / kiB / kiB)),
        row('read and told to billing, s', ({ toldSeconds }) => one(toldSeconds)),
        row('… messages', ({ told }) => String(told.messages)),
        row('… the largest, KiB', ({ told }) => one(told.largestBytes / kiB)),
        row('… all together, MiB', ({ told }) => one(told.bytes / kiB / kiB)),
        row('compared, s', ({ comparedSeconds }) => one(comparedSeconds)),
        row('… and products are told, s', ({ publishedSeconds }) => one(publishedSeconds)),
        row('resident MiB of billing, at rest / most', memory('billing')),
        row('resident MiB of fulfillment, at rest / most', memory('fulfillment')),
        row('CPU s of billing / fulfillment / Postgres', cpu),
      ],
      ['all hours of the day are', ...days.map(({ scene }) => scene)],
    ),
    '',
    ...days.flatMap(({ scene, foreign }) => (foreign > 0.1 ? [`${scene}: something else took over a tenth of the machine.`] : [])),
    ...(faults.length === 0
      ? ['Every row was told, every hour was decided that can be, and every row that differs was found.']
      : ['VOID: something is missing or wrong, so no figure counts.', ...faults]),
    '',
  ].join('\n');
}
