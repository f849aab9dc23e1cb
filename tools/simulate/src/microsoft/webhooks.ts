import type { Chance } from '../chance';
import type { Scheduler } from '../scheduler';
import { instantOf, second } from '../time';
import type { Trace } from '../trace';
import type { Faults } from './faults';
import { otherRegistration, ownRegistration, subscriptionId } from './members';
import type { Microsoft } from './microsoft';
import { memberOf, nameOf, type Operation } from './operation';

/** A webhook's payload, as far as the gateway reads it (contract 4.3). */
export interface Payload {
  readonly operationId: string;
  readonly subscriptionId: string;
  readonly action: string;
  readonly source: string;
  /** The plan that the subscription has: its copy in the payload says so. */
  readonly presentPlanId: string;
  readonly planId: string;
  readonly quantity: number;
  readonly timeStamp: string;
  /** Its target is what its own copy of the subscription has. */
  readonly isRevert: boolean;
}

/** How we answer a webhook: 400 refuses a change (contract 4.5), 503 asks to deliver it again. */
export type WebhookAnswer = 200 | 400 | 503;

export interface WebhookOptions {
  readonly microsoft: Microsoft;
  readonly scheduler: Scheduler;
  /** The publisher's endpoint. */
  readonly receive: (payload: Payload, registration: string, answered: (status: WebhookAnswer) => void) => void;
  readonly chance: Chance;
  readonly faults: Faults;
  readonly trace: Trace;
}

/** Between deliveries of a webhook that was not received, in seconds; then Microsoft gives up (contract 4.4). */
const redeliveriesS = [1, 2, 5, 10, 30, 60];

/** Sends webhooks: late, twice, or never, as their operations' fates say. Nothing orders them (contract 4.4). */
export class Webhooks {
  constructor(private readonly options: WebhookOptions) {}

  send(operation: Operation): void {
    const { scheduler, receive, trace } = this.options;
    const { deliveriesMs, astrayMs } = operation.fate;
    for (const delayMs of deliveriesMs) scheduler.after(delayMs, () => this.deliver(operation));
    if (astrayMs === null) return;
    scheduler.after(astrayMs, () => {
      trace('webhook', () => `${nameOf(operation)} is delivered to ${otherRegistration}`);
      receive(payloadOf(operation), otherRegistration, () => undefined);
    });
  }

  private deliver(operation: Operation, delivery = 0): void {
    const { microsoft, scheduler, receive, trace } = this.options;
    trace('webhook', () => `${nameOf(operation)} is delivered`);
    const isFirst = operation.firstDeliveredAtMs === null;
    operation.firstDeliveredAtMs ??= scheduler.nowMs;
    receive(payloadOf(operation), ownRegistration, (status) => this.answered(operation, delivery, status));
    const { endsAfter, endsAfterMs } = operation.fate;
    if (isFirst && endsAfter === 'its delivery' && endsAfterMs < Infinity) scheduler.after(endsAfterMs, () => microsoft.succeed(operation));
  }

  /** The first answer that arrives is what the ten seconds of some operations begin with. */
  private received(operation: Operation): void {
    const { microsoft, scheduler } = this.options;
    const { endsAfter, endsAfterMs } = operation.fate;
    if (operation.isAnswered) return;
    operation.isAnswered = true;
    if (endsAfter === 'its answer') scheduler.after(endsAfterMs, () => microsoft.succeed(operation));
  }

  /** An answer that Microsoft never sees is none. */
  private answered(operation: Operation, delivery: number, status: WebhookAnswer): void {
    const { microsoft, scheduler, chance, faults, trace } = this.options;
    const isLost = delivery < operation.fate.answersLost || chance('answer lost', operation.id, delivery) < faults.answerLost;
    trace('webhook', () => `${nameOf(operation)} is answered ${status}${isLost ? ', and the answer is lost' : ''}`);
    if (status === 400 && !isLost) microsoft.refuse(operation);
    if (!isLost && status !== 503) {
      if (status === 200) this.received(operation);
      return;
    }
    const againS = redeliveriesS[delivery];
    if (againS !== undefined) scheduler.after(againS * second, () => this.deliver(operation, delivery + 1));
    else if (operation.fate.endsAfter === 'its answer') microsoft.giveUp(operation);
  }
}

function payloadOf({ id, action, requestId, target, before, beganAtMs, fate, isRevert }: Operation): Payload {
  const isAbout = memberOf[action];
  const disagrees = fate.payloadDisagrees && !isRevert; // a revert is known by its payload alone
  return {
    ...{ operationId: id, subscriptionId, action, source: requestId === null ? 'Azure' : 'Partner', timeStamp: instantOf(beganAtMs) },
    presentPlanId: before.plan,
    planId: isAbout !== 'plan' ? before.plan : disagrees ? 'another plan' : String(target),
    quantity: isAbout !== 'quantity' ? before.quantity : disagrees ? 77 : Number(target),
    isRevert,
  };
}
