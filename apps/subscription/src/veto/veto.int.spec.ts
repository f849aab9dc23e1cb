import type { ShownSnapshot } from '@landfall/contracts';
import { UnitOfWork, type JobOf } from '@landfall/messaging';
import { HealthRegistry, register } from '@landfall/service-defaults';
import { testApp } from '@landfall/testing';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { aCatalog, aRead, aSnapshot, at, observed, settled, verified } from '../testing/subscription.builders';
import { json, ProductFixture } from '../testing/product.fixture';
import type { askProduct } from './veto.job';
import { VETO_LIMITS, vetoLimits } from './veto.limits';
import { VetoWorker } from './veto.worker';

const dir = mkdtempSync(join(tmpdir(), 'landfall-veto-'));
let product: ProductFixture;

/** Offers whose product has a say: where it is silent a change is accepted, or refused; and one that may not be called. */
function writeCatalog(host: string): string {
  const [publisherId, offerId] = [aSnapshot().publisherId, aSnapshot().offerId];
  const offerOf = (url: string, whenSilent: string) => aCatalog({ veto: { url, whenSilent } }).publishers[publisherId]!.offers[offerId];
  const offers = {
    accepting: offerOf(`http://${host}/veto`, 'accept'),
    refusing: offerOf(`http://${host}/veto`, 'refuse'),
    foreign: offerOf('https://product.example/veto', 'refuse'),
  };
  const path = join(dir, 'catalog.yaml');
  writeFileSync(path, JSON.stringify({ publishers: { [publisherId]: { offers } } })); // JSON is YAML
  return path;
}

/** So long that no busy machine reaches them. */
const patient = { askWithinMs: 60_000, answerWithinMs: 30_000 };
const limits = { ...patient };

const app = testApp(AppModule, {
  overrides: [[VETO_LIMITS, limits]],
  schema,
  migrations,
  env: async () => {
    product = await ProductFixture.start();
    return {
      CATALOG_FILE: writeCatalog(product.host),
      OUTGOING_HOSTS: product.host,
      OUTGOING_NETWORKS: '127.0.0.0/8',
      VETO_SIGNING_KEYS: 'whsec_bGFuZGZhbGwtdGVzdC12ZWN0b3Itc2VjcmV0LTMyYiE=',
    };
  },
});
afterAll(async () => {
  await product?.stop();
  rmSync(dir, { recursive: true });
});
beforeEach(async () => {
  Object.assign(limits, patient);
  product.asked.length = 0;
  product.reply = json({ allowed: true });
  await app.sent();
});

/** A subscription of ten silver seats. */
async function aSubscription(offerId = 'refusing') {
  const subscriptionId = randomUUID();
  const read = (second: number, more: Partial<ShownSnapshot> = {}) => aRead(second, { subscriptionId, offerId, ...more });
  await app.deliver(observed(read(5)));
  await app.sent();
  const operation = (more: { action: string; planId?: string; quantity?: number }) => ({
    subscriptionId,
    operationId: randomUUID(),
    ...more,
  });
  return { subscriptionId, read, toGold: operation({ action: 'ChangePlan', planId: 'gold' }), operation };
}

const decided = async () =>
  (await app.sent())
    .filter(({ type }) => type === 'landfall.subscription.operation-decided.v1')
    .map(({ data }) => data as { operationId: string });
const kept = async (operationId: string) =>
  (
    await app.query(`select verdict, reason, decided_by as "decidedBy" from subscription.operations where operation_id = $1`, [operationId])
  )[0];
const counted = async (name: string, label: string): Promise<number> => {
  const { values } = await register.getSingleMetric(name)!.get();
  return values.find(({ labels }) => Object.values(labels).includes(label))!.value;
};

