import { Counter, register } from 'prom-client';
import type { DeliveryOutcome } from './webhook.answer';

const DELIVERIES = 'webhook_deliveries_total';
const UNREPORTED = 'webhook_answers_unreported_total';

/** The label of whatever comes to an address that is nobody's: any visitor may make up a name. */
const NOBODY = 'unknown';

/**
 * Counts a delivery by what became of it, and by the registration whose address it came to. `foreign-audience`, `unreadable`, `too-large` and `unknown-registration` are alarms: Microsoft
 * called and we could not do as it meant.
 */
export function countDelivery(outcome: DeliveryOutcome, registration = NOBODY): void {
  const reason = 'reason' in outcome ? outcome.reason : '';
  const deliveries = counter(DELIVERIES, 'Webhook deliveries by outcome, reason and registration', ['outcome', 'reason', 'registration']);
  deliveries.inc({ outcome: outcome.kind, reason, registration });
}

/** Counts answers that could not be reported to fulfillment, which then acknowledges by its own deadline. */
export function countUnreportedAnswer(): void {
  counter(UNREPORTED, 'Answers to webhooks that could not be reported', []).inc();
}

function counter(name: string, help: string, labelNames: string[]): Counter {
  return (register.getSingleMetric(name) as Counter | undefined) ?? new Counter({ name, help, labelNames });
}
