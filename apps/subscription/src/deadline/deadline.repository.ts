import { run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';

@Injectable()
export class DeadlineRepository {
  /** Subscriptions about which something is due, the longest waiting first; locked, and without those that another copy or a message is working on. */
  async lockDue(tx: Transaction, now: Date, limit: number): Promise<string[]> {
    const rows = await run<{ id: string }>(
      tx,
      `select id from subscription.subscriptions where next_milestone_at <= $1::timestamptz order by next_milestone_at, id limit $2 for update skip locked`,
      [now.toISOString(), limit],
    );
    return rows.map(({ id }) => id);
  }
}