describe('a product that has a say (rule 7)', () => {
  it('is asked by a job beside the decision, signed, and its no is the verdict', async () => {
    const { subscriptionId, read, toGold } = await aSubscription();
    product.reply = json({ allowed: false, reason: 'Twelve people\nuse it.' });
    await app.deliver(verified({ ...toGold, read: read(20) }));
    expect(await decided()).toEqual([]);
    expect(await kept(toGold.operationId)).toMatchObject({ verdict: null });

    expect(await app.perform()).toBe(1);
    const refusal = { verdict: 'refused', reason: 'Twelve people use it.' };
    expect(await decided()).toMatchObject([{ ...toGoldKey(toGold), ...refusal }]);
    expect(await kept(toGold.operationId)).toEqual({ ...refusal, decidedBy: 'product' });
    expect(product.asked).toMatchObject([
      { headers: { 'webhook-id': toGold.operationId, 'webhook-signature': expect.stringMatching(/^v1,/) } },
    ]);
    expect(product.asked[0]!.question).toEqual({
      ...{ subscriptionId, operationId: toGold.operationId, action: 'ChangePlan' },
      ...{ publisherId: aSnapshot().publisherId, offerId: 'refusing', isPreview: false, tenantReference: null },
      from: { planId: 'silver', quantity: 10 },
      to: { planId: 'gold', quantity: 10 },
    });
  });

  it.each([
    ['a yes', json({ allowed: true }), 'product'],
    ['a lie', json({ allowed: 'perhaps' }), 'silence'],
    ['an error', json({ allowed: false, reason: 'No.' }, 500), 'silence'],
    ['silence', () => undefined, 'silence'],
  ])('that answers with %s: what holds then is the catalog’s setting', async (_what, reply, decidedBy) => {
    product.reply = reply;
    if (reply.length === 0) limits.answerWithinMs = 200; // it never answers
    const accepting = await aSubscription('accepting');
    const refusing = await aSubscription('refusing');
    await app.deliver(
      verified({ ...accepting.toGold, read: accepting.read(20) }),
      verified({ ...refusing.toGold, read: refusing.read(20) }),
    );
    expect(await app.perform()).toBe(2);
    expect(await decided()).toHaveLength(2);
    expect(await kept(accepting.toGold.operationId)).toMatchObject({ verdict: 'accepted', decidedBy });
    expect(await kept(refusing.toGold.operationId)).toMatchObject({ verdict: decidedBy === 'product' ? 'accepted' : 'refused', decidedBy });
  });

  it('is not asked where a rule of the catalog refuses', async () => {
    const { read, operation } = await aSubscription();
    const seats = operation({ action: 'ChangeQuantity', quantity: 51 });
    await app.deliver(verified({ ...seats, read: read(20) }));
    expect(await decided()).toMatchObject([{ verdict: 'refused' }]);
    expect(await app.jobs()).toEqual([]);
  });

  it('is not asked when its turn comes too late for Microsoft: it counts as silent', async () => {
    const { read, toGold } = await aSubscription();
    await app.deliver(verified({ ...toGold, read: read(20) }));
    await app.query(`update subscription.job set created_at = created_at - interval '61 seconds'`);
    await app.perform();
    expect(product.asked).toEqual([]);
    expect(await kept(toGold.operationId)).toMatchObject({ verdict: 'refused', decidedBy: 'silence' });
  });

  it('is given so long that its answer still counts: Microsoft decides after ten seconds', () => {
    expect(vetoLimits.askWithinMs + vetoLimits.answerWithinMs).toBeLessThanOrEqual(7_000);
  });

  it('whose host may not be called counts as silent, which the service says from its start', async () => {
    const { read, toGold } = await aSubscription('foreign');
    await app.deliver(verified({ ...toGold, read: read(20) }));
    await app.perform();
    expect(await kept(toGold.operationId)).toMatchObject({ verdict: 'refused', decidedBy: 'silence' });
    expect(await app.get(HealthRegistry).examine('ready')).toMatchObject({
      notices: { veto: expect.stringContaining('product.example, which has a say') },
    });
    expect(await register.metrics()).toMatch(/^subscription_veto_unusable_seconds [^0\s]|^subscription_veto_unusable_seconds 0\.\d*[1-9]/m);
  });
});

