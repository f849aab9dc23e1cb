import { Counter, register } from 'prom-client';
import type { DeliveryOutcome } from './webhook.answer';

const DELIVERIES = 'webhook_deliveries_total';
const UNREPORTED = 'webhook_answers_unreported_total';

/**
 * Counts a delivery by what became of it. `foreign-audience`, `unreadable`, `too-large` and `unknown-registration` are alarms: Microsoft
 * called and we could not do as it meant.
 */
export function countDelivery(outcome: DeliveryOutcome): void {
  const reason = 'reason' in outcome ? outcome.reason : '';
  counter(DELIVERIES, 'Webhook deliveries by outcome and reason', ['outcome', 'reason']).inc({ outcome: outcome.kind, reason });
}

/** Counts answers that could not be reported to fulfillment, which then acknowledges by its own deadline. */
export function countUnreportedAnswer(): void {
  counter(UNREPORTED, 'Answers to webhooks that could not be reported', []).inc();
}

function counter(name: string, help: string, labelNames: string[]): Counter {
  return (register.getSingleMetric(name) as Counter | undefined) ?? new Counter({ name, help, labelNames });
}
