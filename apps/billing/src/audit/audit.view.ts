import { z } from 'zod';
import { decimalOf, type Micros } from '../ledger/micros';
import type { Audited } from './audit';

const quantity = z.string().describe('A decimal number');
const byReason = z.record(z.string(), quantity);

export const auditQuery = z.strictObject({
  subscriptionId: z.guid().toLowerCase().optional().describe('Of one subscription alone'),
  limit: z.coerce.number().int().min(1).max(50).default(20).describe('Subscriptions of a page'),
  after: z.guid().toLowerCase().optional().describe('`next` of the page before'),
});
export type AuditQuery = z.infer<typeof auditQuery>;

const sumView = z.object({
  planId: z.string().nullable().describe('Null: used before any plan, or not counted so far'),
  meter: z.string(),
  recorded: quantity.describe(
    'All that products reported, corrections included; with the opening balance it is the sum of everything below, without the credit',
  ),
  opening: quantity.describe('Used before Landfall counted, as an operator has said: it counts beside what was recorded'),
  included: quantity.describe('In what the plan includes'),
  accepted: quantity.describe('Microsoft has it'),
  waiting: quantity.describe('Handed over, and not answered so far'),
  uncertain: quantity.describe('Microsoft may have it'),
  withOperator: quantity.describe('An operator decides about it'),
  carryForward: quantity.describe('Billable, and in no hour so far'),
  shadowed: quantity.describe('Billable, and charged by somebody else: used in shadow, or before Landfall counted'),
  unrated: quantity.describe('What its plan includes, or its term, is not known so far'),
  uncounted: quantity.describe('Recorded since the last count'),
  notReportable: byReason.describe('By reason'),
  writtenOff: byReason.describe('By reason'),
  credit: quantity.describe('More was reported than is billable after corrections: later usage uses it up'),
});

const differenceView = z.object({
  planId: z.string().nullable(),
  meter: z.string(),
  term: z.string().nullable().describe('Its first day; null: not of one term'),
  what: z.string().describe('Which two sums differ'),
  difference: quantity.describe('By how much the first one is larger'),
});

export const auditedView = z.object({
  subscriptionId: z.guid(),
  sums: z.array(sumView).describe('By plan and meter'),
  differences: z.array(differenceView).describe('Must be empty: where the sums do not agree, the ledger is wrong'),
});
export type AuditedView = z.infer<typeof auditedView>;

export const viewOf = ({ subscriptionId, sums, differences }: Audited): AuditedView => ({
  subscriptionId,
  sums: sums.map(({ subscriptionId: _id, planId, meter, notReportable, writtenOff, ...quantities }) => ({
    ...{ planId, meter, notReportable: decimals(notReportable), writtenOff: decimals(writtenOff) },
    ...decimals(quantities),
  })),
  differences: differences.map(({ subscriptionId: _id, difference, ...found }) => ({ ...found, difference: decimalOf(difference) })),
});

const decimals = <Name extends string>(quantities: Readonly<Partial<Record<Name, Micros>>>) =>
  Object.fromEntries(Object.entries(quantities).map(([name, micros]) => [name, decimalOf(micros as Micros)])) as Record<Name, string>;
