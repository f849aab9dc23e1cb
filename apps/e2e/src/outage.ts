import { readFileSync } from 'node:fs';
import { eventually } from './eventually';
import type { Call } from './microsoft';
import type { SystemUnderTest } from './system';

/** Who meets the outage: a registration of ours, and what it sells. */
export interface Met {
  readonly registration: string;
  readonly offerId: string;
}

/** Microsoft resets every connection about what one publisher sold, with work of every kind under way, and later answers again. */
export class Outage {
  private purchased = '';
  private requested = '';
  private notified = '';
  private reinstated = '';
  private requestId = '';
  /** Ids of these subscriptions, and of their operations. */
  private about: readonly string[] = [];
  private rule = '';
  private alarmsBefore = 0;
  private beganAt = 0;

  constructor(
    private readonly landfall: SystemUnderTest,
    private readonly met: () => Met,
  ) {}

  get lastsMs(): number {
    return Date.now() - this.beganAt;
  }

  /** Then come: a customer who confirms, a change from our side, a customer's change, and a reinstatement that Microsoft leaves open until we answer. */
  async begin(): Promise<void> {
    const { landfall } = this;
    const { microsoft } = landfall;
    const order = { offerId: this.met().offerId, quantity: 5 };
    const { subscriptionId, customer } = await landfall.atTheButton({ ...order, planId: 'silver' });
    this.purchased = subscriptionId;
    const bought = () => this.bought({ ...order, planId: 'instant', autoActivate: true });
    [this.requested, this.notified, this.reinstated] = await Promise.all([bought(), bought(), bought()]);
    await microsoft.act(this.reinstated, 'suspend');
    await this.isRecorded(this.reinstated, { status: 'Suspended' });

    this.alarmsBefore = await this.alarms();
    this.rule = await microsoft.fault({ on: { surface: 'fulfillment', offerId: this.met().offerId }, do: { effect: 'reset' } });
    this.beganAt = Date.now();
    await customer.confirm();
    this.requestId = (await landfall.request(this.requested, 'quantity-changes', { quantity: 9 })).requestId;
    const change = await microsoft.act(this.notified, 'change-plan', { planId: 'gold' });
    await this.isTaken(this.notified, change);
    const reinstatement = await microsoft.under({ autoAcceptMs: 3_600_000 }, async () => {
      const operationId = await microsoft.act(this.reinstated, 'reinstate');
      await this.isTaken(this.reinstated, operationId);
      return operationId;
    });
    this.about = [this.purchased, this.requested, this.notified, this.reinstated, change, reinstatement];
    await eventually(async () => expect(await landfall.record(this.purchased)).toMatchObject({ stage: 'activating' }));
    await customer.leave();
  }

  /** How often somebody was told since it began. */
  async timesTold(): Promise<number> {
    return (await this.alarms()) - this.alarmsBefore;
  }

  /** Nothing of it is done, nothing is given up, and somebody was told. */
  async everythingWaits(): Promise<void> {
    const { landfall } = this;
    await eventually(async () => expect(await this.timesTold()).toBeGreaterThan(0)); // again where a call that is not about these was answered in between
    expect(await landfall.record(this.purchased)).toMatchObject({ stage: 'activating', access: 'none' });
    expect(await landfall.requestOf(this.requested, this.requestId)).toMatchObject({ state: 'pending' });
    expect(await landfall.record(this.notified)).toMatchObject({ planId: 'instant' });
    expect(await landfall.record(this.reinstated)).toMatchObject({ status: 'Suspended' });
    expect(await this.dead()).toEqual([]);
  }

  async end(): Promise<void> {
    await this.landfall.microsoft.endFault(this.rule);
  }

  /** All of it is done, once: by our record, by the public events, and by what Microsoft saw. */
  async everythingIsDoneOnce(): Promise<void> {
    const { landfall } = this;
    const { microsoft } = landfall;
    await this.isRecorded(this.purchased, { stage: 'done', access: 'full' });
    await this.isTold(this.purchased, 'purchased', 'confirmed', 'provisioned', 'activated');
    expect((await microsoft.truth(this.purchased)).activateCalls).toBe(1);
    expect(landfall.product.made.filter((made) => made === this.purchased)).toHaveLength(1);

    await eventually(async () =>
      expect(await landfall.requestOf(this.requested, this.requestId)).toMatchObject({ state: 'succeeded', failure: null }),
    );
    await this.isRecorded(this.requested, { quantity: 9 });
    await this.isTold(this.requested, 'purchased', 'change-requested', 'quantity-changed');
    expect(await this.answered(this.requested, ({ method, path }) => method === 'PATCH' && !path.includes('/operations/'))).toEqual([202]);

    await this.isRecorded(this.notified, { planId: 'gold' });
    await this.isTold(this.notified, 'purchased', 'plan-changed');

    await this.isRecorded(this.reinstated, { status: 'Subscribed' });
    await this.isTold(this.reinstated, 'purchased', 'suspended', 'reinstated');
    expect(await this.answered(this.reinstated, ({ method, path }) => method === 'PATCH' && path.includes('/operations/'))).toEqual([200]);
    const { operations } = await microsoft.truth(this.reinstated);
    expect(operations.find(({ action }) => action === 'Reinstate')).toMatchObject({ status: 'Succeeded', settledBy: 'publisher' });

    expect(await this.dead()).toEqual([]);
    expect(await microsoft.breaches()).toEqual([]);
  }

  /** How often it was told that Microsoft does not answer this publisher: by the metric, which is alarmed, and by the log alike. */
  private async alarms(): Promise<number> {
    const { registration } = this.met();
    const { system } = this.landfall;
    const copies = system.run.services.filter(({ service }) => service === 'fulfillment');
    const lines = copies.flatMap(({ name }) => readFileSync(system.logFile(name), 'utf8').split('\n'));
    const told = lines.filter((line) => line.includes('Microsoft does not answer') && line.includes(`"registration":"${registration}"`));
    const counted = await this.landfall.metric('fulfillment', `marketplace_outages_total{registration="${registration}"}`);
    expect(told).toHaveLength(counted);
    return counted;
  }

  private async dead(): Promise<unknown[]> {
    return (await this.landfall.dead()).filter((one) => this.about.some((id) => JSON.stringify(one).includes(id)));
  }

  private async bought(order: Record<string, unknown>): Promise<string> {
    const { subscriptionId } = await this.landfall.microsoft.sell(order);
    await this.isRecorded(subscriptionId, { status: 'Subscribed' });
    return subscriptionId;
  }

  private isRecorded = (id: string, record: object) =>
    eventually(async () => expect(await this.landfall.record(id)).toMatchObject({ ...record, openOperations: [] }));

  private isTold = (id: string, ...kinds: string[]) =>
    eventually(() => expect(this.landfall.topics.kindsWithoutUpdates(id)).toEqual(kinds));

  /** The gateway has answered its webhook, whatever Microsoft's state. */
  private isTaken = (id: string, operationId: string) =>
    eventually(async () => {
      const own = (await this.landfall.microsoft.deliveries(id)).filter((delivery) => delivery.operationId === operationId);
      expect(own.map(({ answer }) => answer?.status)).toEqual([200]);
    });

  /** The answers to those calls that were answered. */
  private async answered(id: string, which: (call: Call) => boolean): Promise<(number | null)[]> {
    const calls = (await this.landfall.microsoft.calls(id)).filter((call) => call.direction === 'inbound' && which(call));
    return calls.map(({ status }) => status).filter((status) => status !== null);
  }
}
