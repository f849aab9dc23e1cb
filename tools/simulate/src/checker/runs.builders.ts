import type { PublicEvent } from '../landfall/services';
import { kindFate } from '../microsoft/fate';
import { noFaults } from '../microsoft/faults';
import { atStart, shownSnapshot, subscriptionId, type Members } from '../microsoft/members';
import type { Change } from '../microsoft/microsoft';
import type { Action } from '../microsoft/action';
import type { Operation } from '../microsoft/operation';
import type { SetUp, WholeRun } from '../run';
import { alone } from '../scenario/publisher';
import { hour, instantOf, second } from '../time';
import { check } from './check';

/** An operation of Microsoft that began in this second. Its webhook came at once. */
export const operationAt = (atSeconds: number, action: Action, target: string | number, changes: Partial<Operation> = {}): Operation => ({
  ...{ id: `0a6b7c8d-1e2f-4a3b-8c4d-00000000${atSeconds.toString(16).padStart(4, '0')}`, action, target, isRevert: false, before: atStart },
  ...{ beganAtMs: atSeconds * second, fate: kindFate(action), statuses: [{ atMs: atSeconds * second, status: 'Succeeded' }] },
  ...{
    isLie: false,
    firstDeliveredAtMs: atSeconds * second,
    isAnswered: true,
    requestId: null,
    patchedAtMs: null,
    patches: 0,
    refusedAtMs: null,
    act: atSeconds,
  },
  ...changes,
});

/** What was true at Microsoft, from second to second. */
export function history(...changes: [atSeconds: number, changed: Partial<Members>, operation?: Operation][]): Change[] {
  let members = atStart;
  const first: Change = { atMs: -Infinity, changed: atStart, members, operation: null };
  return [
    first,
    ...changes.map(([atSeconds, changed, operation]) => {
      members = { ...members, ...changed };
      return { atMs: atSeconds * second, changed, members, operation: operation ?? null };
    }),
  ];
}

export type Tell = readonly [
  atSeconds: number,
  name: string,
  changed: Partial<Members>,
  more?: Partial<PublicEvent['state']>,
  operation?: Operation,
];

/** What products were told, each time with the whole state. */
export function events(...told: Tell[]): PublicEvent[] {
  let members = atStart;
  return told.map(([atSeconds, name, changed, more, operation], index) => {
    members = { ...members, ...changed };
    const { term, ...snapshot } = shownSnapshot(members, new Set());
    const cause = operation ? { source: 'webhook', operationId: operation.id } : { source: 'observed' };
    const state = {
      ...snapshot,
      term: { chargeDuration: null, ...term },
      effectiveAt: null,
      cause,
      ...more,
    } as unknown as PublicEvent['state'];
    return { atMs: atSeconds * second, name, sequence: index + 5, sweep: null, state };
  });
}

export const unsold: SetUp = { stage: 'done', failureReason: null, confirmedMs: [], decided: [], tenantMadeMs: null, hasTenant: true };

/** A run that began with a purchase. */
export const sold = (changes: Partial<SetUp>): Partial<WholeRun> => ({
  scenario: { seed: 1, acts: [], faults: noFaults, begins: 'sold', rules: 'none', publisher: alone },
  setUp: { ...unsold, ...changes },
});

/** A run that came to rest with the record as products know it. */
export function run(parts: Partial<WholeRun>): WholeRun {
  const told = parts.events?.at(-1)?.state;
  const record: Members = told
    ? {
        ...{ status: told.status, plan: told.planId, quantity: told.quantity!, term: told.term!.startDate! },
        ...{ autoRenew: told.autoRenew, beneficiary: told.beneficiary.objectId },
      }
    : atStart;
  return {
    ...{
      scenario: { seed: 1, acts: [], faults: noFaults, begins: 'set up', rules: 'none', publisher: alone },
      endMs: 3 * hour,
      history: history(),
      operations: [],
      events: [],
      record,
    },
    ...{
      setUp: unsold,
      verdicts: [],
      requests: [],
      calls: [],
      boundSinceMs: 0,
      waits: [],
      alarms: [],
      reads: { subscription: 0, operation: 0 },
      ...{ siblings: [], ids: [subscriptionId], dismissed: [], sweeps: [], sweepJobs: [], trace: [] },
    },
    ...parts,
  };
}

export const found = (parts: Partial<WholeRun>) => check(run(parts)).map(({ kind, about }) => `${kind} ${about}`);

export const toB = operationAt(100, 'ChangePlan', 'B');
export const failed = operationAt(100, 'ChangePlan', 'B', { statuses: [{ atMs: 100 * second, status: 'Failed' }] });
export const suspended = operationAt(100, 'Suspend', 'Suspended');
export const again = operationAt(300, 'Suspend', 'Suspended');
export const datedAgain = { effectiveAt: instantOf(300 * second), graceEndsAt: instantOf(300 * second + 30 * 24 * hour) };
export const dated = { effectiveAt: instantOf(100 * second), graceEndsAt: instantOf(100 * second + 30 * 24 * hour) };
