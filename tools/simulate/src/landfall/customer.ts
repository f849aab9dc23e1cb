import {
  fulfillmentEvents,
  purchaseConfirmed,
  purchaseOpened,
  purchaseRegistered,
  stableId,
  subscriptionDecisions,
  type Message,
  type MessageOf,
} from '@landfall/contracts';
import type { Effect } from '@landfall/messaging';
import { otherRegistration, ownRegistration, owners, subscriptionId } from '../microsoft/members';
import type { Act, Visit } from '../scenario/act';
import type { Scheduler } from '../scheduler';
import { instantOf } from '../time';
import type { Trace } from '../trace';
import type { Cause } from './messages';
import type { Topics } from './topics';

const person = { tenantId: '1c0f0a9e-6f5d-4d0e-9a3b-3a1d6f1b7c01', objectId: owners[0] };

export interface CustomerOptions {
  readonly scheduler: Scheduler;
  readonly topics: Topics;
  readonly emit: (effects: readonly Effect[], cause: Cause) => void;
  readonly trace: Trace;
}

/**
 * The customer, and the pages of the gateway: a form is there once the purchase is registered and waits for its confirmation, and whoever wants to confirm before waits for
 * it. The real gateway tells of a confirmation once; here each click is told, as if it had forgotten the first.
 */
export class Customer {
  /** When the purchase was confirmed, each time. */
  readonly confirmedMs: number[] = [];
  /** Purchases that are opened and not answered yet, with the moment of the opening. */
  readonly unanswered = new Map<string, number>();
  private isFormShown = false;
  private isWaitingForForm = false;

  constructor(private readonly options: CustomerOptions) {
    const { topics } = options;
    topics.read(subscriptionDecisions, 'gateway', (message) => this.registered(message));
    topics.read(fulfillmentEvents, 'gateway', (message) => this.answered(message));
  }

  perform(act: Act & Visit): void {
    this.options.trace('customer', () => `${act.kind}${act.kind === 'Land' ? ` by the page of ${act.at} publisher` : ''}`);
    if (act.kind === 'Land') return this.land(act.number, act.at === 'another' ? otherRegistration : ownRegistration);
    if (this.isFormShown) this.confirm();
    else this.isWaitingForForm = true;
  }

  private land(number: number, registration: string): void {
    const purchaseId = stableId('purchase', number);
    this.unanswered.set(purchaseId, this.options.scheduler.nowMs);
    this.tell(purchaseId, purchaseOpened({ purchaseId, registration, encryptedToken: 'token', person, openedAt: this.now }));
  }

  private registered(message: Message): void {
    if (message.type !== purchaseRegistered.type) return;
    const { data } = message as MessageOf<typeof purchaseRegistered>;
    this.unanswered.delete(data.purchaseId);
    if (data.stage !== 'awaiting-customer' || data.status === 'Unsubscribed' || data.status === 'Suspended') return;
    this.isFormShown = true;
    if (this.isWaitingForForm) this.confirm();
    this.isWaitingForForm = false;
  }

  private answered(message: Message): void {
    if (message.type === 'landfall.fulfillment.purchase-unresolved.v1') this.unanswered.delete(message.key);
  }

  private confirm(): void {
    const click = this.confirmedMs.push(this.options.scheduler.nowMs);
    const purchaseId = stableId('purchase');
    const confirmed = { purchaseId, subscriptionId, person, encryptedContact: null, answers: {}, confirmedAt: this.now };
    this.tell(stableId('confirmation', click), purchaseConfirmed(confirmed));
  }

  private tell(id: string, effect: Effect): void {
    this.options.emit([effect], { id, correlationId: id });
  }

  private get now(): string {
    return instantOf(this.options.scheduler.nowMs);
  }
}
