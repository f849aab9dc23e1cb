import type { Message } from '@landfall/contracts';
import type { Call } from '../microsoft';
import type { SystemUnderTest } from '../system';

/**
 * What a plain change of plan or seats costs today, at a low rate: messages by the service that publishes them, calls to Microsoft by kind, and what each service
 * writes; what is saved by time, such as positions of a relay, is left out. It does not depend on the machine. The figures go down with every step that is taken away
 * (docs/explanation/performance.md), and up only for something that a guarantee needs. Where one is exceeded the test tells what was measured.
 */
export const webhookBudget = {
  messages: { 'landfall/gateway': 1, 'landfall/fulfillment': 3, 'landfall/subscription': 4, 'landfall/provisioning': 0 },
  calls: { 'GET operation': 2, 'GET subscription': 2, 'PATCH operation': 1 },
  /** Transactions that write. */
  commits: { gateway: 2, fulfillment: 11, subscription: 3, provisioning: 0, billing: 1 },
  /** Inserted, updated and deleted. */
  rows: { gateway: 3, fulfillment: 22, subscription: 14, provisioning: 0, billing: 1 },
  /** Kilobytes in the log of Postgres, without whole pages after a checkpoint. */
  walKb: { gateway: 4.8, fulfillment: 16, subscription: 11.7, provisioning: 0, billing: 2.4 },
};

/** An open operation is looked at each two seconds, by two calls: that costs what Microsoft and the machine make of it, and is no part of the budget. */
const pollMs = 2_000;

/** A change whose webhook was taken, applied and acknowledged. */
export interface PlainChange {
  readonly subscriptionId: string;
  readonly operationId: string;
}

/** Where a change has cost more than its budget. Throws while what it leads to has not all come. */
export async function overBudget(landfall: SystemUnderTest, { subscriptionId, operationId }: PlainChange): Promise<string[]> {
  const caused = landfall.topics.causedBy(operationId);
  const [first] = caused;
  if (!first || !caused.some(isClosingRead)) throw new Error(`The closing read of operation ${operationId} has not been published`);
  const calls = (await landfall.microsoft.calls(subscriptionId)).filter(
    ({ direction, surface, correlationId }) =>
      direction === 'inbound' && surface === 'fulfillment' && correlationId === first.correlationId,
  );
  const polls = pollsOf(calls, operationId);
  return [
    ...(calls.length === 0 ? ['none of its calls to Microsoft was found'] : []),
    ...excess(
      count(caused, ({ source }) => source),
      webhookBudget.messages,
      0,
    ),
    ...excess(count(calls, kindOf), webhookBudget.calls, polls),
  ];
}

/** What the command to read at the end of the lag leads to (rule 2). */
const isClosingRead = ({ type }: Message): boolean => type === 'landfall.fulfillment.subscription-observed.v1';

const kindOf = ({ method, path }: Call): string => `${method} ${path.includes('/operations/') ? 'operation' : 'subscription'}`;

/** So many looks can have been due between the first and the last one at the operation. */
function pollsOf(calls: readonly Call[], operationId: string): number {
  const looks = calls.filter(({ path }) => path.includes(operationId)).map(({ at }) => Date.parse(at));
  return Math.floor((Math.max(...looks) - Math.min(...looks)) / pollMs);
}

function count<T>(things: readonly T[], nameOf: (thing: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const thing of things) counts[nameOf(thing)] = (counts[nameOf(thing)] ?? 0) + 1;
  return counts;
}

function excess(counts: Readonly<Record<string, number>>, budget: Readonly<Record<string, number>>, allowed: number): string[] {
  return Object.entries(counts)
    .filter(([name, value]) => value > (budget[name] ?? 0) + allowed)
    .map(([name, value]) => `${name}: ${value}, and the budget is ${budget[name] ?? 0}`);
}
