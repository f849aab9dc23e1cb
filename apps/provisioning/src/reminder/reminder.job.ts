import { defineJob, overtaken } from '@landfall/messaging';
import { z } from 'zod';

const goal = z.enum(['ready', 'released']);
/** What the product is to answer. */
export type Goal = z.infer<typeof goal>;

/** The timer of one request. Its key is its own for each goal, so that a late look at the first request does not hold up the release. */
const keyOf: Record<Goal, string> = { ready: 'tenant', released: 'release' };

const keyFor = (goal: Goal, subscriptionId: string): string => `${keyOf[goal]}:${subscriptionId}`;

/** Looks whether the product has answered the request, asks again where it has not, and gives up at the limit. */
export const remindProduct = defineJob(
  'remind-product',
  z.object({
    subscriptionId: z.guid(),
    requestId: z.string(),
    goal,
    /** Of how many requests so far this is the timer: one that was overtaken does nothing. */
    attempts: z.int().positive(),
  }),
  { key: ({ goal, subscriptionId }) => keyFor(goal, subscriptionId) },
);

/** No answer is awaited any more: a reminder that has died calls nobody. */
export const overtakenReminder = (goal: Goal, subscriptionId: string, reason: string) =>
  overtaken(remindProduct, keyFor(goal, subscriptionId), reason);
