import { limits } from '../../limits';
import type { Rule } from '../rule';

/** About the publisher's answers to webhooks. */

export const lateAnswer: Rule = {
  id: 'late-answer',
  section: '4.4',
  severity: 'breach',
  title: 'Webhook answered late',
  asks: 'Answer a webhook within five seconds.',
  leadsTo: 'Microsoft gives up waiting at a moment that it does not publish, and sends the webhook again, up to 500 times in 8 hours.',
  instead: 'Store the webhook, answer 200, and do the work afterwards.',
  watch: () => ({
    'delivery-ended': ({ delivery }) => {
      const { tookMs, answer, action, operationId, subscriptionId, requestId, id, faultId } = delivery;
      if (tookMs <= limits.webhookAnswerMs || faultId) return undefined;
      const after = `after ${(tookMs / 1_000).toFixed(1)} s`;
      return {
        subject: operationId,
        done: answer ? `The webhook ${action} was answered ${answer.status} ${after}.` : `The webhook ${action} had no answer ${after}.`,
        subscriptionId,
        operationId,
        requestId,
        deliveryId: id,
      };
    },
  }),
};
