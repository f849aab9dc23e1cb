import { defineJob, overtaken } from '@landfall/messaging';
import { z } from 'zod';

const keyOf = (subscriptionId: string): string => `veto:${subscriptionId}`;

/**
 * Gives the verdict about a change, after asking the product where that has a say. The key is the subscription's own: its changes are asked about one after
 * the other. A dead one holds up none, since by then Microsoft has decided it.
 */
export const askProduct = defineJob('ask-product', z.object({ subscriptionId: z.guid(), operationId: z.guid(), action: z.string() }), {
  key: ({ subscriptionId }) => keyOf(subscriptionId),
  // a question to a silent product only waits, and its host's own bounds end it: none may wait for another product's
  // another copy has to take it over while its verdict still counts; after five failures, fifteen seconds, no verdict does
  limits: { concurrency: 200, leaseMs: 3_000, failures: 5 },
  bypassesDead: true,
});

/** The subscription has ended: no verdict about a change of it matters any more (rule 3). */
export const overtakenQuestions = (subscriptionId: string) => overtaken(askProduct, keyOf(subscriptionId), 'the subscription has ended');
