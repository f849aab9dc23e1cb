import { register } from '@landfall/service-defaults';
import { manyMore, scraped } from '@landfall/testing';
import { HOUR_MS } from '../ledger/hours';
import { ledgerApp } from '../testing/ledger.app';

const { app, subscribed, handedOver, answer, round } = ledgerApp();

const metric = async (name: string) =>
  (await register.metrics())
    .split('\n')
    .filter((line) => line.startsWith(name))
    .map((line) => line.replace(name, ''));
const valueOf = async (name: string) => Number((await metric(`${name} `))[0]);

it('shows how long usage has been on its way, in which states hours are, and what is at risk in money', async () => {
  const { used } = await subscribed();
  await used('1300', 0);
  const [report] = await handedOver();
  expect(await metric('billing_open_hours')).toEqual([
    '{state="held"} 0',
    '{state="waiting"} 1',
    '{state="uncertain"} 0',
    '{state="returned"} 0',
  ]);
  const age = await valueOf('billing_oldest_unsent_seconds');
  expect(age).toBeGreaterThan(15 * 60);
  expect(age).toBeLessThan(2 * 3_600);
  expect(await metric('billing_money_at_risk{')).toEqual([]);
  app.clock.advance(20 * HOUR_MS);
  await round();
  expect(await metric('billing_money_at_risk{')).toEqual(['currency="USD"} 0.9']);
  await answer(report!, {});
  await round();
  expect(await metric('billing_money_at_risk{')).toEqual([]);
  expect(await valueOf('billing_oldest_unsent_seconds')).toBe(0);
});

it('reads as little for a scrape however many hours are reported, and however many ledgers there are', async () => {
  const { used } = await subscribed();
  await used('1300', 0);
  await answer((await handedOver())[0]!, {});
  await manyMore(app, 'billing.subscriptions', { id: 'gen_random_uuid()', look_at: 'null', is_unchecked: 'false' });
  await manyMore(app, 'billing.hours', { hour: `date_trunc('hour', now()) - make_interval(hours => n)` });
  for (const table of ['billing.hours', 'billing.subscriptions', 'billing.imbalances', 'billing.audit_runs']) {
    const asked = await scraped(app, table);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.map(({ pages, sql }) => pages < 20 || { pages, sql })).toEqual(asked.map(() => true));
  }
});
