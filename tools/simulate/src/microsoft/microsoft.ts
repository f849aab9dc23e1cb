import type { Action } from './action';
import type { OperationStatus } from '@landfall/contracts';
import type { ActAtMicrosoft, Deed } from '../scenario/act';
import type { Scheduler } from '../scheduler';
import type { Trace } from '../trace';
import type { Fate } from './fate';
import { atStart, nextTerm, owners, type Members, type ModelMember } from './members';
import { isChange, isEnded, memberOf, nameOf, statusOf, type Operation } from './operation';

/** What a publisher may ask for. */
export type RequestedDeed = Extract<Deed, { kind: 'ChangePlan' | 'ChangeQuantity' }> | { readonly kind: 'Unsubscribe' };

/** A state that Microsoft's subscription has had, and what led to it. */
export interface Change {
  readonly atMs: number;
  readonly changed: Partial<Members>;
  readonly members: Members;
  readonly operation: Operation | null;
}

export interface MicrosoftOptions {
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly fateOf: (act: ActAtMicrosoft, action: Action) => Fate;
  /** The subscription when the run begins. */
  readonly begins: Members;
  /** Microsoft sends a webhook. */
  readonly send: (operation: Operation) => void;
}

/**
 * Microsoft's side of one subscription: what is true there, and the operations that make it true (contract 3.10, 4.2, 5.2). One change at a time: an open
 * operation locks the subscription for customers, and a suspension or the end overtakes it.
 */
export class Microsoft {
  members: Members;
  readonly history: Change[];
  readonly operations: Operation[] = [];

  constructor(private readonly options: MicrosoftOptions) {
    const { begins } = options;
    this.members = begins;
    this.history = [{ atMs: -Infinity, changed: begins, members: begins, operation: null }];
  }

  /** Whoever wants to act when it is not possible is shown an error, and nothing happens. */
  perform(act: ActAtMicrosoft): void {
    const { status, plan, quantity, term, autoRenew, beneficiary } = this.members;
    if (status === 'Unsubscribed') return;
    if (status === 'PendingFulfillmentStart' && act.kind !== 'ActivateItself' && act.kind !== 'Unsubscribe') return; // nobody can manage it yet
    const isFree = status === 'Subscribed' && !this.lock;
    switch (act.kind) {
      case 'ChangePlan':
        if (isFree && act.plan !== plan) this.begin(act, 'ChangePlan', act.plan, 'InProgress');
        return;
      case 'ChangeQuantity':
        if (isFree && act.quantity !== quantity) this.begin(act, 'ChangeQuantity', act.quantity, 'InProgress');
        return;
      case 'Revert':
        if (isFree) this.begin(act, act.action, act.action === 'ChangePlan' ? plan : quantity, 'InProgress');
        return;
      case 'Suspend':
        if (status === 'Subscribed') this.happen(act, 'Suspend', 'Suspended');
        return;
      case 'Reinstate':
        if (status === 'Suspended' && this.lock?.action !== 'Reinstate') this.begin(act, 'Reinstate', 'Subscribed', 'InProgress');
        return;
      case 'Renew':
        if (status === 'Subscribed' && term === atStart.term) this.happen(act, 'Renew', nextTerm(term)); // a term lasts longer than a run
        return;
      case 'Unsubscribe':
        this.happen(act, 'Unsubscribe', 'Unsubscribed');
        return;
      case 'ActivateItself':
        this.activate();
        return;
      case 'ToggleAutoRenew':
        this.set({ autoRenew: !autoRenew }, null);
        return;
      case 'ChangeBeneficiary':
        this.set({ beneficiary: beneficiary === owners[0] ? owners[1] : owners[0] }, null);
    }
  }

  /**
   * What a publisher asks for (contract 3.8, 3.9). `locked`: by an open operation. `refused`: it can't be done.
   * @returns the operation that it begins
   */
  request(act: ActAtMicrosoft & RequestedDeed, requestId: string): Operation | 'locked' | 'refused' {
    const { status, plan, quantity } = this.members;
    if (act.kind === 'Unsubscribe') {
      if (status !== 'Subscribed' && status !== 'Suspended') return 'refused';
      const lock = this.operations.find((operation) => !isEnded(operation) && operation.action !== 'Reinstate');
      return lock ? 'locked' : this.begin(act, 'Unsubscribe', 'Unsubscribed', 'InProgress', requestId);
    }
    const [target, present] = act.kind === 'ChangePlan' ? [act.plan, plan] : [act.quantity, quantity];
    if (status !== 'Subscribed' || target === present) return 'refused';
    return this.lock ? 'locked' : this.begin(act, act.kind, target, 'InProgress', requestId);
  }

  /** The subscription is activated, if it still is pending: its term begins. */
  activate(): void {
    if (this.members.status === 'PendingFulfillmentStart') this.set({ status: 'Subscribed', term: atStart.term }, null);
  }

  /** Ends an open operation well, if it still can be done. */
  succeed(operation: Operation): void {
    if (isEnded(operation)) return;
    const member = memberOf[operation.action];
    if (operation.requestId !== null && operation.fate.fails) return this.setStatus(operation, 'Failed');
    if (isChange(operation)) {
      if (!this.canChange(operation)) return this.setStatus(operation, 'Failed');
      if (this.members[member] === operation.target) return this.setStatus(operation, operation.fate.endsUnchangedAs);
    }
    this.setStatus(operation, 'Succeeded');
    if (operation.action === 'Unsubscribe') this.overtake('Unsubscribe');
    this.set({ [member]: operation.target }, operation);
  }

