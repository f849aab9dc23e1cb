import { BoundedMap } from '../../bounded.map';
import type { Rule } from '../../rule';

/** About the ids by which Microsoft's support finds a call. */

export const sameRequestId: Rule = {
  id: 'same-request-id',
  section: '2.5',
  severity: 'advice',
  title: 'The same x-ms-requestid for different calls',
  asks: 'Use another x-ms-requestid for every call.',
  leadsTo: 'Of several calls with one id, support and logs find any, and the id does not make a call idempotent.',
  instead: 'Send a new GUID with every call; what groups the calls of one task is x-ms-correlationid.',
  watch: () => {
    const calls = new BoundedMap<string>();
    return {
      'call-ended': ({ sentRequestId, method, path, subscriptionId, operationId, requestId }) => {
        if (sentRequestId === null) return undefined;
        const [call, earlier] = [`${method} ${path}`, calls.get(sentRequestId)];
        calls.set(sentRequestId, call);
        if (earlier === undefined || earlier === call) return undefined; // the same call again may be a retry
        return {
          subject: sentRequestId,
          done: `${call} came with the x-ms-requestid of ${earlier}.`,
          subscriptionId,
          operationId,
          requestId,
        };
      },
    };
  },
};
