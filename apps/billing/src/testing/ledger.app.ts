import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  planRead,
  reportUsage,
  subscriptionActivated,
  subscriptionPlanChanged,
  subscriptionSuspended,
  subscriptionUnsubscribed,
  usageAnswered,
  type Catalog,
  type DataOf,
  type Message,
  type UsageResult,
} from '@landfall/contracts';
import { ReadMarks } from '@landfall/messaging';
import { aMessage, aSnapshot, testApp, type TestCopy } from '@landfall/testing';
import { AppModule } from '../app.module';
import { HOUR_MS, hourOf, isoOf } from '../ledger/hours';
import { migrations, schema } from '../migrations';
import { LedgerRounds } from '../rounds/ledger.rounds';

type State = DataOf<typeof subscriptionActivated>;
type Report = DataOf<typeof reportUsage>;

const { publisherId, offerId } = aSnapshot();
const plan = { activation: 'on-confirm', meters: { emails: { dimension: 'email' } } } as const;
const catalog: Catalog = {
  publishers: { [publisherId]: { offers: { [offerId]: { displayName: 'Reach', plans: { silver: plan, gold: plan } } } } },
};

function catalogFile(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'catalog-')), 'catalog.yaml');
  writeFileSync(path, JSON.stringify(catalog)); // which is YAML as well
  return path;
}

/** The billing service in a spec: time passes as it says, records lie in its tables, and Microsoft's answers are messages of fulfillment. */
export function ledgerApp() {
  const app = testApp(AppModule, {
    ...{ schema, migrations },
    env: { USAGE_COUNT_INTERVAL: 'PT1H', USAGE_COMPARISON_INTERVAL: 'PT1H', CATALOG_FILE: catalogFile() },
    overrides: [[ReadMarks, { readUntil: () => Promise.resolve(Infinity) }]],
  });
  const now = () => app.clock.now().getTime();

  /** A subscription that has been active for two days, in its term for as long, and what its plans include: 1,000 a month at 0.003 each. */
  async function subscribed({ arePlansRead = true } = {}) {
    const subscriptionId = randomUUID();
    const day = (days: number) => new Date(now() + days * 86_400_000).toISOString().slice(0, 10);
    const term = { termUnit: 'P1M', startDate: day(-2), endDate: day(27), chargeDuration: null };
    let version = 0;
    const state = (differing: Partial<State> = {}): State => ({
      ...aSnapshot({ subscriptionId, planId: 'silver', quantity: null, term, status: 'Subscribed' }),
      ...({ stage: 'done', access: 'full', imported: false, cause: { source: 'webhook' } } as const),
      ...{ current: { planId: 'silver', quantity: null, status: 'Subscribed' }, effectiveAt: null, observedAt: isoOf(now()) },
      ...differing,
      version: (version += 1),
    });
    const previous = { planId: 'silver', quantity: null, status: 'Subscribed' } as const;
    const tell = (draft: Parameters<typeof aMessage>[0]) => app.deliver(aMessage(draft));
    await tell(subscriptionActivated(state({ effectiveAt: isoOf(now() - 48 * HOUR_MS) }), { sequence: 1 }));
    const plansRead = async () => {
      for (const planId of ['silver', 'gold']) {
        const dimensions = [{ dimension: 'email', pricePerUnit: '0.003', currency: 'USD', unitOfMeasure: 'email' }];
        const terms = [{ termUnit: 'P1M', included: [{ dimension: 'email', units: '1000' }] }];
        await tell(planRead({ subscriptionId, planId, isListed: true, dimensions, terms, date: isoOf(now()) }));
      }
    };
    if (arePlansRead) await plansRead();
    return {
      ...{ subscriptionId, plansRead },
      /** Something says so. */
      isLookedAt: () => app.query(`update billing.subscriptions set look_at = 'epoch' where id = $1`, [subscriptionId]),
      /** In the hour before the present one, so many hours ago. */
      used: (quantity: string, hoursAgo = 1, at = 30 * 60_000) => record(subscriptionId, hourOf(now()) - hoursAgo * HOUR_MS + at, quantity),
      suspended: () =>
        tell(
          subscriptionSuspended(
            { ...state({ status: 'Suspended', effectiveAt: isoOf(now()) }), previous, graceEndsAt: isoOf(now()) },
            { sequence: 2 },
          ),
        ),
      movesTo: (planId: string, at: number) =>
        tell(subscriptionPlanChanged({ ...state({ planId, effectiveAt: isoOf(at) }), previous }, { sequence: 2 })),
      ends: (at: number) =>
        tell(
          subscriptionUnsubscribed(
            { ...state({ status: 'Unsubscribed', effectiveAt: isoOf(at) }), previous, retainedUntil: isoOf(at) },
            { sequence: 2 },
          ),
        ),
      hours: () =>
        app.query(`select hour, plan_id as plan, quantity::text, state from billing.hours where subscription_id = $1 order by hour`, [
          subscriptionId,
        ]),
    };
  }

  async function record(subscriptionId: string, at: number, quantity: string): Promise<void> {
    const [id, hour] = [randomUUID(), isoOf(hourOf(at))];
    await app.query(
      `insert into billing.usage (source, id, subscription_id, meter, used_at, quantity) values ('spec', $1, $2, 'emails', $3, $4)`,
      [id, subscriptionId, isoOf(at), quantity],
    );
    await app.query(
      `insert into billing.buckets as b (subscription_id, meter, hour, quantity, records, is_dirty) values ($1, 'emails', $2, $3, 1, true)
       on conflict (subscription_id, meter, hour) do update set (quantity, records, is_dirty) = (b.quantity + excluded.quantity, b.records + 1, true)`,
      [subscriptionId, hour, quantity],
    );
  }

  async function round(readUntil = Infinity, copy: Pick<TestCopy, 'get'> = app): Promise<void> {
    await copy.get(LedgerRounds).handOver(readUntil);
    await copy.get(LedgerRounds).countNew();
  }

  const reports = (sent: readonly Message[]): Report[] =>
    sent.filter(({ type }) => type === reportUsage.type).map(({ data }) => data as Report);

  /** Goes on until the grace of the present hour is over. */
  const toGrace = () => app.clock.advance(hourOf(now()) + HOUR_MS + 16 * 60_000 - now());

  /** What is handed over then. */
  async function handedOver(): Promise<Report[]> {
    toGrace();
    await round();
    return reports(await app.sent());
  }

  /** Microsoft answers all events of a batch alike. */
  const answer = ({ batchId, publisherId: publisher, events }: Report, result: Partial<UsageResult>) =>
    app.deliver(
      aMessage(
        usageAnswered({
          ...{ batchId, publisherId: publisher, registration: 'default', requestId: null, reportedAt: isoOf(now()) },
          results: events.map((event) => ({
            ...{
              ...event,
              status: 'Accepted',
              unanswered: 0,
              usageEventId: randomUUID(),
              stored: null,
              messageTime: null,
              code: null,
              reason: null,
            },
            ...result,
          })),
        }),
      ),
    );

  return { app, now, subscribed, round, toGrace, handedOver, answer, reports };
}
