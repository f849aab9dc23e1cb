import { randomUUID } from 'node:crypto';
import { run, UnitOfWork } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import { orderRead, outcomeOf } from '../subscription/subscription';
import { SubscriptionRepository } from '../subscription/subscription.repository';

/** Subscriptions of one round; the others wait for the next. */
const SUBSCRIPTIONS = 100;

/**
 * Asks how Microsoft shows what has ended in the record, where a sweep found it alive and nobody has looked since. When it ends there too, a sweep finds both alike
 * in the list and reads neither, so its drift would stay for ever.
 */
@Injectable()
export class DriftReads {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: SubscriptionRepository,
  ) {}

  /** Orders reads about drifts that were not seen for so long, once in that time; the answer ends them, or sees them again. */
  async order(unseenMs: number): Promise<void> {
    await this.unitOfWork.inTransaction(async (tx, append) => {
      const rows = await run<{ id: string }>(tx, unseen, [unseenMs / 1_000]);
      const ids = rows.map(({ id }) => id);
      if (ids.length === 0) return;
      const known = [...(await this.subscriptions.lock(tx, ids)).values()];
      for (const change of known) {
        const outcome = outcomeOf(orderRead(change, { afterMs: 0, members: ['status'], closes: [] }));
        if (outcome.kind !== 'changed') continue;
        append(outcome.effects, { id: randomUUID() });
        await this.subscriptions.save(tx, [outcome.state]);
      }
      await run(tx, asked, [ids]);
    });
  }
}

const unseen = `
  select subscription_id as id from subscription.drifts
   where state = 'open' and kept_reason = 'absorbed' and seen_at < now() - make_interval(secs => $1) limit ${SUBSCRIPTIONS}`;

const asked = `
  update subscription.drifts set seen_at = now() where subscription_id = any($1::uuid[]) and state = 'open' and kept_reason = 'absorbed'`;
