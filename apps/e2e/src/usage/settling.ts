import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { eventually } from '../eventually';
import type { Microsoft } from '../microsoft';
import type { SystemUnderTest } from '../system';
import type { BillingState } from './billing.state';
import { invoicedOf } from './invoiced';

/** Subscriptions, by what becomes of their usage. Nothing is included of e-mails, and one costs a cent. */
export const cases = [
  ...(['listed', 'undecided', 'given up'] as const), // never answered
  ...(['missing', 'mismatch', 'rejected', 'unexpected'] as const), // listed otherwise than accepted
  ...(['confirmed', 'written off'] as const), // held before anything is sent
];
export type Case = (typeof cases)[number];

export const dimension = 'emails';
const order = {
  ...{ offerId: 'contoso-reach', planId: 'instant', autoActivate: true },
  privateOffer: { meteredQuantityIncluded: [{ dimensionId: dimension, units: '0' }] },
};
const dayMs = 86_400_000;
/** A record is sent again where it is not taken in that time: services learn business time every two seconds. */
const takenWithinMs = 3_000;

const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item) });
const hours = page(z.looseObject({ hour: z.string(), quantity: z.string(), state: z.string(), reason: z.string().nullable() }));
const differences = page(z.looseObject({ number: z.string(), kind: z.string(), state: z.string(), quantity: z.string() }));
const sums = page(z.looseObject({ sums: z.array(z.looseObject({ accepted: z.string() })), differences: z.array(z.unknown()) }));

/** A day of usage that nobody but an operator, or Microsoft's list, can settle. All of its times are told by that day. */
export class Settling {
  private readonly ids = new Map<Case, string>();
  private midnight = 0;

  constructor(
    private readonly landfall: SystemUnderTest,
    private readonly billing: BillingState,
  ) {}

  get microsoft(): Microsoft {
    return this.landfall.microsoft;
  }

  /** The day of the usage. */
  get day(): string {
    return new Date(this.midnight).toISOString().slice(0, 'yyyy-mm-dd'.length);
  }

  id(of: Case): string {
    return this.ids.get(of)!;
  }

  /** All are active before the day begins. */
  async begin(): Promise<void> {
    const { microsoft } = this;
    const bought = await Promise.all(cases.map(async (one) => [one, (await microsoft.sell(order)).subscriptionId] as const));
    for (const [one, id] of bought) this.ids.set(one, id);
    await eventually(async () => {
      for (const [, id] of bought) expect(await this.landfall.record(id)).toMatchObject({ status: 'Subscribed' });
    });
    this.midnight = Math.ceil((await microsoft.now()).getTime() / dayMs) * dayMs;
  }

  /** Business time passes to hours and minutes of the day, or so many days later. */
  passTo(time: string, daysLater = 0): Promise<void> {
    const at = Date.parse(`${this.day}T${time}:00Z`) + daysLater * dayMs;
    return this.microsoft.advanceTo(new Date(at));
  }

  /** All of it is used now, and taken by billing. */
  async used(quantities: Partial<Record<Case, string>>): Promise<void> {
    const at = await this.microsoft.now();
    const uses = Object.entries(quantities).map(([one, quantity]) => ({
      ...{ subscriptionId: this.id(one as Case), id: randomUUID() },
      ...{ quantity, at },
    }));
    const ids = uses.map(({ id }) => id);
    await eventually(async () => {
      for (const { subscriptionId, ...use } of uses) await this.landfall.product.report(subscriptionId, use);
      if (!(await this.billing.hasCounted(ids, takenWithinMs))) throw new Error('Billing has not counted all that was used');
    });
  }

  /** From now on each call that reports usage is cut off, with or without what it asks for having been done. The answer ends that. */
  async losing(afterWork: boolean): Promise<() => Promise<void>> {
    const { microsoft } = this;
    const rule = { name: `usage lost ${afterWork ? 'after' : 'before'} the work`, on: { route: 'postBatchUsageEvent' } };
    const id = await microsoft.fault({ ...rule, do: { effect: 'reset', ...(afterWork && { afterWork }) } });
    return () => microsoft.endFault(id);
  }

  /** Each has an event that went out and was not answered so far. */
  areUnanswered(some: readonly Case[]): Promise<void> {
    return eventually(async () =>
      expect(
        await this.billing.unansweredOf(
          some.map((one) => this.id(one)),
          this.midnight,
        ),
      ).toBe(some.length),
    );
  }

  /** Hours of a case that are in this state, by their first minute: `01:00`. */
  async hoursIn(state: string, of: Case): Promise<Record<string, { quantity: string; reason: string | null }>> {
    const { items } = hours.parse(await this.landfall.asOperator('billing', `/usage/hours?state=${state}&subscriptionId=${this.id(of)}`));
    return Object.fromEntries(
      items.map(({ hour, quantity, reason }) => [hour.slice('yyyy-mm-ddT'.length, 'yyyy-mm-ddThh:mm'.length), { quantity, reason }]),
    );
  }

  /** What an operator does about an hour of the day. */
  async act(of: Case, hour: string, act: 'confirmation' | 'write-off' | 'acceptance' | 'carry', quantity?: string): Promise<void> {
    const path = `/usage/hours/${this.id(of)}/${dimension}/${this.day}T${hour}:00Z/${act}`;
    await this.landfall.asOperator('billing', path, { reason: 'Partner Center shows it so', ...(quantity && { quantity }) });
  }

  /** Where Microsoft's list is found to differ from our sums: kind, state and by how much. */
  async differencesOf(of: Case): Promise<{ number: string; kind: string; state: string; quantity: string }[]> {
    const { items } = differences.parse(await this.landfall.asOperator('billing', `/usage/differences?subscriptionId=${this.id(of)}`));
    return items.map(({ number, kind, state, quantity }) => ({ number, kind, state, quantity }));
  }

  async dismiss(of: Case): Promise<void> {
    const [difference] = await this.differencesOf(of);
    await this.landfall.asOperator('billing', `/usage/differences/${difference!.number}/dismissal`, {
      reason: 'Microsoft’s support has explained it',
    });
  }

  /** How many differences of a kind the metric shows. */
  open(kind: string): Promise<number> {
    return this.landfall.metric('billing', `billing_open_differences{kind="${kind}"}`);
  }

  /** What our sums have as accepted, in units; throws where they do not agree. */
  async accepted(of: Case): Promise<number> {
    const { items } = sums.parse(await this.landfall.asOperator('billing', `/usage/sums?subscriptionId=${this.id(of)}`));
    const [audited] = items;
    if (audited!.differences.length > 0) throw new Error(`The sums of ${of} do not agree: ${JSON.stringify(audited)}`);
    return audited!.sums.reduce((sum, { accepted }) => sum + Number(accepted), 0);
  }

  /** What Microsoft's invoice has of e-mails, in cents. */
  async invoiced(of: Case): Promise<number> {
    const { cents } = invoicedOf(await this.microsoft.invoice(this.id(of)));
    return Number(cents[`${order.planId} ${dimension}`] ?? 0n);
  }
}
