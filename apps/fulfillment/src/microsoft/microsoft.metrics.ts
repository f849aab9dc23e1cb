import { Counter, Histogram } from 'prom-client';

/** Rate, errors and duration of what we ask Microsoft. `outcome` is the class of the status, or `none` where no answer came. */
export const callDuration = new Histogram({
  name: 'marketplace_call_duration_seconds',
  help: 'Duration of calls to Microsoft by method, route template and class of status',
  labelNames: ['method', 'route', 'outcome'],
  buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});

export const ledgerDropped = new Counter({
  name: 'marketplace_call_ledger_dropped_total',
  help: 'Calls to Microsoft that the ledger could not take',
  labelNames: ['reason'],
});

/** Alarmed at the first: what Microsoft shows is not understood, and work waits for it. */
export const unknownWords = new Counter({
  name: 'marketplace_unknown_words_total',
  help: 'Words of Microsoft that this version does not know, by where they stood',
  labelNames: ['place'],
});

/** A payload is a hint: what Microsoft shows counts (rule 1). `about`: the whole `operation`, or its `target`. */
export const payloadDisagreements = new Counter({
  name: 'marketplace_payload_disagreements_total',
  help: 'Webhooks that said otherwise than Microsoft shows',
  labelNames: ['about'],
});

/**
 * An operation was not followed to an end that Microsoft showed. `settled`: Vanished or Stuck, alarmed at the first; Invisible, a webhook whose operation
 * Microsoft never showed, which is no alarm.
 */
export const unendedOperations = new Counter({
  name: 'marketplace_unended_operations_total',
  help: 'Operations that Microsoft never showed, that vanished there, or that stayed open beyond the limit',
  labelNames: ['settled'],
});

/** Alarmed at the first: a change stays in doubt, since Microsoft does not say what was asked for. */
export const incompleteReads = new Counter({
  name: 'marketplace_incomplete_reads_total',
  help: 'Ordered reads that were published without a wanted member after ten minutes of asking',
});

/** Alarmed at the first: a read that was ordered is not answered with anything usable, and what it closes waits for it. */
export const unansweredReads = new Counter({
  name: 'marketplace_unanswered_reads_total',
  help: 'Attempts at an ordered read that Microsoft refused, or answered with nothing usable, ten minutes after it was due and later',
});

/** Our own clock stands in for Microsoft's where an answer has no date. */
export const undatedAnswers = new Counter({
  name: 'marketplace_undated_answers_total',
  help: 'Successful answers of Microsoft without a readable Date header',
});

/** Alarmed at the first: we are not let in, or not to this subscription. */
export const callsForbidden = new Counter({
  name: 'marketplace_calls_forbidden_total',
  help: 'Calls that Microsoft or its identity service refused us',
});

/** Purchases go on without it: their page then shows neither the name nor the price of the plan. */
export const plansMissing = new Counter({
  name: 'marketplace_plans_missing_total',
  help: 'Readings of the plans on offer that were given up, by the code of their error',
  labelNames: ['reason'],
});

/** Alarmed at the first `not-answered`: a customer was sent back to Microsoft, since nobody could tell what they had bought. */
export const purchasesUnresolved = new Counter({
  name: 'marketplace_purchases_unresolved_total',
  help: 'Purchases whose token led to no subscription, by what the customer is told',
  labelNames: ['reason'],
});
