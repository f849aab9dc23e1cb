import { appendFileSync, readFileSync } from 'node:fs';
import { eventually } from '../eventually';
import { ExampleEndpoint, type Opinion } from '../example-product.endpoint';
import type { Truth } from '../microsoft';
import type { SystemUnderTest } from '../system';

const publisherId = 'litware';
const seats = { min: 1, max: 1_000 };
/** All are active from the moment of the purchase: these journeys need no browser. */
const plans = ['silver', 'gold'].map((planId) => ({ planId, displayName: planId, seats, isAutoActivated: true }));
const named = { silver: {}, gold: { seats: { max: 100 } } };

/** What may not be: by the catalog, by the product, by a product that says nothing of use. Who refuses in time is obeyed, and else Microsoft’s word counts (contract 4.5). */
export function refusalJourneys(landfall: SystemUnderTest): void {
  let product: ExampleEndpoint;

  beforeAll(async () => {
    product = await ExampleEndpoint.start([readFileSync(landfall.fileOf('keys/veto.secret'), 'utf8').trim()]);
    const offers = {
      'litware-ruled': { displayName: 'Litware', noDowngrade: ['silver', 'gold'], plans: named },
      'litware-asked': { displayName: 'Litware, asked', veto: { url: product.url, whenSilent: 'accept' }, plans: named },
      'litware-strict': { displayName: 'Litware, asked strictly', veto: { url: product.url, whenSilent: 'refuse' }, plans: named },
    };
    for (const [offerId, { displayName }] of Object.entries(offers))
      await landfall.microsoft.offer(offerId, { publisherId, displayName, plans });
    await landfall.catalogInForce(() =>
      appendFileSync(landfall.fileOf('catalog.yaml'), `  ${publisherId}: ${JSON.stringify({ offers })}\n`),
    );
  });

  afterAll(() => product.stop());

  async function bought(offerId: string, order: { planId: string; quantity: number }): Promise<string> {
    const { subscriptionId } = await landfall.microsoft.sell({ offerId, ...order });
    await eventually(async () => expect(await landfall.record(subscriptionId)).toMatchObject({ status: 'Subscribed', openOperations: [] }));
    return subscriptionId;
  }

  /** What Microsoft was answered, and how it ended the operation; both sides are equal then. */
  async function outcomeOf(id: string, operationId: string): Promise<{ answers: (number | undefined)[]; status: string }> {
    const isOpen = ({ status }: Truth['operations'][number]) => status === 'InProgress' || status === 'NotStarted';
    const ended = await eventually(async () => {
      const { operations, saasSubscriptionStatus, planId, quantity } = await landfall.microsoft.truth(id);
      expect(operations.filter(isOpen)).toEqual([]);
      expect(await landfall.record(id)).toMatchObject({ status: saasSubscriptionStatus, planId, quantity, openOperations: [] });
      return operations.find((operation) => operation.id === operationId)!;
    });
    const deliveries = await landfall.microsoft.deliveries(id);
    const own = deliveries.filter((delivery) => delivery.operationId === operationId);
    return { answers: own.map(({ answer }) => answer?.status), status: ended.status };
  }

  const kindsSince = (id: string) => landfall.topics.kindsWithoutUpdates(id).slice(1); // all of them begin with `purchased`
  const dataOf = (id: string, kind: string) => landfall.topics.events(id).find(({ type }) => type.includes(`.${kind}.`))?.data;

  it('refuses a downgrade and too many seats by 400 with the reason, tells it once Microsoft shows it failed, and accepts the revert (rule 8, pitfalls 8 and 9)', async () => {
    const id = await bought('litware-ruled', { planId: 'gold', quantity: 50 });
    const refused = [
      { act: 'change-plan', body: { planId: 'silver' }, refused: { action: 'ChangePlan', planId: 'silver', quantity: null } },
      { act: 'change-quantity', body: { quantity: 101 }, refused: { action: 'ChangeQuantity', planId: null, quantity: 101 } },
    ];
    for (const [index, { act, body }] of refused.entries()) {
      const operationId = await landfall.microsoft.act(id, act, body);
      await eventually(() => expect(kindsSince(id)).toHaveLength(index + 1));
      const { answers, status } = await outcomeOf(id, operationId);
      expect([answers.at(-1), status]).toEqual([400, 'Failed']);
    }
    expect(kindsSince(id)).toEqual(['change-refused', 'change-refused']);
    const told = landfall.topics
      .events(id)
      .filter(({ type }) => type.includes('.change-refused.'))
      .map(({ data }) => data);
    expect(told).toMatchObject(
      refused.map((each) => ({ refused: each.refused, reason: expect.any(String), planId: 'gold', quantity: 50 })),
    );
    // Microsoft compensates each refusal by a change to what there is already: to refuse that would never end
    const reverts = (await landfall.microsoft.truth(id)).operations.filter(({ reverts }) => reverts);
    expect(reverts.map(({ status }) => status)).toEqual(['Succeeded', 'Succeeded']);
    expect(product.asked).toEqual([]);

    await landfall.microsoft.act(id, 'change-quantity', { quantity: 100 });
    await eventually(() => expect(kindsSince(id).at(-1)).toBe('quantity-changed'));
  });

  it('lets the product decide, and the catalog where the product is silent, slow or lies', async () => {
    const spoken = [
      { offerId: 'litware-asked', opinion: 'allows', isRefused: false },
      { offerId: 'litware-strict', opinion: 'allows', isRefused: false },
      { offerId: 'litware-asked', opinion: 'vetoes', isRefused: true },
    ] as const;
    const unheard = (['is-slow', 'is-silent', 'lies'] as const).flatMap((opinion) => [
      { offerId: 'litware-asked', opinion, isRefused: false },
      { offerId: 'litware-strict', opinion, isRefused: true },
    ]);
    const ask = async ({ offerId, opinion, isRefused }: { offerId: string; opinion: Opinion; isRefused: boolean }) => {
      const id = await bought(offerId, { planId: 'silver', quantity: 5 });
      product.opinions.set(id, opinion);
      const operationId = await landfall.microsoft.act(id, 'change-plan', { planId: 'gold' });
      await eventually(() =>
        expect([offerId, opinion, kindsSince(id)]).toEqual([offerId, opinion, [isRefused ? 'change-refused' : 'plan-changed']]),
      );
      const { answers, status } = await outcomeOf(id, operationId);
      expect([offerId, opinion, answers.at(-1), status]).toEqual([offerId, opinion, ...(isRefused ? [400, 'Failed'] : [200, 'Succeeded'])]);
      if (opinion === 'vetoes') expect(dataOf(id, 'change-refused')).toMatchObject({ reason: product.reason });
    };
    for (const each of spoken) await ask(each); // alone: on a busy machine two seconds are not long
    await Promise.all(unheard.map(ask));
    expect(product.foreign).toBe(0);
  });

  it('lets a suspension through while the product thinks, and both sides agree on what became of the change (rule 5)', async () => {
    const id = await bought('litware-strict', { planId: 'silver', quantity: 5 });
    product.opinions.set(id, 'is-silent');
    const operationId = await landfall.microsoft.act(id, 'change-plan', { planId: 'gold' });
    await eventually(() =>
      expect(product.asked.map(({ question }) => question)).toContainEqual(expect.objectContaining({ subscriptionId: id })),
    );
    await landfall.microsoft.act(id, 'suspend');
    await eventually(() => expect(kindsSince(id)).toContain('suspended'));
    await outcomeOf(id, operationId);
    expect(await landfall.record(id)).toMatchObject({ status: 'Suspended', planId: 'silver' });
  });

  it('is decided before us by a Microsoft that does not wait for the answer: what it calls Succeeded is the record (rule 4)', async () => {
    const id = await bought('litware-strict', { planId: 'silver', quantity: 5 });
    product.opinions.set(id, 'is-silent');
    await landfall.microsoft.under({ autoAccept: 'always', autoAcceptMs: 100 }, async () => {
      const operationId = await landfall.microsoft.act(id, 'change-plan', { planId: 'gold' });
      await eventually(() => expect(kindsSince(id)).toEqual(['plan-changed']));
      expect((await outcomeOf(id, operationId)).status).toBe('Succeeded');
    });
    expect(await landfall.record(id)).toMatchObject({ planId: 'gold' });
  });

  it.each([
    ['fails', 'Failed', { event: 'change-refused', planId: 'silver', data: { refused: { planId: 'gold' } } }],
    ['ignored', 'Succeeded', { event: 'plan-changed', planId: 'gold', data: { overruled: true } }],
  ])(
    'refuses by PATCH where our answer does not arrive, and what Microsoft makes of it counts: %s (rule 8)',
    async (patchFailure, end, told) => {
      const id = await bought('litware-strict', { planId: 'silver', quantity: 5 });
      product.opinions.set(id, 'is-silent'); // for two seconds, and by then nobody waits for our answer any more
      const impatient = { webhookTimeoutMs: 1_000, retryDelaysMs: [600_000], patchFailure, autoAccept: 'always', autoAcceptMs: 15_000 };
      await landfall.microsoft.under(impatient, async () => {
        const operationId = await landfall.microsoft.act(id, 'change-plan', { planId: 'gold' });
        await eventually(() => expect(kindsSince(id)).toEqual([told.event]));
        expect(await outcomeOf(id, operationId)).toEqual({ answers: [undefined], status: end });
      });
      expect(dataOf(id, told.event)).toMatchObject(told.data);
      expect(await landfall.record(id)).toMatchObject({ planId: told.planId });
    },
  );

  // Each copy reads the decisions of some subscriptions alone: of this one, all but one learn by the table what that one has received
  it('is refused and accepted alike by each copy of the gateway, and a redelivery to another one has the recorded answer', async () => {
    const copies = landfall.system.run.services.filter(({ service }) => service === 'gateway').map(({ url }) => `${url}/webhook`);
    expect(copies.length).toBeGreaterThanOrEqual(2);
    const id = await bought('litware-ruled', { planId: 'gold', quantity: 50 });
    const isOpenForUs = { on: { route: ['getOperation', 'listOperations'], subscriptionId: id }, do: { effect: 'endlessOperation' } };
    const at = <T>(url: string, work: () => Promise<T>) => landfall.microsoft.withWebhookAt('litware-ruled', url, work);
    const answered = (operationId: string) =>
      eventually(async () => {
        const own = (await landfall.microsoft.deliveries(id)).find((each) => each.operationId === operationId && each.answer);
        expect(own).toBeDefined();
        return own!;
      });
    for (const [index, here] of copies.entries()) {
      const there = copies[(index + 1) % copies.length]!;
      for (const [quantity, expected, end] of [
        [101 + index, 400, 'Failed'],
        [60 + index, 200, 'Succeeded'],
      ] as const) {
        const operationId = await landfall.microsoft.withFault(isOpenForUs, async () => {
          const changing = await at(here, () => landfall.microsoft.act(id, 'change-quantity', { quantity }).then(answered));
          expect(await at(there, () => landfall.microsoft.redeliver(changing.id))).toBe(expected);
          expect(changing.answer?.status).toBe(expected);
          return changing.operationId!;
        });
        expect((await outcomeOf(id, operationId)).status).toBe(end);
      }
    }
    await eventually(() => expect(kindsSince(id)).toEqual(copies.flatMap(() => ['change-refused', 'quantity-changed'])));
  });

  it("has broken none of Microsoft's rules for publishers on all of these ways", async () => {
    expect(await landfall.microsoft.breaches()).toEqual([]);
  });
}
