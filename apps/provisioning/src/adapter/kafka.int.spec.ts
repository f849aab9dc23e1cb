import { randomUUID } from 'node:crypto';
import { register } from '@landfall/service-defaults';
import { aMessage, testApp } from '@landfall/testing';
import { Logger } from '@nestjs/common';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import * as given from '../tenant/tenant.builders';

const app = testApp(AppModule, { schema, migrations, env: { PROVISIONING_ADAPTER: 'kafka' } });

/** Each test begins with empty tables: timers of another one would become due in it. */
beforeEach(() => app.query('truncate provisioning.tenants, provisioning.steps, provisioning.job'));

const seconds = 1_000;
const hours = 3_600 * seconds;
const kinds = async () => (await app.sent()).map(({ type }) => type.split('.')[2]);
const stateOf = async (subscriptionId: string) =>
  (await app.query<{ state: string }>('select state from provisioning.tenants where subscription_id = $1', [subscriptionId]))[0]?.state;

/** A subscription whose tenant the product was asked for. The answers know the request. */
async function asked() {
  const subscriptionId = randomUUID();
  const request = aMessage(given.aRequest({ subscriptionId }));
  await app.deliver(request);
  const about = { subscriptionId, requestId: request.id };
  return { ...about, request, about, sent: await app.sent() };
}

it('asks the product once, however often it is asked itself, and announces the tenant once, however often the product answers', async () => {
  const { subscriptionId, request, about, sent } = await asked();
  expect(sent).toMatchObject([
    {
      type: 'landfall.provisioning.tenant-requested.v1',
      key: subscriptionId,
      causationId: request.id,
      data: { requestId: request.id, offerId: 'fabrikam-desk', planId: 'silver', quantity: 20, isLocked: false, version: 2 },
    },
  ]);
  await app.deliver(request, given.aRequest({ subscriptionId }), given.aRequest({ subscriptionId, version: 3 }));
  expect(await kinds()).toEqual([]);

  const ready = given.readyReply(about);
  await app.deliver(ready, ready, given.readyReply(about));
  await app.deliver(given.readyReply({ ...about, tenantReference: 'another' }));
  expect(await app.sent()).toMatchObject([
    {
      type: 'landfall.provisioning.tenant-provisioned.v1',
      data: { adapter: 'kafka', tenantReference: 'https://contoso.desk.fabrikam.example' },
    },
  ]);
});

it('asks again when no answer came in time, and no more when it came', async () => {
  const { requestId, about } = await asked();
  expect(await app.perform()).toBe(0);
  app.clock.advance(31 * seconds);
  expect(await app.perform()).toBe(1);
  expect(await app.sent()).toMatchObject([{ type: 'landfall.provisioning.tenant-requested.v1', data: { requestId } }]);
  app.clock.advance(31 * seconds); // the second one waits for a minute
  expect(await app.perform()).toBe(0);

  await app.deliver(given.readyReply(about));
  app.clock.advance(31 * seconds);
  expect(await app.perform()).toBe(1);
  expect(await kinds()).toEqual(['tenant-provisioned']);
  expect(await app.jobs()).toEqual([]);
});

it('asks again after a failure that may pass, and gives up at the limit (rule 10)', async () => {
  const { subscriptionId, about } = await asked();
  await app.deliver(given.failedReply(true, about));
  expect(await kinds()).toEqual([]);
  app.clock.advance(31 * seconds);
  await app.perform();
  expect(await kinds()).toEqual(['tenant-requested']);
  app.clock.advance(24 * hours);
  await app.perform();
  expect(await app.sent()).toMatchObject([
    {
      type: 'landfall.provisioning.tenant-provisioning-failed.v1',
      data: { reason: 'The product did not make the tenant in time; it last said: There is no capacity.' },
    },
  ]);
  expect(await stateOf(subscriptionId)).toBe('failed');
  expect(await app.jobs()).toEqual([]);
});

it('takes back what is in flight when the subscription ends, until the product confirms it (rule 3)', async () => {
  const { subscriptionId, requestId, about } = await asked();
  await app.deliver(given.unsubscribed(3, 'provisioning', subscriptionId));
  expect(await app.sent()).toMatchObject([{ type: 'landfall.provisioning.tenant-release-requested.v1', data: { requestId, version: 3 } }]);
  await app.deliver(given.readyReply(about)); // made before the product read the release
  app.clock.advance(31 * seconds);
  expect(await app.perform()).toBe(2); // the timer of the request, which was overtaken, and the one of the release
  expect(await kinds()).toEqual(['tenant-release-requested']);
  await app.deliver(given.releasedReply(about));
  expect(await app.sent()).toMatchObject([{ type: 'landfall.provisioning.tenant-taken-back.v1', key: subscriptionId }]);
  expect(await stateOf(subscriptionId)).toBe('released');
});

