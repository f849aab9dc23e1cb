import { limits } from '../../../limits';
import { BoundedMap } from '../../bounded.map';
import type { Rule } from '../../rule';

/** About asking again. */

export const polledTooOften: Rule = {
  id: 'polled-too-often',
  section: '3.8',
  severity: 'advice',
  title: 'Operation polled more often than once a second',
  asks: 'Poll an operation every several seconds.',
  leadsTo: 'Operations take seconds to minutes; who asks all the time is slowed down by Microsoft.',
  instead: 'Poll every two to ten seconds, and longer the longer it takes.',
  watch: () => {
    const polls = new BoundedMap<number[]>();
    return {
      'call-ended': ({ route, subscriptionId, operationId, beganAtMs, requestId }) => {
        if (route !== 'getOperation' || !operationId) return undefined;
        const recent = [...(polls.get(operationId) ?? []), beganAtMs].filter((atMs) => beganAtMs - atMs <= limits.pollsMs);
        const isSustained = recent.length >= limits.polls;
        polls.set(operationId, isSustained ? [] : recent);
        if (!isSustained) return undefined;
        const seconds = ((beganAtMs - (recent[0] as number)) / 1_000).toFixed(1);
        return {
          subject: operationId,
          done: `The operation was asked for ${recent.length} times within ${seconds} s.`,
          subscriptionId,
          operationId,
          requestId,
        };
      },
    };
  },
};

interface Wait {
  endedAtMs: number;
  untilMs: number;
  forMs: number;
  ignored: number;
}

export const retryAfterIgnored: Rule = {
  id: 'retry-after-ignored',
  section: '3.1.3',
  severity: 'advice',
  title: 'Retry-After not waited for',
  asks: 'Wait as long as Retry-After says after a 429 or 503.',
  leadsTo: 'Microsoft refuses the next call as well, and the wait gets longer.',
  instead: 'Keep the time until which nothing is to be sent, and add some jitter to it.',
  watch: () => {
    const waits = new BoundedMap<Wait>();
    return {
      'call-ended': ({ method, path, status, retryAfterMs, beganAtMs, endedAtMs, subscriptionId, operationId, requestId }) => {
        const call = `${method} ${path}`;
        const before = waits.get(call);
        if (before && beganAtMs < before.endedAtMs) return undefined; // on its way already
        const isIgnored = before !== undefined && beganAtMs < before.untilMs - before.forMs * limits.retryAfterTolerance;
        const ignored = isIgnored ? before.ignored + 1 : 0;
        if (status === 429 || status === 503) {
          const forMs = retryAfterMs ?? 0;
          waits.set(call, { endedAtMs, untilMs: endedAtMs + forMs, forMs, ignored });
        } else waits.delete(call);
        if (ignored < limits.retryAfterIgnored) return undefined; // another process of the publisher's may not know of the wait
        return {
          subject: call,
          done: `${call} came ${ignored} times before the time that Retry-After had named was over.`,
          subscriptionId,
          operationId,
          requestId,
        };
      },
    };
  },
};
