import { BoundedMap } from '../../bounded.map';
import type { Rule } from '../../rule';

/** About the ids by which Microsoft's support finds a call. */

export const noRequestId: Rule = {
  id: 'no-request-id',
  section: '2.5',
  severity: 'advice',
  title: 'Call without x-ms-requestid',
  asks: 'Send an x-ms-requestid of its own with every call.',
  leadsTo: 'Microsoft makes one up, which is in the answer alone: if no answer comes, its support cannot find the call.',
  instead: 'Send a new GUID as x-ms-requestid with every call, and keep it in your log.',
  watch: () => ({
    'call-ended': ({ sentRequestId, route, method, path, subscriptionId, operationId, requestId }) => {
      if (sentRequestId !== null) return undefined;
      return {
        subject: route ?? 'no route',
        done: `${method} ${path} came without x-ms-requestid.`,
        subscriptionId,
        operationId,
        requestId,
      };
    },
  }),
};

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
