import { HealthRegistry, register } from '@landfall/service-defaults';
import { randomUUID } from 'node:crypto';
import { aSnapshot, at, settled, verified } from '../testing/subscription.builders';
import { json } from '../testing/product.fixture';
import { vetoApp } from '../testing/veto.app';
import { vetoLimits } from './veto.limits';

const veto = vetoApp();
const { app, limits, aSubscription, decided, kept, counted } = veto;

describe('a product that has a say (rule 7)', () => {
  it('is asked by a job beside the decision, signed, and its no is the verdict', async () => {
    const { subscriptionId, read, toGold } = await aSubscription();
    veto.product.reply = json({ allowed: false, reason: 'Twelve people\nuse it.' });
    await app.deliver(verified({ ...toGold, read: read(20) }));
    expect(await decided()).toEqual([]);
    expect(await kept(toGold.operationId)).toMatchObject({ verdict: null });

    expect(await app.perform()).toBe(1);
    const refusal = { verdict: 'refused', reason: 'Twelve people use it.' };
    expect(await decided()).toMatchObject([{ operationId: toGold.operationId, ...refusal }]);
    expect(await kept(toGold.operationId)).toEqual({ ...refusal, decidedBy: 'product' });
    expect(veto.product.asked).toMatchObject([
      { headers: { 'webhook-id': expect.stringMatching(/^[0-9a-f-]{36}$/), 'webhook-signature': expect.stringMatching(/^v1,/) } },
    ]);
    expect(veto.product.asked[0]!.question).toEqual({
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
    ['nonsense', json('yes'), 'silence'],
    ['nothing', json(null), 'silence'],
    ['a redirect', json({ allowed: false, reason: 'No.' }, 302), 'silence'],
    ['silence', () => undefined, 'silence'],
  ])('that answers with %s: what holds then is the catalog’s setting', async (_what, reply, decidedBy) => {
    veto.product.reply = reply;
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
    expect(veto.product.asked).toEqual([]);
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
      notices: { veto: expect.stringContaining('product.example is not among OUTGOING_HOSTS') },
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
    expect(veto.product.asked).toHaveLength(1);
  });

  it('Renew, Suspend and Unsubscribe are told although it does not answer (rule 5)', async () => {
    const { read, toGold, operation } = await aSubscription();
    const asked = Promise.withResolvers<() => void>();
    veto.product.reply = (answer) => asked.resolve(() => json({ allowed: false, reason: 'No.' })(answer));
    await app.deliver(verified({ ...toGold, read: read(20) }));
    const performed = app.perform();
    const answer = await asked.promise;
    const renewed = read(25, { term: { termUnit: 'P1M', startDate: '2026-01-31', endDate: '2026-02-27' } });
    const facts = [
      ['Renew', renewed],
      ['Suspend', { ...read(30, { status: 'Suspended' }), snapshot: { ...renewed.snapshot, status: 'Suspended' } }],
      ['Unsubscribe', { ...read(35), snapshot: { ...renewed.snapshot, status: 'Unsubscribed' } }],
    ] as const;
    const told: string[] = [];
    for (const [place, [action, shown]] of facts.entries()) {
      const fact = { ...operation({ action }), timeStamp: at(22 + place), operationDate: shown.date, read: shown };
      await app.deliver(verified({ ...fact, operationStatus: 'Succeeded' }));
      told.push(...(await app.sent()).map(({ type }) => type.replace(/^landfall\.(subscription\.)?|\.v1$/g, '')));
    }
    expect(told.filter((type) => ['renewed', 'suspended', 'unsubscribed'].includes(type))).toEqual([
      'renewed',
      'suspended',
      'unsubscribed',
    ]);
    answer();
    await performed;
    expect(await decided()).toMatchObject([{ operationId: toGold.operationId, verdict: 'accepted' }]); // nothing is refused after the end
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
    expect(veto.product.asked).toEqual([]);
    expect(await decided()).toMatchObject([{ verdict: 'accepted' }]);
  });

  it('the record changes, it is asked again: a word about what is not true any more decides nothing', async () => {
    const { read, toGold, operation } = await aSubscription();
    const asked = Promise.withResolvers<() => void>();
    veto.product.reply = (answer) => asked.resolve(() => json({ allowed: false, reason: 'Ten people use it.' })(answer));
    await app.deliver(verified({ ...toGold, read: read(20) }));
    const performed = app.perform();
    const answer = await asked.promise;
    const seats = operation({ action: 'ChangeQuantity', quantity: 4 });
    await app.deliver(
      verified({ ...seats, source: 'Partner', timeStamp: at(19), operationStatus: 'Succeeded', read: read(22, { quantity: 4 }) }),
    );
    veto.product.reply = json({ allowed: true });
    answer();
    await performed;
    expect(await decided()).toMatchObject([{ operationId: seats.operationId }]);
    await app.perform();
    expect(await decided()).toMatchObject([{ operationId: toGold.operationId, verdict: 'accepted' }]);
    expect(veto.product.asked.map(({ question }) => question['from'])).toMatchObject([{ quantity: 10 }, { quantity: 4 }]);
    expect(new Set(veto.product.asked.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    expect(await app.jobs()).toEqual([]);
  });

  it('and Microsoft ends the operation, nothing is said that contradicts it, and that is counted (rule 8)', async () => {
    const { read, toGold } = await aSubscription();
    const asked = Promise.withResolvers<() => void>();
    veto.product.reply = (answer) => asked.resolve(() => json({ allowed: false, reason: 'No.' })(answer));
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
