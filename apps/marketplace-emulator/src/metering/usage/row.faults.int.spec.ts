import { Publisher } from '../../testing/publisher';
import { advance, businessNow, dayMs, microsoftsWaits } from '../../testing/timeline';

let publisher: Publisher;
let offerId: string;

beforeAll(async () => {
  publisher = await Publisher.start({ settings: microsoftsWaits });
  offerId = publisher.emulator.meteredOfferId ?? '';
});

beforeEach(async () => {
  await publisher.control('POST', '/reset');
});

afterAll(() => publisher.stop());

const dayOf = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);

/** A subscription that has used something on each of so many days. */
async function used(days: number, dimensions = ['emails']): Promise<string> {
  const id = await publisher.subscribe({ offerId });
  for (let day = 0; day < days; day++) {
    const nowMs = await businessNow(publisher);
    for (const dimension of dimensions) {
      const event = { resourceId: id, quantity: 5, dimension, planId: 'base', effectiveStartTime: new Date(nowMs).toISOString() };
      expect((await publisher.api('POST', '/usageEvent', event)).status).toBe(200);
    }
    await advance(publisher, `${dayOf(nowMs + dayMs)}T12:00:00Z`);
  }
  return id;
}

/** So many rows that, whatever the days are, some of them are drawn and some are not. */
const manyRows = () => used(14, ['emails', 'texts']);

async function readBack(): Promise<{ usageDate: string; reconStatus: string; processedQuantity: number }[]> {
  const from = dayOf((await businessNow(publisher)) - 30 * dayMs);
  return (await publisher.api('GET', `/usageEvents?usageStartDate=${from}`)).body;
}

const onRead = (effect: object, when: object = {}) => publisher.fault({ on: { route: 'getUsageEvents' }, when, do: effect });

describe('rows that are missing', () => {
  it('come so long after the end of their day', async () => {
    await onRead({ effect: 'missingRows', for: 'P2D' });
    await used(1);
    await advance(publisher, 'P1D');
    expect(await readBack()).toEqual([]);
    await advance(publisher, 'PT12H1M');
    expect(await readBack()).toMatchObject([{ reconStatus: 'Accepted', processedQuantity: 5 }]);
  });

  it('never come where no time is said, and are the same ones in each reading', async () => {
    await manyRows();
    const all = await readBack();
    await onRead({ effect: 'missingRows', chance: 0.5 }, { seed: 3 });
    const some = await readBack();
    expect(some.length).toBeGreaterThan(0);
    expect(some.length).toBeLessThan(all.length);
    await advance(publisher, 'P3D');
    expect((await readBack()).map(({ usageDate }) => usageDate)).toEqual(some.map(({ usageDate }) => usageDate));
  });

  it('can be one day of one subscription, by the control API', async () => {
    const [one, other] = [await used(1), await used(1)];
    const [{ usageDate } = { usageDate: '' }] = await readBack();
    await publisher.control('POST', '/reconciliations', { subscriptionId: one, usageDate: usageDate.slice(0, 10), reconStatus: 'Missing' });
    expect(await readBack()).toMatchObject([{ usageResourceId: other }]);
    expect((await publisher.control('GET', `/subscriptions/${one}/invoice`)).body.terms[0].usage).toMatchObject([{ amount: 0.05 }]);
  });
});

describe('rows that are misread', () => {
  it.each([
    ['Rejected', 0],
    ['Mismatch', 2.5],
    ['Submitted', 0],
  ])('are Submitted at first, and then %s', async (as, processedQuantity) => {
    await onRead({ effect: 'misreadRows', as });
    const id = await publisher.subscribe({ offerId });
    const effectiveStartTime = new Date(await businessNow(publisher)).toISOString();
    await publisher.api('POST', '/usageEvent', { resourceId: id, quantity: 5, dimension: 'emails', planId: 'base', effectiveStartTime });
    expect(await readBack()).toMatchObject([{ reconStatus: 'Submitted', processedQuantity: 0 }]);
    await advance(publisher, 'P2D');
    expect(await readBack()).toMatchObject([{ reconStatus: as, processedQuantity, submittedQuantity: 5 }]);
  });

  it('are drawn once and for all', async () => {
    await manyRows();
    await advance(publisher, 'P2D');
    await onRead({ effect: 'misreadRows', as: 'Rejected', chance: 0.5 }, { seed: 3 });
    const first = await readBack();
    expect(new Set(first.map(({ reconStatus }) => reconStatus))).toEqual(new Set(['Rejected', 'Accepted']));
    expect(await readBack()).toEqual(first);
  });
});

it('happens to nothing else than usage that is read back', async () => {
  const { status, body } = await publisher.control('POST', '/faults', { on: { route: 'getSubscription' }, do: { effect: 'missingRows' } });
  expect({ status, error: body.error }).toEqual({ status: 400, error: expect.stringContaining('only to getUsageEvents') });
});
