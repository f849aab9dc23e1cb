import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { usageRecorded } from '@landfall/contracts';
import type { EmulatorDetails } from '../system/emulator';
import type { Run } from '../system/run-json';
import { Browser, type Page } from './browser';
import { seats, wordsOf } from './event.words';
import { PublicEvents } from './public-events';
import { MarketplaceControl, Records, type MarketplaceSubscription, type SubscriptionRecord } from './clients';

const lookIntervalMs = 200;
const agreementLimitMs = 60_000;

/** What happens to the subscription after the purchase: the act on Microsoft's side, and the public event that it ends in. */
const changes: { title: string; act: string; body?: Record<string, unknown>; event: string }[] = [
  { title: 'The customer moves to a larger plan', act: 'change-plan', body: { planId: 'gold' }, event: 'subscription.plan-changed' },
  { title: 'The customer buys more seats', act: 'change-quantity', body: { quantity: 25 }, event: 'subscription.quantity-changed' },
  { title: 'Microsoft cannot collect the payment and suspends', act: 'suspend', event: 'subscription.suspended' },
  { title: 'The payment came: Microsoft reinstates', act: 'reinstate', event: 'subscription.reinstated' },
  { title: 'The customer cancels', act: 'unsubscribe', event: 'subscription.unsubscribed' },
];

/** What a product reports of its customer: the plan includes 1,000 e-mails, and each further one costs a cent. */
const used = ['700', '800'];
/** The hour ends, and late records of it are waited for. */
const untilReported = 'PT90M';

/** Two purchases and what follows, told step by step: what is done from outside, and what each side records afterwards. */
export class Demonstration {
  private readonly marketplace: MarketplaceControl;
  private readonly records: Records;
  private readonly events: PublicEvents;
  private steps = 0;

  constructor(
    run: Run,
    private readonly emulator: EmulatorDetails,
    private readonly say: (line: string) => void,
  ) {
    this.marketplace = new MarketplaceControl(emulator.controlUrl);
    this.records = new Records(run, emulator);
    this.events = new PublicEvents(run.kafkaBrokers, (event) => this.tell('kafka', wordsOf(event)));
  }

  async run(): Promise<void> {
    await this.events.start();
    try {
      await this.seatsChange(await this.purchase({ planId: 'silver', quantity: 5 }));
      const { meteredOfferId: offerId } = this.emulator;
      await this.usageIsInvoiced(await this.purchase({ offerId, planId: 'base' }));
    } finally {
      await this.events.stop();
    }
    this.say('\nEvery step was agreed upon by Microsoft, by the record, and by the events that products read.');
  }

  private async seatsChange(subscriptionId: string): Promise<void> {
    for (const { title, act, body, event } of changes) {
      this.step(title);
      await this.marketplace.act(subscriptionId, act, body);
      await this.events.until(event);
      await this.untilBothAgree(subscriptionId);
      const answer = await this.marketplace.lastAnswer(subscriptionId);
      if (answer) this.tell('gateway', `answered the ${answer.action} webhook with ${answer.status}`);
    }
  }

  private async usageIsInvoiced(subscriptionId: string): Promise<void> {
    this.step('Your product reports what was used');
    const time = (await this.marketplace.now()).toISOString();
    const events = used.map((quantity) => ({
      ...{ specversion: '1.0', type: usageRecorded.type, source: 'demo', id: randomUUID(), subject: subscriptionId, time },
      data: { meter: 'emails', quantity },
    }));
    const { results } = await this.records.report(events);
    results.forEach(({ result, reason }, place) => this.tell('billing', `${used[place]} e-mails: ${reason ?? result}`));
    await this.events.until('billing.usage-counted');

    this.step('The hour passes, on the emulator’s clock');
    await this.marketplace.advance(untilReported);
    await this.events.until('billing.usage-reported');

    this.step('Microsoft’s invoice');
    const { terms, amount, currency } = await this.marketplace.invoice(subscriptionId);
    for (const { fees, usage } of terms) {
      for (const fee of fees) this.tell('microsoft', `${fee.planId.padEnd(14)} ${money(fee.amount)}`);
      for (const { dimension, quantity, amount: cost } of usage.flatMap(({ lines }) => lines))
        this.tell('microsoft', `${`${quantity} ${dimension}`.padEnd(14)} ${money(cost)}`);
    }
    this.tell('microsoft', `${'in all'.padEnd(14)} ${money(amount)} ${currency}`);
  }

