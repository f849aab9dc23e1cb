import { checkSubscription, readPlan } from '@landfall/contracts';
import { defineJob } from '@landfall/messaging';

/** Waits for nothing and holds up nothing. What is asked for again, once it has died, begins it anew. */
const byItself = { bypassesDead: true, retriesDead: true };

const planName = ({ subscriptionId, planId }: { subscriptionId: string; planId: string }): string => `plan:${subscriptionId}:${planId}`;

/** Reads what Microsoft bills of a plan for one subscription. */
export const readPlanOf = defineJob('read-plan', readPlan.schema, { key: planName, dedupe: planName, ...byItself });

const checkName = ({ subscriptionId }: { subscriptionId: string }): string => `check:${subscriptionId}`;

/** Reads a subscription whose usage was answered as if the record were behind. */
export const checkRecord = defineJob('check-subscription', checkSubscription.schema, { key: checkName, dedupe: checkName, ...byItself });
