import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Publisher } from '../testing/publisher';
import { advance, afterTerm, businessNow, dayMs, microsoftsWaits, webhooksOf, termDate } from '../testing/timeline';

let folder: string;
const running: Publisher[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emulator-'));
});

afterEach(async () => {
  for (const publisher of running.splice(0)) await publisher.stop();
  rmSync(folder, { recursive: true });
});

async function start(dataDir: string, settings: object): Promise<Publisher> {
  const publisher = await Publisher.start({ dataDir: join(folder, dataDir), settings: { ...microsoftsWaits, ...settings } });
  running.push(publisher);
  return publisher;
}

/** What was on the disk at this moment, as after a SIGKILL, taken up when so many days of business time have gone by. */
async function afterACrash(days: number, settings: object = {}): Promise<Publisher> {
  cpSync(join(folder, 'before'), join(folder, 'after'), { recursive: true });
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(join(folder, 'after', 'emulator.sqlite'));
  const stored = database.prepare("select body from document where kind = 'clock'").get() as { body: string } | undefined;
  const offsetMs = (stored ? JSON.parse(stored.body).offsetMs : 0) + days * dayMs;
  database
    .prepare("insert into document (kind, id, body) values ('clock', 'clock', ?) on conflict (kind, id) do update set body = excluded.body")
    .run(JSON.stringify({ id: 'clock', offsetMs }));
  database.close();
  return start('after', settings);
}

it('happens after a restart as of its own time, and in the order in which it would have happened', async () => {
  const before = await start('before', {});
  const [paid, unpaid, never] = [await before.subscribe(), await before.subscribe(), await before.buy()];
  await before.control('PATCH', `/subscriptions/${unpaid}`, { nextPaymentFails: true });
  const renewedAt = afterTerm(await before.truth(paid));
  const endsAt = termDate(Date.parse((await before.truth(never)).created) + 30 * dayMs);

  const after = await afterACrash(100);
  const webhooks = await after.webhooks(6); // many at once, so in no order (contract 4.4)
  const renewals = webhooks.filter(({ body }) => body.subscriptionId === paid).map(({ body }) => body);
  renewals.sort((one, other) => one.timeStamp.localeCompare(other.timeStamp));
  expect((await after.truth(paid)).operations.map(({ id }: { id: string }) => id)).toEqual(renewals.map(({ id }) => id));
  expect(renewals.map(({ action }) => action)).toEqual(['Renew', 'Renew', 'Renew']);
  expect(renewals[0]).toMatchObject({ subscription: { term: { startDate: renewedAt } } });
  for (const [index, { timeStamp, subscription }] of renewals.entries()) {
    expect(timeStamp.replace('.0000000Z', 'Z')).toBe((subscription.term as { startDate: string }).startDate);
    const next = renewals[index + 1];
    if (next) expect((next.subscription.term as { startDate: string }).startDate).toBe(afterTerm(subscription as never));
  }
  const toldOfUnpaid = webhooksOf(after, unpaid).sort((one, other) => one.at.localeCompare(other.at));
  expect(toldOfUnpaid).toEqual([
    { action: 'Suspend', at: renewedAt },
    { action: 'Unsubscribe', at: termDate(Date.parse(renewedAt) + 30 * dayMs) },
  ]);
  expect(webhooksOf(after, never)).toEqual([{ action: 'Unsubscribe', at: endsAt }]);
  expect(Date.parse(afterTerm(await after.truth(paid)))).toBeGreaterThan(await businessNow(after));
});

it('goes on with an advance that the crash has cut off, where it was', async () => {
  const before = await start('before', { webhookTimeoutMs: 30_000 });
  const id = await before.subscribe();
  const target = termDate((await businessNow(before)) + 200 * dayMs);
  before.answer = () => (before.received.length < 3 ? 200 : 'hang');
  before.control('POST', '/clock/advance', { to: target }).catch(() => {}); // never answered: its emulator is stopped at the end
  await before.webhooks(3);

  const after = await afterACrash(0);
  await after.webhooks(1); // the one that was on its way
  await advance(after, target);
  const renewals = [...webhooksOf(before, id).slice(0, 2), ...webhooksOf(after, id)];
  expect(renewals.map(({ action }) => action)).toEqual(renewals.map(() => 'Renew'));
  expect(renewals.length).toBeGreaterThanOrEqual(6);
  const { term } = await after.truth(id);
  expect(renewals.at(-1)?.at).toBe(term.startDate);
  expect(new Set(renewals.map(({ at }) => at)).size).toBe(renewals.length); // each once
});

it('leaves a subscription alone whose deadline has moved meanwhile', async () => {
  const before = await start('before', {});
  const id = await before.subscribe({ termUnit: 'P1Y' });
  await before.control('POST', `/subscriptions/${id}/suspend`);
  const { body } = await before.control('POST', `/subscriptions/${id}/reinstate`);
  await before.webhooks(2);
  await advance(before, 'PT11S');
  await before.settled(id, body.operationId);
  const after = await afterACrash(60);
  await advance(after, 'P1D');
  expect((await after.truth(id)).saasSubscriptionStatus).toBe('Subscribed');
  expect(after.received).toEqual([]);
});
