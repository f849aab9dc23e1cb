import type { OperationStatus, ShownSnapshot } from '@landfall/contracts';
import type { Chance } from '../chance';
import type { Scheduler } from '../scheduler';
import { dateHeaderOf, instantOf, minute, second } from '../time';
import type { Trace } from '../trace';
import type { Faults } from './faults';
import { members, ownRegistration, shownSnapshot, subscriptionId, type ModelMember } from './members';
import type { Microsoft } from './microsoft';
import { isEnded, isOpen, memberOf, nameOf, type Operation } from './operation';
import type { RequestedDeed } from './microsoft';
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

/** How Activate is answered: 400 where the subscription is not pending, or what is named is not what was bought (contract 3.4). Null: not at all. */
export type ActivateAnswer = 200 | 400 | null;

/** A call that was made, or that changes something. */
export interface Call {
  readonly atMs: number;
  readonly what: 'Resolve' | 'Get Subscription' | 'Get Operation' | 'PATCH' | 'Activate' | 'DELETE' | 'List' | 'Request';
  /** With whose token. */
  readonly registration: string;
}

export interface ApiOptions {
  readonly microsoft: Microsoft;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly subscriptionCopies: ReadCopies;
  readonly operationCopies: ReadCopies;
  /** What reads leave out besides what chance decides. */
  readonly leavesOut?: (nowMs: number) => readonly ModelMember[];
  /** What Get Subscription shows wrongly: that the subscription has ended, or that there is none. */
  readonly mistakes?: (nowMs: number) => 'ended' | 'gone' | null;
  readonly trace: Trace;
}

/** Operations that our DELETE leads to have the numbers from here. */
const firstCancellation = 2_000;

/** What we ask for leads to operations that have the numbers from here. */
const firstRequest = 3_000;

/**
 * How what we ask for is answered (contract 3.8, 3.9): 202 means received, and names its operation, or does not. A lock is 400 with the code `Failed`, or 409 for a
 * cancellation. Null: not at all.
 */
export type RequestAnswer =
  { readonly status: 202; readonly operationId: string | null } | { readonly status: 400 | 409; readonly code: string } | null;

/** So long a caller waits for the answer to a read. */
const patienceMs = second;

/** The calls that fulfillment makes. Each is answered later; a read that nobody answers is answered by null when the caller gives up. */
export class MicrosoftApi {
  /** How often each read was asked for. */
  readonly reads = { subscription: 0, operation: 0 };
  /** What changes something, and all that was asked with the token of another publisher, who is answered 403 (contract 5.5). */
  readonly calls: Call[] = [];
  private activations = 0;
  private cancellations = 0;
  private requests = 0;

  constructor(private readonly options: ApiOptions) {}

  /** `key` names the read: what happens to it depends on that. */
  getSubscription(registration: string, key: string, answered: (answer: SubscriptionAnswer | null) => void): void {
    if (this.isForbidden(registration, 'Get Subscription')) return this.forbid(key, () => answered(null));
    const { chance, faults, microsoft, subscriptionCopies, trace, leavesOut = () => [] } = this.options;
    this.reads.subscription++;
    this.read(`subscription ${key}`, answered, (nowMs) => {
      const mistake = this.options.mistakes?.(nowMs) ?? null;
      if (mistake === 'gone') return null;
      const asOfMs = subscriptionCopies.asOf(nowMs, key);
      const byChance = members.filter((member) => chance('left out', key, member) < faults.memberLeftOut);
      const leftOut = new Set([...byChance, ...leavesOut(nowMs)]);
      const shown = microsoft.at(asOfMs);
      const snapshot = shownSnapshot(mistake === 'ended' ? { ...shown, status: 'Unsubscribed' } : shown, leftOut);
      trace('read', () => `${key}: ${told(snapshot)}, ${((nowMs - asOfMs) / 1000).toFixed(1)} s old`);
      return { snapshot, date: this.date(nowMs, key) };
    });
  }

  /** Microsoft answers that there is no such subscription: whoever asked was answered by null. */
  get isGone(): boolean {
    return this.options.mistakes?.(this.options.scheduler.nowMs) === 'gone';
  }

  /** Resolve (contract 3.3). The token leads to the subscription wherever it is brought, and Microsoft shows it to its own publisher alone. */
  resolve(registration: string, key: string, answered: (answer: SubscriptionAnswer | 403 | null) => void): void {
    if (this.isForbidden(registration, 'Resolve')) return this.forbid(key, () => answered(403));
    const { chance, faults, microsoft } = this.options;
    this.read<SubscriptionAnswer>(`resolve ${key}`, answered, (nowMs) => {
      const leftOut = members.filter((member) => chance('Resolve leaves out', key, member) < faults.resolveLeavesOut);
      return { snapshot: shownSnapshot(microsoft.at(nowMs), new Set(leftOut)), date: this.date(nowMs, key) };
    });
  }