  /** We refuse an open change, which fails by that; everything else has happened, and can't be refused (contract 4.5). */
  refuse(operation: Operation): void {
    if (isEnded(operation) || !isChange(operation)) return;
    operation.refusedAtMs = this.options.scheduler.nowMs;
    this.setStatus(operation, 'Failed');
    const { action, act, fate, isRevert } = operation;
    if (fate.revertsAfterMs === null || isRevert) return;
    const revert = { kind: 'Revert', action: action as 'ChangePlan' | 'ChangeQuantity', number: act + firstRevert, atMs: 0 } as const;
    this.options.scheduler.after(fate.revertsAfterMs, () => this.perform(revert));
  }

  /** No answer to its webhook has arrived in time: it has failed (contract 4.4). */
  giveUp(operation: Operation): void {
    if (!isEnded(operation)) this.setStatus(operation, 'Failed');
  }

  /** The state at a moment. */
  at(ms: number): Members {
    let index = this.history.length - 1;
    while (this.history[index]!.atMs > ms) index--;
    return this.history[index]!.members;
  }

  /** A Reinstate may be open beside a change that stays open. */
  private get lock(): Operation | undefined {
    const open = this.operations.filter((operation) => !isEnded(operation));
    return open.find(({ action }) => action === 'Reinstate') ?? open[0];
  }

  private canChange({ fate }: Operation): boolean {
    const { status } = this.members;
    return status === 'Subscribed' || (status === 'Suspended' && fate.staysOpenWhenOvertaken);
  }

  /** An operation that takes its time. */
  private begin(
    act: ActAtMicrosoft,
    action: Action,
    target: Members[ModelMember],
    status: OperationStatus,
    requestId: string | null = null,
  ): Operation {
    const fate = this.options.fateOf(act, action);
    const before = this.members;
    const operation: Operation = {
      ...{ id: idOf(act.number), action, requestId, target, before, fate, beganAtMs: this.options.scheduler.nowMs },
      ...{ act: act.number, statuses: [], isRevert: requestId === null && before[memberOf[action]] === target },
      ...{ isLie: false, firstDeliveredAtMs: null, isAnswered: false, patchedAtMs: null, patches: 0, refusedAtMs: null },
    };
    this.operations.push(operation);
    this.options.trace('microsoft', () => `${nameOf(operation)} to ${target} begins${told(fate)}`);
    this.setStatus(operation, status);
    this.options.send(operation);
    if (fate.endsAfter === 'its beginning') this.options.scheduler.after(fate.endsAfterMs, () => this.succeed(operation));
    return operation;
  }

  /** An operation that is done when it is first told of, and that overtakes what is open: money and ends wait for nobody. */
  private happen(act: ActAtMicrosoft, action: 'Suspend' | 'Renew' | 'Unsubscribe', target: string): void {
    if (action !== 'Renew') this.overtake(action);
    const operation = this.begin(act, action, target, 'Succeeded');
    this.set({ [memberOf[action]]: target }, operation);
  }

  private overtake(by: 'Suspend' | 'Unsubscribe'): void {
    for (const operation of this.operations) {
      if (isEnded(operation)) continue;
      if (by === 'Suspend' && isChange(operation) && operation.fate.staysOpenWhenOvertaken) continue;
      operation.isLie = isChange(operation) && !operation.isRevert && operation.fate.isCalledSucceededWhenOvertaken;
      this.setStatus(operation, operation.isLie ? 'Succeeded' : 'Failed');
    }
  }

  private setStatus(operation: Operation, status: OperationStatus): void {
    operation.statuses.push({ atMs: this.options.scheduler.nowMs, status });
    this.options.trace('microsoft', () => `${nameOf(operation)} ${statusOf(operation)}`);
  }

  private set(wanted: Partial<Members>, operation: Operation | null): void {
    const changed = Object.fromEntries(Object.entries(wanted).filter(([member, value]) => this.members[member as ModelMember] !== value));
    if (Object.keys(changed).length === 0) return;
    this.members = { ...this.members, ...changed };
    this.history.push({ atMs: this.options.scheduler.nowMs, changed, members: this.members, operation });
    this.options.trace('microsoft', () => `is ${JSON.stringify(changed)}`);
  }
}

/** The operation that takes a change back has the number of that change, and this. */
const firstRevert = 1_000;

/** A UUID that tells the number of the act in its last four digits. */
const idOf = (number: number): string => `0a6b7c8d-1e2f-4a3b-8c4d-00000000${number.toString(16).padStart(4, '0')}`;

function told({ shownFromMs, goneFromMs, isShownOpenForEver, deliveriesMs, payloadDisagrees }: Fate): string {
  const oddities = [
    shownFromMs === Infinity && 'never shown',
    shownFromMs > 0 && shownFromMs < Infinity && `shown after ${shownFromMs} ms`,
    goneFromMs < Infinity && `gone after ${Math.round(goneFromMs / 1000)} s`,
    isShownOpenForEver && 'shown as open for ever',
    deliveriesMs.length === 0 && 'webhook lost',
    payloadDisagrees && 'payload disagrees',
  ].filter(Boolean);
  return oddities.length > 0 ? ` (${oddities.join(', ')})` : '';
}
