import { plannedBy, subscriptionId, type Kind } from '../microsoft/operation.id';
import type { Seen } from '../microsoft/marketplace';
import { plans, sold, type Held } from '../microsoft/purchased';
import type { Landfall } from '../system/landfall';

const eventOf: Record<Kind, string> = {
  ChangePlan: 'plan-changed',
  ChangeQuantity: 'quantity-changed',
  Suspend: 'suspended',
  Reinstate: 'reinstated',
};

/** What was found where Microsoft's side, the public events and the record were compared with what was sent. */
export interface Reconciliation {
  /** Sentences; where there is one, the figures of the run are void. */
  readonly faults: readonly string[];
  /** Not a fault: Microsoft's own ten seconds were faster than our PATCH. */
  readonly settledByClock: number;
  /** The same of those that came while something was broken, which may take longer than that. */
  readonly settledByClockInTrouble: number;
  /** Not a fault: an event that Kafka has twice, under one id. */
  readonly repeatedEvents: number;
}

const shownFaults = 20;

/** Compares every operation whose webhook was answered 200, and the end state of every subscription. */
export async function reconcile(
  landfall: Landfall,
  accepted: readonly string[],
  inTrouble: readonly string[],
  seen: Seen,
): Promise<Reconciliation> {
  const atMicrosoft = new Map(seen.operations.map((operation) => [operation.id, operation]));
  const faults = [
    ...landfall.events.disorder.map((fault) => `reordered: ${fault}`),
    ...[...accepted, ...inTrouble].flatMap((id) => faultsOf(id, atMicrosoft.get(id), landfall.events.byOperation.get(id)?.types ?? [])),
    ...(await recordFaults(landfall, seen)),
    ...(await blockedFaults(landfall)),
  ];
  const byClock = (id: string) => atMicrosoft.get(id)?.settledBy === 'clock';
  const further = faults.length > shownFaults ? [`and ${faults.length - shownFaults} more`] : [];
  return {
    faults: [...faults.slice(0, shownFaults), ...further],
    settledByClock: accepted.filter(byClock).length,
    settledByClockInTrouble: inTrouble.filter(byClock).length,
    repeatedEvents: landfall.events.repeated,
  };
}

/** The same for operations of which the stub knows nothing, since they were handed to the subscription service alone. */
export function replayFaults({ events }: Landfall, operationIds: readonly string[]): string[] {
  const faults = [
    ...events.disorder.map((fault) => `reordered in a replay: ${fault}`),
    ...operationIds.flatMap((id) => publishedFaults(id, events.byOperation.get(id)?.types ?? [])),
  ];
  return faults.slice(0, shownFaults);
}

function faultsOf(id: string, operation: Seen['operations'][number] | undefined, types: readonly string[]): string[] {
  if (!operation) return [`lost: nobody asked Microsoft for operation ${id}`];
  return [
    ...(operation.status === 'Succeeded' ? [] : [`lost: operation ${id} is ${operation.status} at Microsoft`]),
    ...publishedFaults(id, types),
  ];
}

function publishedFaults(id: string, types: readonly string[]): string[] {
  const { kind } = plannedBy(id);
  const published = types.filter((type) => type === eventOf[kind]).length;
  return [
    ...(published === 0 ? [`lost: operation ${id} (${kind}) was not published`] : []),
    ...(published > 1 ? [`doubled: operation ${id} was published ${published} times`] : []),
  ];
}

/** Subscriptions beyond were made in the tables alone, and Microsoft knows nothing of them. */
const lastIndex = 0xffffff;

async function recordFaults({ counters }: Landfall, { held }: Seen): Promise<string[]> {
  const rows = await counters.query<{ id: string; planId: string; quantity: number; status: string }>(
    `select id, plan_id as "planId", quantity, status from subscription.subscriptions where id between $1 and $2`,
    [subscriptionId(0), subscriptionId(lastIndex)],
  );
  const changed = new Map<string, Held>(held.map((one) => [subscriptionId(one.subscription), one]));
  return rows.flatMap(({ id, planId, quantity, status }) => {
    const true_ = changed.get(id) ?? sold;
    const isSame = plans[true_.plan] === planId && true_.quantity === quantity && true_.status === status;
    return isSame ? [] : [`the record of ${id} is ${planId}, ${quantity}, ${status}; Microsoft has ${JSON.stringify(true_)}`];
  });
}

async function blockedFaults({ counters, services }: Landfall): Promise<string[]> {
  const sql = services.map((schema) => `select '${schema}' as schema, key, reason from ${schema}.blocked_key`).join(' union all ');
  const rows = await counters.query<{ schema: string; key: string; reason: string }>(sql);
  return rows.map(({ schema, key, reason }) => `blocked: ${schema} holds ${key}: ${reason}`);
}