  private async purchase(order: Record<string, unknown>): Promise<string> {
    this.step(`A customer buys ${order['quantity'] ? 'five seats' : 'a plan with metered usage'} in the store`);
    const { subscriptionId, landingUrl } = await this.marketplace.buy(order);
    this.events.follow(subscriptionId);
    const sold = await this.marketplace.subscription(subscriptionId);
    this.tell('store', `subscription ${subscriptionId}`);
    this.tellMarketplace(sold);

    this.step('The store sends the browser to the landing page; the customer signs in');
    const browser = new Browser();
    const page = await this.arrive(browser, landingUrl, sold.beneficiary.emailId);
    this.tell('gateway', `the page says: ${page.text('purchase-state')}`);

    this.step('The customer confirms');
    const contact = { name: 'A demonstration', email: sold.beneficiary.emailId };
    await browser.submit(page.action('confirm-form'), {
      ...contact,
      purchaseId: page.value('purchaseId'),
      csrf: page.value('csrf'),
      acceptTerms: 'yes',
    });
    await this.events.until('subscription.activated');
    await this.untilBothAgree(subscriptionId);
    const shown = await this.untilState(browser, page.url, 'active');
    this.tell('gateway', `the page says: ${shown.text('purchase-state')}`);
    return subscriptionId;
  }

  private async arrive(browser: Browser, landingUrl: string, who: string): Promise<Page> {
    const signIn = await browser.open(landingUrl);
    const page = await browser.submit(signIn.action('people'), { person: signIn.value('person', `person-${who}`) });
    return this.untilState(browser, page.url, 'form');
  }

  private async untilState(browser: Browser, url: string, state: string): Promise<Page> {
    for (const until = Date.now() + agreementLimitMs; ; await wait(lookIntervalMs)) {
      const page = await browser.open(url);
      if (page.state === state) return page;
      if (Date.now() > until) throw new Error(`The purchase page did not come to "${state}", it says "${page.state}"`);
    }
  }

  /** Asks both sides until they say the same, and tells what that is. */
  private async untilBothAgree(subscriptionId: string): Promise<void> {
    for (const until = Date.now() + agreementLimitMs; ; await wait(lookIntervalMs)) {
      const [sold, record] = await Promise.all([this.marketplace.subscription(subscriptionId), this.records.find(subscriptionId)]);
      if (agree(sold, record)) {
        this.tellMarketplace(sold);
        return this.tell(
          'landfall',
          `${record.status}, ${record.planId}${seats(record.quantity)}, access ${record.access}  (version ${record.version})`,
        );
      }
      if (Date.now() > until) throw new Error(`Microsoft says ${sold.saasSubscriptionStatus}, our record says ${record.status}`);
    }
  }

  private step(title: string): void {
    this.say(`\n${++this.steps}. ${title}`);
  }

  private tell(side: string, words: string): void {
    this.say(`     ${side.padEnd(10)} ${words}`);
  }

  private tellMarketplace({ saasSubscriptionStatus, planId, quantity }: MarketplaceSubscription): void {
    this.tell('microsoft', `${saasSubscriptionStatus}, ${planId}${seats(quantity)}`);
  }
}

function agree(sold: MarketplaceSubscription, record: SubscriptionRecord): boolean {
  return sold.saasSubscriptionStatus === record.status && sold.planId === record.planId && sold.quantity === record.quantity;
}

const money = (amount: number): string => amount.toFixed(2).padStart(8);
