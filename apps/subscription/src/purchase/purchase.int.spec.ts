import { randomUUID } from 'node:crypto';
import type { PlanOnOffer } from '@landfall/contracts';
import { testApp } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { aRead, resolved } from '../testing/subscription.builders';

const app = testApp(AppModule, { schema, migrations });

/** As much as fulfillment hands on: 100 plans, their texts cut, 256 kB. */
const plans = Array.from({ length: 100 }, (_, each): PlanOnOffer => ({
  ...{ planId: `plan-${each}`, displayName: '漢'.repeat(200), description: '漢'.repeat(300), isPricePerSeat: true },
  ...{ minQuantity: 1, maxQuantity: 1_000_000, isStopSell: false },
  prices: Array.from({ length: 20 }, () => ({ termUnit: 'P1M', price: '999999.99', currency: 'USD' })),
}));

it('registers a purchase with all the plans that a message may bring', async () => {
  const subscriptionId = randomUUID();
  const message = resolved(aRead(5, { subscriptionId }));
  expect(Buffer.byteLength(JSON.stringify(plans))).toBeGreaterThan(256 * 1024);
  await app.deliver({ ...message, data: { ...(message.data as object), plans, arePlansCut: true } });
  expect((await app.sent()).find(({ type }) => type === 'landfall.subscription.purchase-registered.v1')).toMatchObject({
    data: { subscriptionId, plans, arePlansCut: true },
  });
});