  getOperation(registration: string, id: string, key: string, answered: (answer: OperationAnswer | null) => void): void {
    if (this.isForbidden(registration, 'Get Operation')) return this.forbid(key, () => answered(null));
    const { microsoft, operationCopies, trace } = this.options;
    this.reads.operation++;
    this.read(`operation ${key}`, answered, (nowMs) => {
      const known = microsoft.operations.find((operation) => operation.id === id);
      const operation = known ? shownAt(known, operationCopies.asOf(nowMs, key), nowMs) : null;
      trace('read', () => `${key}: ${known ? nameOf(known) : id} ${operation?.status ?? '404'}`);
      return { operation, date: this.date(nowMs, key) };
    });
  }

  acknowledge(registration: string, id: string, verdict: 'Success' | 'Failure', answered: (answer: PatchAnswer) => void): void {
    this.calls.push({ atMs: this.options.scheduler.nowMs, what: 'PATCH', registration });
    const { chance, faults, microsoft, scheduler, trace } = this.options;
    const operation = microsoft.operations.find((known) => known.id === id)!;
    const attempt = ++operation.patches;
    const delayMs = this.latencyMs('patch', id, attempt);
    scheduler.after(delayMs, () => {
      operation.patchedAtMs ??= scheduler.nowMs;
      const isTooEarly = !operation.isAnswered && chance('patch too early', id) < faults.patchTooEarly;
      const answer = isEnded(operation) || isTooEarly ? 409 : chance('patch', id, attempt) < faults.patchFails ? 500 : 200;
      trace('read', () => `PATCH ${nameOf(operation)} ${verdict}: ${answer}`);
      if (answer === 200 && verdict === 'Success') microsoft.succeed(operation);
      if (answer === 200 && verdict === 'Failure') microsoft.refuse(operation);
      scheduler.after(delayMs, () => answered(answer));
    });
  }

  /** Activate (contract 3.4): 200 means received. What becomes of it depends on chance, and on what the subscription is by then. */
  activate(
    registration: string,
    { planId, quantity }: { planId: string; quantity: number | null },
    answered: (answer: ActivateAnswer) => void,
  ): void {
    const { chance, faults, microsoft, scheduler, trace } = this.options;
    const number = ++this.activations;
    const draw = (question: string) => chance('activate', question, number);
    const delayMs = this.latencyMs('activate', number);
    this.calls.push({ atMs: scheduler.nowMs, what: 'Activate', registration });
    scheduler.after(delayMs, () => {
      const { status, plan, quantity: seats } = microsoft.members;
      const isWanted = status === 'PendingFulfillmentStart' && planId === plan && quantity === seats;
      const isLost = draw('unanswered') < faults.activateUnanswered;
      const answer = isLost ? null : !isWanted || draw('refused') < faults.activateRefused ? 400 : 200;
      trace('read', () => `Activate: ${answer ?? 'no answer'}`);
      const isReceived = isWanted && (answer === 200 || (isLost && draw('lost') < 0.5));
      if (isReceived && draw('void') >= faults.activateVoid) {
        const effectMs = draw('late') < faults.activateLate ? draw('effect') * 5 * minute : draw('effect') * 3 * second;
        scheduler.after(effectMs, () => microsoft.activate());
      }
      scheduler.after(isLost ? patienceMs : delayMs, () => answered(answer));
    });
  }

  /** DELETE (contract 3.9): 202 means received, and names no operation. 400 where the subscription is locked, or has ended. */
  cancel(registration: string, answered: (answer: 202 | 400 | null) => void): void {
    const { chance, faults, microsoft, scheduler, trace } = this.options;
    const number = ++this.cancellations;
    const draw = (question: string) => chance('cancel', question, number);
    const delayMs = this.latencyMs('cancel', number);
    this.calls.push({ atMs: scheduler.nowMs, what: 'DELETE', registration });
    scheduler.after(delayMs, () => {
      const isWanted = microsoft.members.status !== 'Unsubscribed';
      const isLost = draw('unanswered') < faults.activateUnanswered;
      const answer = isLost ? null : !isWanted || draw('refused') < faults.activateRefused ? 400 : 202;
      trace('read', () => `DELETE: ${answer ?? 'no answer'}`);
      const isReceived = isWanted && (answer === 202 || (isLost && draw('lost') < 0.5));
      if (isReceived && draw('void') >= faults.activateVoid) {
        const effectMs = draw('late') < faults.activateLate ? draw('effect') * 5 * minute : draw('effect') * 3 * second;
        scheduler.after(effectMs, () => microsoft.perform({ kind: 'Unsubscribe', number: firstCancellation + number, atMs: 0 }));
      }
      scheduler.after(isLost ? patienceMs : delayMs, () => answered(answer));
    });
  }

