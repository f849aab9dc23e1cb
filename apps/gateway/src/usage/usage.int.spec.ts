import { usageCounted, type DataOf } from '@landfall/contracts';
import { aMessage } from '@landfall/testing';
import { ada, Customers, subscriptionEvent } from '../testing/customer.fixture';
import { startGateway, type TestGateway } from '../testing/gateway.fixture';

let gateway: TestGateway;
let customers: Customers;

beforeAll(async () => {
  gateway = await startGateway();
  customers = new Customers(gateway);
}, 120_000);
afterAll(() => gateway.close());

const DAY_MS = 86_400_000;
const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

/** A customer whose subscription is active, and what billing tells of it. */
async function active() {
  const arrived = await customers.arrive(ada);
  const { subscriptionId, browser, path } = arrived;
  await gateway.deliver(
    subscriptionEvent('activated', subscriptionId, 4, { status: 'Subscribed', stage: 'done', access: 'full', planId: 'gold' }),
  );
  const counted = (sequence: number, usedInTerm: string, changes: Partial<DataOf<typeof usageCounted>> = {}, epoch = 0) => ({
    ...aMessage(
      usageCounted(
        {
          ...{
            subscriptionId,
            publisherId: 'contoso',
            offerId: 'contoso-saas',
            planId: 'gold',
            meter: 'report-pages',
            used: '1',
            usedInTerm,
          },
          ...{ hour: `${day(0)}T00:00:00Z`, term: { startDate: day(-3), endDate: day(26) }, included: '1000', remaining: '399.5' },
          ...{ resetsAt: `${day(27)}T00:00:00Z`, ...changes },
        },
        { sequence },
      ),
    ),
    epoch,
  });
  const rows = async () => {
    const { html } = await browser.get(path);
    return [...html.matchAll(/<tr role="row" data-testid="usage">(.*?)<\/tr>/gs)].map(([, row]) =>
      [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell!.replace(/<[^>]*>/g, '')),
    );
  };
  return { counted, rows, browser, path, subscriptionId };
}

const shownDay = (days: number) => new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(day(days)));

it('shows nothing where nothing was counted, and then what is used, included and left, and when it resets', async () => {
  const { counted, rows, browser, path } = await active();
  expect((await browser.get(path)).html).not.toContain('What you have used');
  await gateway.deliver(counted(1, '600.5'), counted(2, '12', { meter: 'seats', included: null, remaining: null }));
  expect(await rows()).toEqual([
    ['Report pages', '600.5', '1,000', '399.5', shownDay(27)],
    ['Seats', '12', 'No limit', 'No limit', shownDay(27)],
  ]);
  const { html } = await browser.get(path);
  expect(html).not.toContain('billed by Microsoft, by use');
  await gateway.deliver(counted(3, '1300', { remaining: '0' }));
  expect((await browser.get(path)).html).toContain('billed by Microsoft, by use');
});

it('is never set back by a count that is older, or that comes again, and follows corrections', async () => {
  const { counted, rows } = await active();
  const used = async () => (await rows())[0]![1];
  const [first, second, third] = [counted(1, '100'), counted(2, '700'), counted(3, '650')];
  await gateway.deliver(second);
  await gateway.deliver(first);
  expect(await used()).toBe('700');
  await gateway.deliver(third, { ...second, id: crypto.randomUUID() }, { ...first, id: crypto.randomUUID() });
  expect(await used()).toBe('650');
  await gateway.deliver({ ...third, id: crypto.randomUUID(), data: { ...third.data, usedInTerm: '1' } });
  expect(await used()).toBe('650');
});

it('follows billing after its database was restored, whose numbers begin anew', async () => {
  const { counted, rows } = await active();
  await gateway.deliver(counted(90, '700'));
  await gateway.deliver(counted(2, '500', {}, 1));
  await gateway.deliver(counted(91, '710'));
  expect((await rows())[0]![1]).toBe('500');
});

it('shows the present plan in its newest term alone, and nothing of a term that is over', async () => {
  const { counted, rows, subscriptionId } = await active();
  await gateway.deliver(counted(1, '5', { planId: 'silver' }));
  expect(await rows()).toEqual([]);
  const before = { term: { startDate: day(-33), endDate: day(-4) }, resetsAt: `${day(-3)}T00:00:00Z` };
  await gateway.deliver(counted(2, '900', before));
  expect(await rows()).toEqual([]);
  await gateway.deliver(counted(3, '7'), counted(4, '950', before));
  expect((await rows()).map(([, used]) => used)).toEqual(['7']);
  await gateway.deliver(
    subscriptionEvent('activated', subscriptionId, 5, { status: 'Unsubscribed', stage: 'done', access: 'ended', planId: 'gold' }),
  );
  expect(await rows()).toEqual([]);
});
