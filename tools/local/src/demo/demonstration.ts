import { setTimeout as wait } from 'node:timers/promises';
import type { EmulatorDetails } from '../system/emulator';
import type { Run } from '../system/run-json';
import { Browser, type Page } from './browser';
import { PublicEvents } from './public-events';
import { MarketplaceControl, SubscriptionRecords, type MarketplaceSubscription, type SubscriptionRecord } from './clients';

const lookIntervalMs = 200;
const agreementLimitMs = 60_000;

/** What happens to the subscription after the purchase: the act on Microsoft's side, and the public event that it ends in. */
const changes: { title: string; act: string; body?: Record<string, unknown>; event: string }[] = [
  { title: 'The customer moves to a larger plan', act: 'change-plan', body: { planId: 'gold' }, event: 'plan-changed' },
  { title: 'The customer buys more seats', act: 'change-quantity', body: { quantity: 25 }, event: 'quantity-changed' },
  { title: 'Microsoft cannot collect the payment and suspends', act: 'suspend', event: 'suspended' },
  { title: 'The payment came: Microsoft reinstates', act: 'reinstate', event: 'reinstated' },
  { title: 'The customer cancels', act: 'unsubscribe', event: 'unsubscribed' },
];

/** One purchase and what follows, told step by step: what is done from outside, and what each side records afterwards. */
export class Demonstration {
  private readonly marketplace: MarketplaceControl;
  private readonly records: SubscriptionRecords;
  private readonly events: PublicEvents;
  private steps = 0;

  constructor(
    run: Run,
    emulator: EmulatorDetails,
    private readonly say: (line: string) => void,
  ) {
    this.marketplace = new MarketplaceControl(emulator.controlUrl);
    this.records = new SubscriptionRecords(run, emulator);
    this.events = new PublicEvents(run.kafkaBrokers, ({ type, sequence, data }) =>
      this.tell('kafka', `${type}  #${sequence ?? '-'}  ${data.status}, ${data.planId}${seats(data.quantity)}, access ${data.access}`),
    );
  }

  async run(): Promise<void> {
    await this.events.start();
    try {
      const subscriptionId = await this.purchase();
      for (const { title, act, body, event } of changes) {
        this.step(title);
        await this.marketplace.act(subscriptionId, act, body);
        await this.events.until(event);
        await this.untilBothAgree(subscriptionId);
        const answer = await this.marketplace.lastAnswer(subscriptionId);
        if (answer) this.tell('gateway', `answered the ${answer.action} webhook with ${answer.status}`);
      }
    } finally {
      await this.events.stop();
    }
    this.say('\nEvery step was agreed upon by Microsoft, by the record, and by the events that products read.');
  }

  private async purchase(): Promise<string> {
    this.step('A customer buys in the store');
    const { subscriptionId, landingUrl } = await this.marketplace.buy({ planId: 'silver', quantity: 5 });
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
    await this.events.until('activated');
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

function seats(quantity: number | null): string {
  return quantity === null ? '' : ` × ${quantity}`;
}
