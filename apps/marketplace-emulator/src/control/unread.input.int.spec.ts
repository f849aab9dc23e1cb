import { randomUUID } from 'node:crypto';
import { CompositionRoot } from '../composition.root';
import { Addresses } from '../identity/addresses';
import { SigningKeys, type StoredKey } from '../identity/token/signing.keys';
import { createServer } from '../server';
import { DocumentStore } from '../state/document.store';
import { noJournal } from '../state/journal';
import { Publisher } from '../testing/publisher';

let publisher: Publisher;

beforeAll(async () => {
  publisher = await Publisher.start();
});

afterAll(() => publisher.stop());

/** Every call of the control API, as it was registered. */
async function calls(): Promise<[method: string, path: string][]> {
  const found: [string, string][] = [];
  const onError = (error: unknown) => {
    throw error;
  };
  const store = new DocumentStore(noJournal);
  const server = createServer(onError).addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat())
      if (url.startsWith('/control/') && each !== 'HEAD') found.push([each, url.slice('/control'.length)]);
  });
  const keys = await SigningKeys.open(store.collection<StoredKey>('key'));
  await new CompositionRoot(store, new Addresses(() => 0), keys, {}, {}, onError).register(server);
  return found;
}

it('refuses what no call reads, in the body and behind the question mark, and does nothing', async () => {
  const id = await publisher.subscribe();
  const { operationId } = (await publisher.control('POST', `/subscriptions/${id}/suspend`)).body;
  await publisher.control('POST', '/snapshots', { name: 'kept' });
  await publisher.webhooks(1);
  const [{ id: deliveryId }] = (await publisher.control('GET', '/deliveries')).body.deliveries;
  const before = await publisher.truth(id);
  const values: Record<string, string> = {
    subscriptionId: id,
    operationId,
    id: deliveryId,
    offerId: 'contoso-team',
    planId: 'silver',
    name: 'kept',
    clientId: publisher.emulator.clientId,
    credentialId: randomUUID(),
  };
  const all = await calls();
  expect(all.length).toBeGreaterThan(60);
  const takingNoBody: string[] = [];
  for (const [method, pattern] of all) {
    const path = pattern.replace(/:(\w+)/g, (_, name: string) => values[name] as string);
    const byQuery = await publisher.control(method, `${path}?unheardOf=1`);
    const isReadingQuery = method === 'GET' && /^\/(subscriptions|deliveries|calls|webhooks|people|breaches|usage-events)$/.test(pattern);
    expect([method, pattern, byQuery.status, byQuery.body.error]).toEqual([method, pattern, 400, expect.stringContaining('unheardOf')]);
    expect(isReadingQuery).toBe(!String(byQuery.body.error).includes('takes no parameters'));
    if (method === 'GET') continue; // has no body
    const byBody = await publisher.control(method, path, { unheardOf: 1 });
    expect([method, pattern, byBody.status, JSON.stringify(byBody.body)]).toEqual([
      method,
      pattern,
      400,
      expect.stringContaining('unheardOf'),
    ]);
    if (method !== 'DELETE' && String(byBody.body.error).includes('takes no body')) takingNoBody.push(`${method} ${pattern}`);
  }
  // A new call belongs here or to those in unread.input.ts
  expect(takingNoBody.sort()).toEqual([
    'POST /fixtures/:name',
    'POST /reset',
    'POST /snapshots/:name/restore',
    'POST /subscriptions/:subscriptionId/landing-links',
    'POST /subscriptions/:subscriptionId/start',
    'POST /traps/links',
  ]);
  expect(await publisher.truth(id)).toEqual(before);
});

it('wipes nothing by a reset that is asked to keep something', async () => {
  const id = await publisher.subscribe();
  expect(await publisher.control('POST', '/reset', { keepOffers: true })).toMatchObject({
    status: 400,
    body: { problems: [{ field: 'keepOffers' }] },
  });
  expect((await publisher.truth(id)).id).toBe(id);
  expect((await publisher.control('POST', '/reset', {})).status).toBe(200);
});
