import { randomUUID } from 'node:crypto';
import { manyMore } from '@landfall/testing';
import { HOUR_MS, hourOf, isoOf } from '../ledger/hours';
import { ledgerApp } from '../testing/ledger.app';
import { hourView, includedView, type HourView, type IncludedView, type UsedView } from './ledger.view';

const { app, now, subscribed, round, handedOver, answer } = ledgerApp();

const get = async (url: string) => app.http({ url, headers: { authorization: await app.bearer('landfall.read') } });
const exported = async (query: string) =>
  (await get(`/usage/export?${query}`)).body.split('\n').flatMap((line) => (line ? [JSON.parse(line) as HourView] : []));

it('shows what was used by hour, day and term, with what can never be reported and what is not counted so far', async () => {
  const { subscriptionId, used, suspended } = await subscribed();
  const hour = hourOf(now());
  await used('600.50', 2);
  await used('700', 1);
  await suspended();
  await used('40', 0, 59 * 60_000);
  await round();
  await used('7', 1); // not counted so far
  const range = `from=${isoOf(hour - 5 * HOUR_MS)}&to=${isoOf(hour + HOUR_MS)}`;
  const by = async (step: string) =>
    (await get(`/subscriptions/${subscriptionId}/usage?${range}&by=${step}`)).json<{ items: UsedView[] }>().items;
  const none = { meter: 'emails', notReportable: {}, unrated: '0' };
  const instant = (at: number) => new Date(at).toISOString();
  expect(await by('hour')).toEqual([
    { ...none, planId: null, begin: instant(hour - HOUR_MS), used: '0', unrated: '7' },
    { ...none, planId: 'silver', begin: instant(hour - 2 * HOUR_MS), used: '600.5' },
    { ...none, planId: 'silver', begin: instant(hour - HOUR_MS), used: '700' },
    { ...none, planId: 'silver', begin: instant(hour), used: '0', notReportable: { suspended: '40' } },
  ]);
  const term = await by('term');
  expect(term).toContainEqual({ ...none, planId: 'silver', begin: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string, used: '1300.5' });
  expect((await by('day')).reduce((sum, { used: quantity }) => sum + Number(quantity), 0)).toBe(1300.5);
});

it('shows what is included, used and left, also of what was not used so far; null where nobody knows it', async () => {
  const { subscriptionId, used } = await subscribed();
  const included = async (id = subscriptionId) =>
    includedView
      .strict()
      .array()
      .parse((await get(`/subscriptions/${id}/included-quantities`)).json<IncludedView[]>());
  expect(await included()).toMatchObject([
    { planId: 'silver', meter: 'emails', isCurrent: true, used: '0', included: '1000', remaining: '1000' },
  ]);
  await used('1300');
  await round();
  const [silver] = await included();
  expect(silver).toMatchObject({ used: '1300', included: '1000', remaining: '0', term: { termUnit: 'P1M' } });
  expect(silver!.resetsAt).toBe(new Date(Date.parse(silver!.term.endDate) + 24 * HOUR_MS).toISOString().replace('.000Z', 'Z'));
  const unread = await subscribed({ arePlansRead: false });
  await unread.used('5');
  await round();
  expect(await included(unread.subscriptionId)).toMatchObject([{ used: '5', included: null, remaining: null }]);
});

it.each(['usage?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z', 'included-quantities'])(
  'answers 404 for a subscription that nobody told of: %s',
  async (path) => {
    expect((await get(`/subscriptions/${randomUUID()}/${path}`)).statusCode).toBe(404);
  },
);

it.each([
  ['usage?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z&by=hour', 'The range is too long'],
  ['usage?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'must be before'],
  ['usage?from=yesterday&to=2026-01-01T00:00:00Z', 'from'],
])('refuses a range that is none: %s', async (path, reason) => {
  const { statusCode, body } = await get(`/subscriptions/${randomUUID()}/${path}`);
  expect([statusCode, body]).toEqual([400, expect.stringContaining(reason)]);
});

it('exports each hour with its state, what it costs, and all that Microsoft answered', async () => {
  const { subscriptionId, used } = await subscribed();
  await used('1300.7', 0);
  for (const report of await handedOver()) await answer(report, { status: 'Accepted' });
  const lines = (await exported(`from=${isoOf(now() - 5 * HOUR_MS)}`)).filter((line) => line.subscriptionId === subscriptionId);
  expect(lines.map((line) => hourView.strict().parse(line))).toMatchObject([
    {
      ...{
        planId: 'silver',
        meter: 'emails',
        dimension: 'email',
        quantity: '300',
        state: 'accepted',
        pricePerUnit: '0.003',
        currency: 'USD',
        amount: '0.90',
      },
      ...{ usageEventId: expect.any(String) as string, answers: [{ status: 'Accepted' }], terms: [{ quantity: '300' }] },
    },
  ]);
  expect(await exported(`from=${isoOf(now() + HOUR_MS)}`)).toEqual([]);
});

it('exports many hours in the order of their keys, each once', async () => {
  const { used } = await subscribed();
  await used('1300', 0);
  await handedOver();
  await manyMore(app, 'billing.hours', { hour: `date_trunc('hour', now()) - interval '1 year' - make_interval(hours => n)` });
  const lines = await exported('from=2020-01-01T00:00:00Z');
  const [{ count }] = (await app.query<{ count: number }>('select count(*)::int as count from billing.hours')) as [{ count: number }];
  const keys = lines.map((line) => `${line.subscriptionId} ${line.dimension} ${line.hour}`);
  expect([new Set(keys).size, keys.length]).toEqual([count, count]);
  expect(keys).toEqual(keys.toSorted());
});
