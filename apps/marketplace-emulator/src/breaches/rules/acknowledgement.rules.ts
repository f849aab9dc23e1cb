import type { Rule } from '../rule';

/** About PATCH of an operation. */

export const patchBeforeAnswer: Rule = {
  id: 'patch-before-answer',
  section: '4.6 (6), 8 (19)',
  severity: 'breach',
  title: 'PATCH of an operation before its webhook was answered',
  asks: 'Answer the webhook first, and PATCH the operation from a job afterwards.',
  leadsTo: 'At Microsoft the operation has not advanced yet: the PATCH misbehaves, and the answer to the webhook decides nothing any more.',
  instead:
    'Answer 200, and PATCH after the answer was sent; or leave the PATCH out, since no objection within ten seconds is an acceptance.',
  watch: ({ sinceMs }) => ({
    'call-ended': ({ before, requestId }) => {
      if (!before?.answerWaits || !before.operation || Date.parse(before.operation.timeStamp) < sinceMs) return undefined;
      const { id, subscriptionId, action } = before.operation;
      return {
        subject: id,
        done: `The ${action} was PATCHed while the answer to its webhook was still missing.`,
        subscriptionId,
        operationId: id,
        requestId,
      };
    },
  }),
};
