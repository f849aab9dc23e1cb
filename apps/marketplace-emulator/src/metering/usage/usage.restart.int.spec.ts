import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Publisher } from '../../testing/publisher';

let folder: string;
const running: Publisher[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emulator-'));
});

afterEach(async () => {
  for (const publisher of running.splice(0)) await publisher.stop();
  rmSync(folder, { recursive: true });
});

async function start(dataDir: string): Promise<Publisher> {
  const publisher = await Publisher.start({ dataDir });
  running.push(publisher);
  return publisher;
}

it('keeps over a crash what was accepted, who held which plan, and what had been used before a cancellation', async () => {
  const before = await start(join(folder, 'data'));
  const [kept, cancelled] = [
    await before.subscribe({ offerId: before.emulator.meteredOfferId }),
    await before.subscribe({ offerId: before.emulator.meteredOfferId }),
  ];
  const event = { resourceId: kept, quantity: 0.1, dimension: 'emails', effectiveStartTime: new Date().toISOString(), planId: 'base' };
  const { body: accepted } = await before.api('POST', '/usageEvent', event);
  const { body: change } = await before.control('POST', `/subscriptions/${kept}/change-plan`, { planId: 'plus' });
  await before.settled(kept, change.operationId);
  await before.control('POST', `/subscriptions/${cancelled}/unsubscribe`);

  cpSync(join(folder, 'data'), join(folder, 'crashed'), { recursive: true }); // as after a SIGKILL: nothing was written in addition
  const after = await start(join(folder, 'crashed'));
  expect(await after.api('POST', '/usageEvent', { ...event, quantity: 9 })).toMatchObject({
    status: 409,
    body: { additionalInfo: { acceptedMessage: { ...accepted, status: 'Duplicate' } } },
  });
  expect((await after.api('POST', '/usageEvent', { ...event, dimension: 'texts' })).status).toBe(200);
  expect((await after.api('POST', '/usageEvent', { ...event, resourceId: cancelled })).status).toBe(200);
  expect(
    (
      await after.api('POST', '/usageEvent', {
        ...event,
        resourceId: cancelled,
        dimension: 'texts',
        effectiveStartTime: new Date().toISOString(),
      })
    ).status,
  ).toBe(400);
});
