import { counter } from '@landfall/service-defaults';
import type { DeliveryOutcome } from './webhook.answer';
import { unreadableReasons } from './webhook.notification';
import { tokenFaults } from './webhook.token';

type OutcomeWithoutReason = Exclude<DeliveryOutcome, { reason: unknown }>['kind'];
const withoutReason: readonly OutcomeWithoutReason[] = [
  'handled',
  'duplicate',
  'foreign-audience',
  'keys-away',
  'too-large',
  'overloaded',
  'failed',
  'unknown-registration',
];

const deliveries = counter(
  'webhook_deliveries_total',
  'Webhook deliveries by outcome and reason',
  { outcome: withoutReason, reason: [''] },
  { outcome: ['rejected'], reason: tokenFaults },
  { outcome: ['unreadable'], reason: unreadableReasons },
);
const unreported = counter('webhook_answers_unreported_total', 'Answers to webhooks that could not be reported');

/**
 * Counts a delivery by what became of it. `foreign-audience`, `unreadable`, `too-large` and `unknown-registration` are alarms: Microsoft
 * called and we could not do as it meant.
 */
export function countDelivery(outcome: DeliveryOutcome): void {
  deliveries.inc({ outcome: outcome.kind, reason: 'reason' in outcome ? outcome.reason : '' });
}

/** Counts answers that could not be reported to fulfillment, which then acknowledges by its own deadline. */
export function countUnreportedAnswer(): void {
  unreported.inc();
}
