import { randomUUID } from 'node:crypto';
import { subscriptionSnapshot, subscriptionUpdated } from '@landfall/contracts';
import { aMessage, aSnapshot, testApp } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { withoutRounds } from '../testing/usage.fixture';

const app = testApp(AppModule, { schema, migrations, overrides: withoutRounds });

const observedAt = '2026-01-01T08:00:00.000Z';
const state = (subscriptionId: string, version: number, offerId: string) => ({
  ...aSnapshot({ subscriptionId, offerId }),
  ...({
    stage: 'done',
    access: 'full',
    current: { planId: 'silver', quantity: 10, status: 'Subscribed' },
    effectiveAt: null,
    observedAt,
    imported: false,
    cause: { source: 'webhook' },
  } as const),
  version,
});

const rows = (id: string) => app.query(`select publisher_id, offer_id, version from billing.subscriptions where id = $1`, [id]);

it('knows a subscription by the highest version of what events and snapshots tell, in any order', async () => {
  const id = randomUUID();
  await app.deliver(aMessage(subscriptionSnapshot(state(id, 4, 'reports'), { sequence: 4 })));
  await app.deliver(aMessage(subscriptionUpdated(state(id, 3, 'older'), { sequence: 3 })));
  expect(await rows(id)).toEqual([{ publisher_id: aSnapshot().publisherId, offer_id: 'reports', version: 4 }]);
});
