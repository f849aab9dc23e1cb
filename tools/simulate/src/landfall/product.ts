import {
  provisioningRequests,
  tenantFailed,
  tenantReady,
  tenantReleased,
  tenantReleaseRequested,
  tenantRequested,
  type Message,
  type MessageOf,
} from '@landfall/contracts';
import type { Effect } from '@landfall/messaging';
import type { Chance } from '../chance';
import type { Faults } from '../microsoft/faults';
import type { Scheduler } from '../scheduler';
import { minute, second } from '../time';
import type { Trace } from '../trace';
import type { Cause } from './messages';
import type { Topics } from './topics';

export interface ProductOptions {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly topics: Topics;
  readonly emit: (effects: readonly Effect[], cause: Cause) => void;
  readonly trace: Trace;
}

/** The company's product as it makes and takes back tenants: one per subscription, late, or not at all; it may lose requests and answers. */
export class Product {
  /** When a tenant was there first; null: none was ever made. */
  madeMs: number | null = null;
  hasTenant = false;
  /** What it works on. A release takes it back. */
  private work = 0;
  private requests = 0;

  constructor(private readonly options: ProductOptions) {
    options.topics.read(provisioningRequests, 'product', (message) => this.receive(message));
  }

  private receive(message: Message): void {
    const number = ++this.requests;
    const { faults, trace } = this.options;
    const { subscriptionId, requestId } = (message as MessageOf<typeof tenantRequested>).data;
    trace('product', () => `is asked: ${message.type}`);
    if (this.draw('request lost', number) < faults.tenantLost) return;
    if (message.type === tenantReleaseRequested.type) {
      this.work++;
      this.hasTenant = false;
      return this.answer(message, number, tenantReleased({ subscriptionId, requestId }));
    }
    if (message.type !== tenantRequested.type) return;
    if (!this.hasTenant && this.draw('fails', number) < faults.tenantFails) {
      const isRetriable = this.draw('for good', number) >= 1 / 3;
      return this.answer(message, number, tenantFailed({ subscriptionId, requestId, reason: 'no capacity', isRetriable }));
    }
    const work = ++this.work;
    this.options.scheduler.after(this.hasTenant ? 0 : this.workMs(number), () => {
      if (work !== this.work) return; // asked again, or to take it back
      this.hasTenant = true;
      this.madeMs ??= this.options.scheduler.nowMs;
      this.answer(message, number, tenantReady({ subscriptionId, requestId, tenantReference: 'tenant' }));
    });
  }

  private answer(request: Message, number: number, answer: Effect): void {
    this.options.trace('product', () => `answers request ${number}`);
    if (this.draw('answer lost', number) < this.options.faults.tenantLost) return;
    this.options.emit([answer], { id: `${request.id}/${number}`, correlationId: request.correlationId });
  }

  private workMs(number: number): number {
    const isLate = this.draw('late', number) < this.options.faults.tenantLate;
    return this.draw('takes', number) * (isLate ? 40 * minute : 5 * second);
  }

  private draw(question: string, number: number): number {
    return this.options.chance('tenant', question, number);
  }
}
