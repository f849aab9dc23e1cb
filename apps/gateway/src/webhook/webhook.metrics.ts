import { DEFAULT_REGISTRATION } from '@landfall/contracts';
import { beginAtZero, counter } from '@landfall/service-defaults';
import type { DeliveryOutcome } from './webhook.answer';
import { unreadableReasons } from './webhook.notification';
import { tokenFaults } from './webhook.token';

type OutcomeWithoutReason = Exclude<DeliveryOutcome, { reason: unknown }>['kind'];
const withoutReason: readonly OutcomeWithoutReason[] = [
  'handled',
  'duplicate',
  'accepted',
  'refused',
  'refused-too-late',
  'settled',
  'undecided',
  'foreign-audience',
  'keys-away',
  'too-large',
  'overloaded',
  'failed',
  'unknown-registration',
];

/** The label of whatever comes to an address that is nobody's: any visitor may make up a name. */
const NOBODY = 'unknown';

const outcomes = [
  { outcome: withoutReason, reason: [''] },
  { outcome: ['rejected'], reason: tokenFaults },
  { outcome: ['unreadable'], reason: unreadableReasons },
] as const;
const deliveries = counter(
  'webhook_deliveries_total',
  'Webhook deliveries by outcome, reason and registration',
  ...outcomes.map((known) => ({ ...known, registration: [NOBODY, DEFAULT_REGISTRATION] })),
);
const unreported = counter('webhook_answers_unreported_total', 'Answers to webhooks that could not be reported');

/**
 * Counts a delivery by what became of it, and by the registration whose address it came to. `foreign-audience`, `unreadable`, `too-large` and `unknown-registration` are alarms: Microsoft
 * called and we could not do as it meant.
 */
export function countDelivery(outcome: DeliveryOutcome, registration = NOBODY): void {
  deliveries.inc({ outcome: outcome.kind, reason: 'reason' in outcome ? outcome.reason : '', registration });
}

/** Further registrations are known when the service starts. */
export function beginDeliveriesAtZero(registrations: readonly string[]): void {
  for (const known of outcomes) beginAtZero(deliveries, { ...known, registration: registrations });
}

/** Counts answers that could not be reported to fulfillment, which then acknowledges by its own deadline. */
export function countUnreportedAnswer(): void {
  unreported.inc();
}
