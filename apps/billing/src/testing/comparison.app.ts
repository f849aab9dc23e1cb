import { randomUUID } from 'node:crypto';
import { readUsage, usageRead, type DataOf, type Message } from '@landfall/contracts';
import { aMessage, aSnapshot } from '@landfall/testing';
import { DAY_MS, HOUR_MS, hourOf, isoOf } from '../ledger/hours';
import { UsageComparison } from '../reconciliation/usage.comparison';
import { ledgerApp } from './ledger.app';

export type ListedRow = DataOf<typeof usageRead>['rows'][number];
type Asked = DataOf<typeof readUsage>;

/** A ledger beside Microsoft's lists, which fulfillment tells as the spec says. */
export function comparisonApp() {
  const ledger = ledgerApp();
  const { app, now, answer } = ledger;
  const { publisherId } = aSnapshot();

  const askedIn = (sent: readonly Message[]): Asked[] =>
    sent.filter(({ type }) => type === readUsage.type).map(({ data }) => data as Asked);

  /** The next day begins, and this is asked for. */
  async function nextRun(copies: readonly Pick<typeof app, 'get'>[] = [app]): Promise<Asked[]> {
    app.clock.advance(Math.ceil((now() + 1) / DAY_MS) * DAY_MS + 4 * HOUR_MS - now());
    await Promise.all(copies.map((copy) => copy.get(UsageComparison).begin()));
    return askedIn(await app.sent());
  }

  const part = ({ readId, day }: Asked, rows: readonly ListedRow[], which: { part?: number; isLast?: boolean; date?: string } = {}) =>
    app.deliver(
      aMessage(usageRead({ readId, publisherId, day, part: 1, isLast: true, date: isoOf(now()), ...which, rows: [...rows] }), {
        id: randomUUID(),
      }),
    );

  async function compare(limit?: number): Promise<void> {
    while (await app.get(UsageComparison).comparePage(limit));
  }

  /** Days pass until the list of this one is asked for, so many runs later; this is what it shows then. */
  async function listed(day: string, rows: readonly ListedRow[], runs = 1): Promise<void> {
    let asked: Asked[] = [];
    for (let run = 0; run < runs; run += 1) asked = await nextRun();
    await part(
      asked.find((one) => one.day === day)!,
      rows,
    );
    await compare();
  }

  /** One subscription with an hour of 300 units that was answered so. */
  async function reportedHour(result: Parameters<typeof answer>[1] = { status: 'Accepted' }) {
    const subscription = await ledger.subscribed();
    await subscription.used('1300', 0);
    const hour = hourOf(now());
    const [report] = await ledger.handedOver();
    await answer(report!, result);
    await app.sent();
    const { subscriptionId } = subscription;
    const row = (differing: Partial<ListedRow> = {}): ListedRow => ({
      ...{ subscriptionId, dimension: 'email', planId: 'silver', reconStatus: 'Accepted' },
      ...{ submittedQuantity: '300', processedQuantity: '300', submittedCount: 1 },
      ...differing,
    });
    return { ...subscription, hour, day: new Date(hour).toISOString().slice(0, 10), row };
  }

  const differences = async (subscriptionId: string) =>
    app.query(`select kind, state, quantity::text from billing.usage_differences where subscription_id = $1 order by number`, [
      subscriptionId,
    ]);

  return { ...ledger, publisherId, nextRun, part, compare, listed, reportedHour, differences };
}
