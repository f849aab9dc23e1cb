import { subscriptionSnapshot, type Cause } from '@landfall/contracts';
import { instantColumn, type RebuildPage, run, type Transaction } from '@landfall/messaging';
import { BadRequestException } from '@nestjs/common';
import { z } from 'zod';
import { publicStateOf, type Subscription } from './subscription';
import { subscriptionColumns } from './subscription.repository';

type LastChange = Subscription & {
  readonly lastCause: Cause;
  readonly effectiveAt: string | null;
  readonly effectiveBetween: { readonly from: string; readonly to: string } | null;
  readonly observedAt: string;
};

/**
 * The snapshots of some subscriptions, as their rows and the last rows of their histories say them: with the sequence, the cause and the dates of the last
 * event. Locks the rows.
 * @throws BadRequestException where `after` is no id of a subscription
 */
export async function rebuildSnapshots(tx: Transaction, after: string | null, limit: number): Promise<RebuildPage> {
  if (after !== null && !z.guid().safeParse(after).success) throw new BadRequestException('`after` is no `after.next` of an act before');
  const rows = await run<LastChange>(
    tx,
    `select ${subscriptionColumns}, t.cause as "lastCause", ${instantColumn('t.effective_at')} as "effectiveAt",
            t.effective_between as "effectiveBetween", ${instantColumn('t.observed_at')} as "observedAt"
       from subscription.subscriptions s join subscription.transitions t on t.subscription_id = s.id and t.sequence = s.sequence
      where $1::uuid is null or s.id > $1 order by s.id limit $2 for update of s`,
    [after, limit],
  );
  const messages = rows.map(({ lastCause, effectiveAt, effectiveBetween, observedAt, ...subscription }) => {
    const cause = { ...lastCause, effectiveAt, effectiveBetween: effectiveBetween ?? undefined, observedAt };
    return subscriptionSnapshot(publicStateOf(subscription, cause), { sequence: subscription.sequence });
  });
  return { messages, next: rows.length < limit ? null : rows.at(-1)!.id };
}
