import { Publisher } from '../../testing/publisher';

let publisher: Publisher;
const ids: string[] = [];

beforeAll(async () => {
  publisher = await Publisher.start({ settings: { listPageSizeMin: 4, listPageSizeMax: 4 } });
  for (let count = 0; count < 10; count++) ids.push(await publisher.buy());
});

afterEach(() => publisher.control('DELETE', '/faults'));
afterAll(() => publisher.stop());

/** The ids of all pages, as a client finds them that follows links until there are none. */
async function walk(maxPages = 20): Promise<string[][]> {
  const pages: string[][] = [];
  for (let link: string | undefined = '/saas/subscriptions'; link && pages.length < maxPages;) {
    const { body }: { body: { subscriptions: { id: string }[]; '@nextLink'?: string } } = await publisher.api('GET', link);
    pages.push(body.subscriptions.map(({ id }) => id));
    link = body['@nextLink'];
  }
  return pages;
}

it('gives the entries of a page in another order, the same one for the same seed', async () => {
  const shuffled = async (seed: number) => {
    await publisher.control('DELETE', '/faults');
    await publisher.fault({ when: { seed }, do: { effect: 'shufflePage' } });
    return walk();
  };
  const [once, again, otherwise] = [await shuffled(1), await shuffled(1), await shuffled(2)];
  expect(once).toEqual(again);
  expect(once).not.toEqual(otherwise);
  expect(once.map((page) => [...page].sort())).toEqual([ids.slice(0, 4), ids.slice(4, 8), ids.slice(8)].map((page) => [...page].sort()));
});

it('leads to a page once more, and then on', async () => {
  await publisher.fault({ when: { skip: 1, count: 1 }, do: { effect: 'repeatPage' } });
  expect(await walk()).toEqual([ids.slice(0, 4), ids.slice(4, 8), ids.slice(4, 8), ids.slice(8)]);
});

it('leads in a circle, without a count', async () => {
  await publisher.fault({ do: { effect: 'repeatPage' } });
  expect(await walk(5)).toEqual(Array(5).fill(ids.slice(0, 4)));
});
