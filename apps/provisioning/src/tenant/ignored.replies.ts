import type { Outcome } from '@landfall/messaging';
import { counter } from '@landfall/service-defaults';
import { Logger } from '@nestjs/common';
import { fitsNoRequest, reasonsToIgnore } from './reply.domain';

const ignoredReplies = counter('provisioning_ignored_replies_total', 'Answers of products that changed nothing, by reason', {
  reason: reasonsToIgnore,
});
const logger = new Logger('Replies');

interface Reply {
  readonly type: string;
  readonly id: string;
  readonly source: string;
  readonly data: { readonly subscriptionId: string; readonly requestId: string };
}

/**
 * Decides as before, and counts the answers of products that change nothing, by reason. A repeated one is as it should be; one that fits no request of ours is
 * warned of, since a customer may be waiting for what it was meant to say.
 */
export const noted =
  <State, M extends Reply>(decide: (state: State | undefined, message: M) => Outcome<State>) =>
  (state: State | undefined, message: M): Outcome<State> => {
    const outcome = decide(state, message);
    if (outcome.kind !== 'ignored') return outcome;
    const { reason } = outcome;
    ignoredReplies.inc({ reason });
    if (fitsNoRequest.has(reason)) logger.warn(fieldsOf(message, reason), 'a product answered what it was not asked: check its ids');
    return outcome;
  };

const fieldsOf = ({ type, id, source, data: { subscriptionId, requestId } }: Reply, reason: string) => ({
  ...{ type, messageId: id, source, subscriptionId, requestId, reason },
});
