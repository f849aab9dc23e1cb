import { limits } from '../../../limits';
import { acknowledgeable } from '../../../operation/operation';
import { membersOf } from '../../../metering/usage/usage.reading';
import type { CallEnded } from '../../fact';
import { BoundedMap } from '../../bounded.map';
import type { Found, Rule } from '../../rule';

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
    'call-ended': (fact) => {
      const operation = decided(fact);
      if (!operation || !fact.before?.answerWaits || Date.parse(operation.timeStamp) < sinceMs) return undefined;
      return about(fact, operation.id, `The ${operation.action} was PATCHed while the answer to its webhook was still missing.`);
    },
  }),
};

export const unknownWord: Rule = {
  id: 'unknown-word',
  section: '3.10',
  severity: 'breach',
  title: 'PATCH of an operation with another word than Success or Failure',
  asks: 'PATCH an operation with the status Success or Failure.',
  leadsTo: 'Microsoft answers 200 and ignores it: a refusal becomes an acceptance after ten seconds.',
  instead: 'Send {"status": "Success"} or {"status": "Failure"}; Succeeded and Failed are the words of the answers.',
  watch: () => ({
    'call-ended': (fact) => {
      const operation = decided(fact);
      const { status } = membersOf(fact.body);
      if (!operation || status === 'Success' || status === 'Failure') return undefined;
      const word = typeof status === 'string' ? `the status ${status.slice(0, 50)}` : 'no status';
      return about(fact, operation.id, `The ${operation.action} was PATCHed with ${word}.`);
    },
  }),
};

export const lateVeto: Rule = {
  id: 'late-veto',
  section: '4.5',
  severity: 'breach',
  title: 'Change refused by PATCH after the ten seconds',
  asks: 'Refuse a change within ten seconds of its webhook.',
  leadsTo: 'Microsoft has accepted the change by itself: the customer has it and pays for it, and the publisher believes that it has not.',
  instead: 'Answer the webhook 400, or PATCH Failure at once; and after a 409 read the subscription and give the customer what it says.',
  watch: () => {
    const sentAtMs = new BoundedMap<number>();
    return {
      'delivery-began': ({ operationId, beganAtMs }) => {
        if (!sentAtMs.has(operationId)) sentAtMs.set(operationId, beganAtMs);
      },
      'call-ended': (fact) => {
        const operation = decided(fact);
        const sentMs = sentAtMs.get(fact.operationId ?? '');
        if (!operation || operation.settledBy !== 'ten-seconds' || membersOf(fact.body)['status'] !== 'Failure') return undefined;
        // The clock may have been moved over the ten seconds, and the publisher had none of them.
        if (sentMs === undefined || fact.beganAtMs - sentMs < limits.vetoMs) return undefined;
        const seconds = ((fact.beganAtMs - sentMs) / 1_000).toFixed(1);
        return about(fact, operation.id, `The ${operation.action} was refused by PATCH ${seconds} s after its webhook.`);
      },
    };
  },
};

export const patchAfterConflict: Rule = {
  id: 'patch-after-conflict',
  section: '3.1.3, 8 (18)',
  severity: 'breach',
  title: 'PATCH of an operation repeated after 409',
  asks: 'Stop after a 409, and read operation and subscription again.',
  leadsTo: 'The operation is settled, and no repetition changes that.',
  instead: 'Take 409 as settled, read what the subscription has become, and go on from there.',
  watch: () => {
    const conflicts = new BoundedMap<{ times: number; endedAtMs: number }>();
    return {
      'call-ended': (fact) => {
        const operation = decided(fact);
        if (!operation || fact.status !== 409 || fact.faultId) return undefined;
        const before = conflicts.get(operation.id);
        if (before && fact.beganAtMs < before.endedAtMs) return undefined; // on its way already when the other one was answered
        const times = (before?.times ?? 0) + 1;
        conflicts.set(operation.id, { times, endedAtMs: fact.endedAtMs });
        if (times < limits.conflicts) return undefined;
        return about(fact, operation.id, `The ${operation.action} was PATCHed ${times} times, each time answered 409.`);
      },
    };
  },
};

export const patchOfNews: Rule = {
  id: 'patch-of-news',
  section: '3.10, 4.2',
  severity: 'advice',
  title: 'PATCH of an operation that asks nothing',
  asks: 'PATCH operations that wait for an answer alone: ChangePlan, ChangeQuantity and Reinstate.',
  leadsTo:
    'Renew, Suspend, Unsubscribe and Subscribe have happened before they are told: the PATCH is answered by an error and changes nothing.',
  instead: 'Answer the webhook 200, and leave the PATCH out.',
  watch: () => ({
    'call-ended': (fact) => {
      const operation = decided(fact);
      if (!operation || acknowledgeable.has(operation.action)) return undefined;
      return about(fact, operation.id, `The ${operation.action}, which has happened already, was PATCHed.`);
    },
  }),
};

function decided({ route, before }: CallEnded) {
  return route === 'updateOperation' ? before?.operation : undefined;
}

function about({ before, requestId }: CallEnded, operationId: string, done: string): Found {
  return { subject: operationId, done, subscriptionId: before?.operation?.subscriptionId, operationId, requestId };
}
