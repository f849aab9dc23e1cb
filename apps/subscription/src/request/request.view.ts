import { z } from 'zod';
import { instant, requestedAction } from '@landfall/contracts';
import { actRequest } from '@landfall/messaging';

export const planChangeRequest = actRequest.extend({
  planId: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u)
    .describe('The plan that the subscription is to have'),
});
export type PlanChangeRequest = z.infer<typeof planChangeRequest>;

/** The largest number of seats that Microsoft was seen to take (contract 3.8). */
const mostSeats = 1_000_000;

export const quantityChangeRequest = actRequest.extend({
  quantity: z.int().min(1).max(mostSeats).describe('The number of seats that the subscription is to have'),
});
export type QuantityChangeRequest = z.infer<typeof quantityChangeRequest>;

/** How a request stands. */
export const requestView = z.object({
  requestId: z.string(),
  subscriptionId: z.string(),
  action: requestedAction.describe('What Microsoft is asked for, in its words'),
  planId: z.string().nullable().describe('Of a ChangePlan: the plan that is asked for'),
  quantity: z.int().nullable().describe('Of a ChangeQuantity: the seats that are asked for'),
  state: z
    .enum(['pending', 'succeeded', 'failed', 'unconfirmed'])
    .describe('`failed`: not done. `unconfirmed`: Microsoft may have done it and did not show it within the limit'),
  actor: z.string().describe('Who asked'),
  actorKind: z.enum(['operator', 'product']).describe('`product`: the token was that of an application'),
  reason: z.string().describe('Why they asked'),
  requestedAt: instant,
  operationId: z.string().nullable().describe('Microsoft’s operation; null while it is not known'),
  failure: z.string().nullable().describe('Why it did not come true'),
  code: z.string().nullable().describe('Microsoft’s own code for that, where it gave one'),
  endedAt: instant.nullable(),
});
export type RequestView = z.infer<typeof requestView>;
