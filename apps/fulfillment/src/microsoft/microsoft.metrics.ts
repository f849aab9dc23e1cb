import { DEFAULT_REGISTRATION, purchaseUnresolved } from '@landfall/contracts';
import { marketplaceErrorCodes } from '@landfall/marketplace-client';
import { beginAtZero, counter } from '@landfall/service-defaults';
import { Histogram } from 'prom-client';
import { placesOfWords } from './microsoft.errors';

const unresolvedReasons = purchaseUnresolved.schema.shape.reason.options;

/** Rate, errors and duration of what we ask Microsoft. `outcome` is the class of the status, or `none` where no answer came. */
export const callDuration = new Histogram({
  name: 'marketplace_call_duration_seconds',
  help: 'Duration of calls to Microsoft by registration, method, route template and class of status',
  labelNames: ['registration', 'method', 'route', 'outcome'],
  buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});

export const ledgerDropped = counter('marketplace_call_ledger_dropped_total', 'Calls to Microsoft that the ledger could not take', {
  reason: ['overloaded', 'database'],
});

/** Alarmed at the first: what Microsoft shows is not understood, and work waits for it. */
export const unknownWords = counter(
  'marketplace_unknown_words_total',
  'Words of Microsoft that this version does not know, by where they stood',
  { place: placesOfWords },
);

/** A payload is a hint: what Microsoft shows counts (rule 1). `about`: the whole `operation`, or its `target`. */
export const payloadDisagreements = counter(
  'marketplace_payload_disagreements_total',
  'Webhooks that said otherwise than Microsoft shows',
  { about: ['operation', 'target'] },
);

/**
 * An operation was not followed to an end that Microsoft showed. `settled`: Vanished or Stuck, alarmed at the first; Invisible, a webhook whose operation
 * Microsoft never showed, which is no alarm.
 */
export const unendedOperations = counter(
  'marketplace_unended_operations_total',
  'Operations that Microsoft never showed, that vanished there, or that stayed open beyond the limit',
  { settled: ['Vanished', 'Stuck', 'Invisible'] },
);

/** Alarmed at the first: a change stays in doubt, since Microsoft does not say what was asked for. */
export const incompleteReads = counter(
  'marketplace_incomplete_reads_total',
  'Ordered reads that were published without a wanted member after ten minutes of asking',
);

/** Alarmed at the first: a read that was ordered is not answered with anything usable, and what it closes waits for it. */
export const unansweredReads = counter(
  'marketplace_unanswered_reads_total',
  'Attempts at an ordered read that Microsoft refused, or answered with nothing usable, ten minutes after it was due and later',
);

/** Alarmed at the first: what was to be read is not on record, and nothing asks for it any more. */
export const readsGivenUp = counter(
  'marketplace_reads_given_up_total',
  'Ordered reads that close nothing and that were given up after a day, since Microsoft showed no such subscription',
);

/** Our own clock stands in for Microsoft's where an answer has no date. */
export const undatedAnswers = counter(
  'marketplace_undated_answers_total',
  'Successful answers of Microsoft without a readable Date header',
);

/** Alarmed at the first: we are not let in, or not to this subscription. */
export const callsForbidden = counter(
  'marketplace_calls_forbidden_total',
  'Calls that Microsoft or its identity service refused us, by the registration whose credential did not let us in',
  { registration: [DEFAULT_REGISTRATION] },
);

/** Purchases go on without it: their page then shows neither the name nor the price of the plan. */
export const plansMissing = counter(
  'marketplace_plans_missing_total',
  'Readings of the plans on offer that were given up, by the code of their error',
  { reason: marketplaceErrorCodes },
);

/** Alarmed at the first `not-answered`: a customer was sent back to Microsoft, since nobody could tell what they had bought. */
export const purchasesUnresolved = counter(
  'marketplace_purchases_unresolved_total',
  'Purchases whose token led to no subscription, by the registration to whose landing page they came and by what the customer is told',
  { registration: [DEFAULT_REGISTRATION], reason: unresolvedReasons },
);

/** Further registrations are known when the service starts. */
export function beginRegistrationsAtZero(names: readonly string[]): void {
  beginAtZero(callsForbidden, { registration: names });
  beginAtZero(purchasesUnresolved, { registration: names, reason: unresolvedReasons });
}