  /** Change plan, change quantity, and Cancel. */
  request(registration: string, deed: RequestedDeed, requestId: string, answered: (answer: RequestAnswer) => void): void {
    const { chance, faults, microsoft, scheduler, trace } = this.options;
    const number = ++this.requests;
    const draw = (question: string) => chance('request', question, number);
    const delayMs = this.latencyMs('request', number);
    this.calls.push({ atMs: scheduler.nowMs, what: 'Request', registration });
    scheduler.after(delayMs, () => {
      const isLost = draw('unanswered') < faults.requestUnanswered;
      const isRefused = draw('refused') < faults.requestRefused;
      const isReceived = !isRefused && (!isLost || draw('lost') < 0.5);
      const begun = isReceived ? microsoft.request({ ...deed, number: firstRequest + number, atMs: 0 }, requestId) : 'refused';
      const answer = isLost ? null : answerOf(begun, deed, draw('unnamed') < faults.requestUnnamed);
      trace('read', () => `${deed.kind} is asked for: ${answer ? JSON.stringify(answer) : 'no answer'}`);
      scheduler.after(isLost ? patienceMs : delayMs, () => answered(answer));
    });
  }

  /** What is open, as the list of operations shows it: never a cancellation (contract 3.10). */
  outstanding(registration: string, key: string, answered: (operations: readonly ShownOperation[] | null) => void): void {
    if (this.isForbidden(registration, 'List')) return this.forbid(key, () => answered(null));
    const { microsoft, operationCopies } = this.options;
    this.read(`list ${key}`, answered, (nowMs) => {
      const shown = microsoft.operations.map((operation) => shownAt(operation, operationCopies.asOf(nowMs, key), nowMs));
      return shown.filter(
        (operation) => operation !== null && isOpen(operation.status) && operation.action !== 'Unsubscribe',
      ) as ShownOperation[];
    });
  }

  private isForbidden(registration: string, what: Call['what']): boolean {
    if (registration === ownRegistration) return false;
    this.calls.push({ atMs: this.options.scheduler.nowMs, what, registration });
    return true;
  }

  private forbid(key: string, answered: () => void): void {
    this.options.trace('read', () => `${key}: 403`);
    this.options.scheduler.after(this.latencyMs('forbidden', key), answered);
  }

  private read<Answer>(key: string, answered: (answer: Answer | null) => void, answerAt: (nowMs: number) => Answer | null): void {
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
  const { id, action, requestId, target, beganAtMs, fate, statuses, before } = operation;
  const age = nowMs - beganAtMs;
  if (asOfMs < beganAtMs || age < fate.shownFromMs || age >= fate.goneFromMs) return null;
  const hasBeenOpen = isOpen(statuses[0]!.status);
  const status = fate.isShownOpenForEver && hasBeenOpen ? 'InProgress' : statuses.findLast(({ atMs }) => atMs <= asOfMs)!.status;
  return {
    ...{ id, action, status, subscriptionId, source: requestId === null ? 'Azure' : 'Partner', timeStamp: instantOf(beganAtMs) },
    planId: memberOf[action] === 'plan' ? String(target) : before.plan,
    quantity: memberOf[action] === 'quantity' ? Number(target) : before.quantity,
  };
}

function answerOf(begun: Operation | 'locked' | 'refused', { kind }: RequestedDeed, isUnnamed: boolean): RequestAnswer {
  if (begun === 'refused') return { status: 400, code: 'BadArgument' };
  if (begun === 'locked') return kind === 'Unsubscribe' ? { status: 409, code: 'Conflict' } : { status: 400, code: 'Failed' };
  return { status: 202, operationId: isUnnamed ? null : begun.id };
}

const told = ({ status, planId, quantity, term, autoRenew, beneficiary }: ShownSnapshot): string =>
  [status, planId, quantity, term?.startDate, autoRenew, beneficiary?.objectId.slice(-1)].map((value) => value ?? '(left out)').join(' ');