it('takes back a tenant that became ready and was never used, and leaves one that was', async () => {
  const [unused, used] = [await asked(), await asked()];
  await app.deliver(given.readyReply(unused.about), given.readyReply(used.about));
  expect(await kinds()).toEqual(['tenant-provisioned', 'tenant-provisioned']);
  await app.deliver(given.unsubscribed(4, 'activating', unused.subscriptionId), given.unsubscribed(9, 'done', used.subscriptionId));
  expect(await app.sent()).toMatchObject([{ type: 'landfall.provisioning.tenant-release-requested.v1', key: unused.subscriptionId }]);
  expect(await stateOf(used.subscriptionId)).toBe('ended');
});

it('makes the tenant locked when the suspension was read before the request, and tells the product when it came after (rule 11)', async () => {
  const subscriptionId = randomUUID();
  await app.deliver(given.suspended(3, subscriptionId), given.aRequest({ subscriptionId }));
  expect(await app.sent()).toMatchObject([{ data: { isLocked: true, version: 3 } }]);
  await app.deliver(given.reinstated(4, subscriptionId));
  expect(await app.sent()).toMatchObject([{ data: { isLocked: false, version: 4 } }]);
});

it('drops an answer to another request and one about a subscription that nobody knows', async () => {
  const { subscriptionId } = await asked();
  await app.deliver(given.readyReply({ subscriptionId, requestId: randomUUID() }), given.readyReply({ subscriptionId: randomUUID() }));
  expect(await kinds()).toEqual([]);
  expect(await stateOf(subscriptionId)).toBe('requested');
});

it('takes an answer with ids in capitals for what it is', async () => {
  const { subscriptionId, requestId } = await asked();
  await app.deliver(given.readyReply({ subscriptionId: subscriptionId.toUpperCase(), requestId: requestId.toUpperCase() }));
  expect(await app.sent()).toMatchObject([{ type: 'landfall.provisioning.tenant-provisioned.v1', key: subscriptionId }]);
  expect(await stateOf(subscriptionId)).toBe('ready');
});

it.each([
  ['is too long', 'x'.repeat(500)],
  ['holds half a letter', 'a\ud800b'],
  ['holds a NUL', 'a\0b'],
])('makes a dead letter of an answer whose reference %s, and takes the correct one that comes after it', async (_what, tenantReference) => {
  const { subscriptionId, about } = await asked();
  await app.tryDeliver(given.readyReply({ ...about, tenantReference }));
  expect(await kinds()).toEqual([]);
  expect(await app.blockedKeys()).toContainEqual(expect.objectContaining({ key: subscriptionId, state: 'dead' }));
  await app.tryDeliver(given.readyReply({ ...about, tenantReference: 'y'.repeat(500) })); // wrong again
  await app.tryDeliver(given.readyReply(about));
  expect(await kinds()).toEqual(['tenant-provisioned']);
  expect(await stateOf(subscriptionId)).toBe('ready');
});

it('warns of an answer that fits no request, and counts every answer that changes nothing by its reason', async () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
  const countOf = async (reason: string) =>
    Number(
      (await register.getSingleMetric('provisioning_ignored_replies_total')?.get())?.values.find(
        ({ labels }) => labels['reason'] === reason,
      )?.value ?? 0,
    );
  const reasons = ['it answers another request', 'no tenant was asked for', 'it changes nothing any more'];
  const before = await Promise.all(reasons.map(countOf));
  const { subscriptionId, about } = await asked();
  const [wrong, stranger] = [randomUUID(), randomUUID()];
  await app.deliver(given.readyReply({ subscriptionId, requestId: wrong }), given.readyReply({ subscriptionId: stranger }));
  await app.deliver(given.readyReply(about));
  await app.deliver(given.readyReply(about)); // answered twice, which is as it should be
  const after = await Promise.all(reasons.map(countOf));
  expect(after.map((count, index) => count - before[index]!)).toEqual([1, 1, 1]);
  const warned = warn.mock.calls.map(([fields]) => fields as unknown).filter((fields) => JSON.stringify(fields).includes('requestId'));
  expect(warned).toEqual([
    expect.objectContaining({ subscriptionId, requestId: wrong, reason: 'it answers another request' }),
    expect.objectContaining({ subscriptionId: stranger, reason: 'no tenant was asked for' }),
  ]);
  warn.mockRestore();
});

it('explains how a tenant came to its state', async () => {
  const { subscriptionId, about } = await asked();
  await app.deliver(given.failedReply(true, about));
  await app.deliver(given.readyReply(about));
  const steps = await app.query('select step, version, reason from provisioning.steps where subscription_id = $1 order by id', [
    subscriptionId,
  ]);
  expect(steps).toEqual([
    { step: 'requested', version: 2, reason: null },
    { step: 'retriable-failure', version: 2, reason: 'There is no capacity.' },
    { step: 'ready', version: 2, reason: null },
  ]);
});

it('shows how long the oldest tenant has been waited for', async () => {
  await asked();
  await app.query(`update provisioning.tenants set waiting_since = now() - interval '1 hour' where state = 'requested'`);
  expect(await register.getSingleMetricAsString('provisioning_oldest_request_seconds')).toMatch(/seconds 36\d\d/);
});
