import { readSubscription } from '@landfall/contracts';
import { defineJob } from '@landfall/messaging';
import { microsoftJobLimits } from '../job.limits';

const name = ({ subscriptionId, order }: { subscriptionId: string; order: number }): string => `read:${subscriptionId}:${order}`;

/** Reads are ordered for seconds or minutes later: those that are due at about the same time are made together. */
const limits = { ...microsoftJobLimits, lateMs: 500 };

/** A read that the subscription service ordered. It waits for nothing and holds up nothing. */
export const orderedRead = defineJob('read-subscription', readSubscription.schema, { key: name, dedupe: name, limits });
