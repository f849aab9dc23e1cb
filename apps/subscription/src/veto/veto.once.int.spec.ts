import { UnitOfWork, type JobOf } from '@landfall/messaging';
import { randomUUID } from 'node:crypto';
import { at, verified } from '../testing/subscription.builders';
import { json } from '../testing/product.fixture';
import { vetoApp } from '../testing/veto.app';
import type { askProduct } from './veto.job';
import { VetoWorker } from './veto.worker';

const veto = vetoApp();
const { app, aSubscription, decided, kept } = veto;
const callIds = () => veto.product.asked.map(({ headers }) => headers['webhook-id']);

describe('the verdict is written once', () => {
  it('although the process dies behind it: the product is not asked again, and nothing is said twice', async () => {
    const { subscriptionId, read, toGold } = await aSubscription();
    await app.deliver(verified({ ...toGold, read: read(20) }));
    const job = { id: randomUUID(), payload: toGoldKey(toGold), ageMs: 0, correlationId: 'c', causationId: 'c' } as JobOf<
      typeof askProduct
    >;
    await app.nest.get(VetoWorker, { strict: false }).ask(job);
    expect(await decided()).toMatchObject([{ subscriptionId, verdict: 'accepted' }]);
    expect(await app.perform()).toBe(1); // the job is still there
    expect(await app.sent()).toEqual([]);
    expect(veto.product.asked).toHaveLength(1);
  });

  it('and a question that fails for ever holds up no later change', async () => {
    const { read, toGold, operation } = await aSubscription();
    await app.deliver(verified({ ...toGold, read: read(20) }));
    await app.query(`update subscription.job set state = 'dead'`);
    const seats = operation({ action: 'ChangeQuantity', quantity: 12 });
    await app.deliver(verified({ ...seats, timeStamp: at(19), read: read(21) }));
    expect(await app.perform()).toBe(1);
    expect(await decided()).toMatchObject([{ operationId: seats.operationId, verdict: 'accepted' }]);
    await app.query(`delete from subscription.job`);
  });

  it('although the process dies between the answer and its commit: the product is asked again, with the same id', async () => {
    const { read, toGold } = await aSubscription();
    await app.deliver(verified({ ...toGold, read: read(20) }));
    const commit = jest.spyOn(app.get(UnitOfWork), 'transaction').mockRejectedValueOnce(new Error('the process has died'));
    await app.perform();
    expect(await decided()).toEqual([]);
    await app.query(`update subscription.job set run_at = now()`);
    await app.perform();
    commit.mockRestore();
    expect(await decided()).toMatchObject([{ verdict: 'accepted' }]);
    const [id] = callIds();
    expect(callIds()).toEqual([id, id]);
    expect(await app.jobs()).toEqual([]);
  });

  it('although two copies ask at the same time, and are answered differently', async () => {
    const { subscriptionId, read, toGold } = await aSubscription();
    await app.deliver(verified({ ...toGold, read: read(20) }));
    const both = Promise.withResolvers<void>();
    veto.product.reply = async (answer) => {
      const isFirst = veto.product.asked.length === 1;
      if (!isFirst) both.resolve();
      await both.promise;
      await json(isFirst ? { allowed: true } : { allowed: false, reason: 'No.' })(answer);
    };
    const payload = { subscriptionId, operationId: toGold.operationId, action: toGold.action };
    const job = { id: randomUUID(), payload, ageMs: 0, correlationId: 'c', causationId: 'c' } as JobOf<typeof askProduct>;
    const worker = app.nest.get(VetoWorker, { strict: false });
    await Promise.all([worker.ask(job), worker.ask({ ...job, id: randomUUID() })]);
    const [verdict, ...more] = await decided();
    expect(more).toEqual([]);
    expect(await kept(toGold.operationId)).toMatchObject({ verdict: (verdict as unknown as { verdict: string }).verdict });
    await app.perform(); // the job of the operation finds it decided
    expect(await app.sent()).toEqual([]);
  });
});

it('two questions have two ids, also where Microsoft uses one id for two actions: a product that keeps its answers by id gives no wrong one', async () => {
  const { read, toGold, operation } = await aSubscription();
  const seats = { ...operation({ action: 'ChangeQuantity', quantity: 12 }), operationId: toGold.operationId };
  await app.deliver(verified({ ...toGold, read: read(20) }), verified({ ...seats, timeStamp: at(19), read: read(21) }));
  await app.perform();
  await app.perform();
  expect(await decided()).toHaveLength(2);
  expect(new Set(callIds()).size).toBe(2);
});

function toGoldKey({ subscriptionId, operationId, action }: { subscriptionId: string; operationId: string; action: string }) {
  return { subscriptionId, operationId, action };
}
