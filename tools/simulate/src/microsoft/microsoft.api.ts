import type { OperationStatus, ShownSnapshot } from '@landfall/contracts';
import type { Chance } from '../chance';
import type { Scheduler } from '../scheduler';
import { dateHeaderOf, instantOf, second } from '../time';
import type { Trace } from '../trace';
import type { Faults } from './faults';
import { members, shownSnapshot, subscriptionId, type ModelMember } from './members';
import type { Microsoft } from './microsoft';
import { isEnded, isOpen, memberOf, nameOf, type Operation } from './operation';
import type { ReadCopies } from './read-copies';

/** Get Subscription's answer (contract 3.6). */
export interface SubscriptionAnswer {
  readonly snapshot: ShownSnapshot;
  /** The `Date` header. */
  readonly date: string;
}

/** Get Operation's answer (contract 3.10). */
export interface OperationAnswer {
  /** Null: 404. */
  readonly operation: ShownOperation | null;
  readonly date: string;
}

export interface ShownOperation {
  readonly id: string;
  readonly subscriptionId: string;
  readonly action: string;
  readonly status: OperationStatus;
  readonly source: string;
  readonly planId: string | null;
  readonly quantity: number | null;
  readonly timeStamp: string;
}

/** How a PATCH of an operation is answered: 409 says that it has ended before. */
export type PatchAnswer = 200 | 409 | 500;

export interface ApiOptions {
  readonly microsoft: Microsoft;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly subscriptionCopies: ReadCopies;
  readonly operationCopies: ReadCopies;
  /** What reads leave out besides what chance decides. */
  readonly leavesOut?: (nowMs: number) => readonly ModelMember[];
  readonly trace: Trace;
}

/** So long a caller waits for the answer to a read. */
const patienceMs = second;

/** The calls that fulfillment makes. Each is answered later; a read that nobody answers is answered by null when the caller gives up. */
export class MicrosoftApi {
  /** How often each read was asked for. */
  readonly reads = { subscription: 0, operation: 0 };

  constructor(private readonly options: ApiOptions) {}

  /** `key` names the read: what happens to it depends on that. */
  getSubscription(key: string, answered: (answer: SubscriptionAnswer | null) => void): void {
    const { chance, faults, microsoft, subscriptionCopies, trace, leavesOut = () => [] } = this.options;
    this.reads.subscription++;
    this.read(`subscription ${key}`, answered, (nowMs) => {
      const asOfMs = subscriptionCopies.asOf(nowMs, key);
      const byChance = members.filter((member) => chance('left out', key, member) < faults.memberLeftOut);
      const leftOut = new Set([...byChance, ...leavesOut(nowMs)]);
      const snapshot = shownSnapshot(microsoft.at(asOfMs), leftOut);
      trace('read', () => `${key}: ${told(snapshot)}, ${((nowMs - asOfMs) / 1000).toFixed(1)} s old`);
      return { snapshot, date: this.date(nowMs, key) };
    });
  }

  getOperation(id: string, key: string, answered: (answer: OperationAnswer | null) => void): void {
    const { microsoft, operationCopies, trace } = this.options;
    this.reads.operation++;
    this.read(`operation ${key}`, answered, (nowMs) => {
      const known = microsoft.operations.find((operation) => operation.id === id);
      const operation = known ? shownAt(known, operationCopies.asOf(nowMs, key), nowMs) : null;
      trace('read', () => `${key}: ${known ? nameOf(known) : id} ${operation?.status ?? '404'}`);
      return { operation, date: this.date(nowMs, key) };
    });
  }

  /** The open operations of the subscription, as the list shows them (contract 3.10). */
  listOutstanding(key: string, answered: (answer: ShownOperation[] | null) => void): void {
    const { microsoft, operationCopies } = this.options;
    this.read(`list ${key}`, answered, (nowMs) => {
      const asOfMs = operationCopies.asOf(nowMs, key);
      const shown = microsoft.operations.map((operation) => shownAt(operation, asOfMs, nowMs));
      return shown.filter((operation) => operation !== null && isOpen(operation.status)) as ShownOperation[];
    });
  }

  /** `Success`, the only verdict that is sent so far. */
  acknowledge(id: string, answered: (answer: PatchAnswer) => void): void {
    const { chance, faults, microsoft, scheduler, trace } = this.options;
    const operation = microsoft.operations.find((known) => known.id === id)!;
    const attempt = ++operation.patches;
    const delayMs = this.latencyMs('patch', id, attempt);
    scheduler.after(delayMs, () => {
      operation.patchedAtMs ??= scheduler.nowMs;
      const answer = isEnded(operation) ? 409 : chance('patch', id, attempt) < faults.patchFails ? 500 : 200;
      trace('read', () => `PATCH ${nameOf(operation)} Success: ${answer}`);
      if (answer === 200) microsoft.succeed(operation);
      scheduler.after(delayMs, () => answered(answer));
    });
  }

  private read<Answer>(key: string, answered: (answer: Answer | null) => void, answerAt: (nowMs: number) => Answer): void {
    const { chance, faults, scheduler } = this.options;
    if (chance('unanswered', key) < faults.readUnanswered) {
      scheduler.after(patienceMs, () => answered(null));
      return;
    }
    const latencyMs = this.latencyMs('read', key);
    const thereMs = latencyMs * chance('there', key);
    scheduler.after(thereMs, () => {
      const answer = answerAt(scheduler.nowMs);
      scheduler.after(latencyMs - thereMs, () => answered(answer));
    });
  }

  /** 40 to 440 ms, mostly short. */
  private latencyMs(...key: (string | number)[]): number {
    return 40 + 400 * this.options.chance('latency', ...key) ** 2;
  }

  private date(nowMs: number, key: string): string {
    const { chance, faults } = this.options;
    return dateHeaderOf(nowMs + (chance('skew', key) - 0.5) * 2 * faults.dateSkewMs);
  }
}

/** An operation as a copy shows it; null for 404. */
function shownAt(operation: Operation, asOfMs: number, nowMs: number): ShownOperation | null {
  const { id, action, target, beganAtMs, fate, statuses, before } = operation;
  const age = nowMs - beganAtMs;
  if (asOfMs < beganAtMs || age < fate.shownFromMs || age >= fate.goneFromMs) return null;
  const hasBeenOpen = isOpen(statuses[0]!.status);
  const status = fate.isShownOpenForEver && hasBeenOpen ? 'InProgress' : statuses.findLast(({ atMs }) => atMs <= asOfMs)!.status;
  return {
    ...{ id, action, status, subscriptionId, source: 'Azure', timeStamp: instantOf(beganAtMs) },
    planId: memberOf[action] === 'plan' ? String(target) : before.plan,
    quantity: memberOf[action] === 'quantity' ? Number(target) : before.quantity,
  };
}

const told = ({ status, planId, quantity, term, autoRenew, beneficiary }: ShownSnapshot): string =>
  [status, planId, quantity, term?.startDate, autoRenew, beneficiary?.objectId.slice(-1)].map((value) => value ?? '(left out)').join(' ');
