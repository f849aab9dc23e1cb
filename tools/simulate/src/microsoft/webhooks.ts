import type { Scheduler } from '../scheduler';
import { instantOf } from '../time';
import type { Trace } from '../trace';
import { otherRegistration, ownRegistration, subscriptionId } from './members';
import type { Microsoft } from './microsoft';
import { memberOf, nameOf, type Operation } from './operation';

/** A webhook's payload, as far as the gateway reads it (contract 4.3). */
export interface Payload {
  readonly operationId: string;
  readonly subscriptionId: string;
  readonly action: string;
  readonly source: string;
  readonly planId: string;
  readonly quantity: number;
  readonly timeStamp: string;
  /** Its target is what its own copy of the subscription has. */
  readonly isRevert: boolean;
}

export interface WebhookOptions {
  readonly microsoft: Microsoft;
  readonly scheduler: Scheduler;
  /** The publisher's endpoint. It answers 200 to everything: nothing is refused yet. */
  readonly receive: (payload: Payload, registration: string) => void;
  readonly trace: Trace;
}

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
      receive(payloadOf(operation), otherRegistration);
    });
  }

  private deliver(operation: Operation): void {
    const { microsoft, scheduler, receive, trace } = this.options;
    trace('webhook', () => `${nameOf(operation)} is delivered`);
    const isFirst = operation.firstDeliveredAtMs === null;
    operation.firstDeliveredAtMs ??= scheduler.nowMs;
    receive(payloadOf(operation), ownRegistration);
    const { endsAfter, endsAfterMs } = operation.fate;
    if (isFirst && endsAfter === 'its delivery' && endsAfterMs < Infinity) scheduler.after(endsAfterMs, () => microsoft.succeed(operation));
  }
}

function payloadOf({ id, action, target, before, beganAtMs, fate, isRevert }: Operation): Payload {
  const isAbout = memberOf[action];
  const disagrees = fate.payloadDisagrees && !isRevert; // a revert is known by its payload alone
  return {
    ...{ operationId: id, subscriptionId, action, source: 'Azure', timeStamp: instantOf(beganAtMs) },
    planId: isAbout !== 'plan' ? before.plan : disagrees ? 'another plan' : String(target),
    quantity: isAbout !== 'quantity' ? before.quantity : disagrees ? 77 : Number(target),
    isRevert,
  };
}