describe('while a product is asked', () => {
  it('later changes of the subscription wait for their turn, in order, and facts do not (rule 5)', async () => {
    const { read, toGold, operation } = await aSubscription();
    const seats = operation({ action: 'ChangeQuantity', quantity: 51 }); // which the catalog alone would refuse
    const suspend = operation({ action: 'Suspend' });
    await app.deliver(verified({ ...toGold, read: read(20) }), verified({ ...seats, timeStamp: at(19), read: read(21) }));
    expect(await decided()).toEqual([]);
    await app.deliver(verified({ ...suspend, timeStamp: at(20), operationStatus: 'Succeeded', read: read(22, { status: 'Suspended' }) }));
    const facts = await app.sent();
    expect(facts.map(({ type }) => type)).toContain('landfall.subscription.suspended.v1');
    expect(await app.perform()).toBe(1);
    expect(await decided()).toMatchObject([{ operationId: toGold.operationId, verdict: 'accepted' }]);
    expect(await app.perform()).toBe(1);
    expect(await decided()).toMatchObject([{ operationId: seats.operationId, verdict: 'refused' }]);
    expect(product.asked).toHaveLength(1);
  });

  it('another subscription waits for nothing', async () => {
    const [one, other] = [await aSubscription(), await aSubscription()];
    await app.deliver(verified({ ...one.toGold, read: one.read(20) }), verified({ ...other.toGold, read: other.read(20) }));
    expect(await app.perform()).toBe(2);
  });

  it('a change is judged against the record as it is when its turn comes', async () => {
    const { read, toGold } = await aSubscription();
    await app.deliver(verified({ ...toGold, read: read(20) }));
    const ours = { ...toGold, operationId: randomUUID(), source: 'Partner', timeStamp: at(19) };
    await app.deliver(verified({ ...ours, operationStatus: 'Succeeded', read: read(25, { planId: 'gold' }) }));
    await app.sent();
    await app.perform();
    expect(product.asked).toEqual([]);
    expect(await decided()).toMatchObject([{ verdict: 'accepted' }]);
  });

  it('and Microsoft ends the operation, nothing is said that contradicts it, and that is counted (rule 8)', async () => {
    const { read, toGold } = await aSubscription();
    const asked = Promise.withResolvers<() => void>();
    product.reply = (answer) => asked.resolve(() => json({ allowed: false, reason: 'No.' })(answer));
    const before = await counted('subscription_changes_decided_by_microsoft_total', 'ended-while-asked');
    await app.deliver(verified({ ...toGold, read: read(20) }));
    const performed = app.perform();
    const answer = await asked.promise;
    await app.deliver(settled({ ...toGold, read: read(30) }));
    answer();
    await performed;
    const sent = await app.sent();
    expect(sent).toMatchObject([
      { type: 'landfall.subscription.operation-decided.v1', data: { verdict: 'accepted' } },
      { type: 'landfall.subscription.plan-changed.v1' },
      { type: 'landfall.subscription.snapshot.v1' },
      { type: 'landfall.fulfillment.read-subscription.v1' },
    ]);
    expect(sent[1]!.data).not.toHaveProperty('overruled');
    expect(await app.jobs()).toEqual([]);
    expect(await counted('subscription_changes_decided_by_microsoft_total', 'ended-while-asked')).toBe(before + 1);
  });
});

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
    expect(product.asked).toHaveLength(1);
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
    expect(product.asked.map(({ headers }) => headers['webhook-id'])).toEqual([toGold.operationId, toGold.operationId]);
    expect(await app.jobs()).toEqual([]);
  });

  it('although two copies ask at the same time, and are answered differently', async () => {
    const { subscriptionId, read, toGold } = await aSubscription();
    await app.deliver(verified({ ...toGold, read: read(20) }));
    const both = Promise.withResolvers<void>();
    product.reply = async (answer) => {
      const isFirst = product.asked.length === 1;
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

function toGoldKey({ subscriptionId, operationId, action }: { subscriptionId: string; operationId: string; action: string }) {
  return { subscriptionId, operationId, action };
}
