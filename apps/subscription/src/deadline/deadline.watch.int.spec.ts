import { testApp } from '@landfall/testing';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { aRead, resolved } from '../testing/subscription.builders';

const app = testApp(AppModule, { schema, migrations, env: { DEADLINE_INTERVAL: 'PT1S' } });

it('looks by itself, as often as the setting says, and sees business time', async () => {
  const subscriptionId = randomUUID();
  const purchasedAt = app.clock.now().toISOString();
  await app.deliver(resolved(aRead(5, { subscriptionId, status: 'PendingFulfillmentStart', term: undefined, purchasedAt }), randomUUID()));
  const told: string[] = [];
  const upTo = async (count: number) => {
    while (told.length < count) {
      told.push(...(await app.sent()).map(({ type }) => type).filter((type) => type.includes('deadline') || type.includes('read-')));
      await setTimeout(100);
    }
  };
  for (const [index, days] of [23.5, 6, 1].entries()) {
    app.clock.advance(days * 86_400_000);
    await upTo(index + 1);
  }
  expect(told).toEqual([
    'landfall.subscription.deadline-near.v1',
    'landfall.subscription.deadline-near.v1',
    'landfall.fulfillment.read-subscription.v1',
  ]);
});
