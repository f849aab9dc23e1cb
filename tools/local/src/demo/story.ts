import { setTimeout as wait } from 'node:timers/promises';
import type { EmulatorDetails } from '../house/emulator';
import type { Run } from '../house/run-json';
import { Browser, type Page } from './browser';
import { PublicEvents } from './public-events';
import { Landfall, Microsoft, type Entry, type Truth } from './sides';

const lookIntervalMs = 200;
const agreementLimitMs = 60_000;

/** What the year brings after the purchase: the act on Microsoft's side, and the public event that it ends in. */
const year: { title: string; act: string; body?: Record<string, unknown>; event: string }[] = [
  { title: 'The customer moves to a larger plan', act: 'change-plan', body: { planId: 'gold' }, event: 'plan-changed' },
  { title: 'The customer buys more seats', act: 'change-quantity', body: { quantity: 25 }, event: 'quantity-changed' },
  { title: 'Microsoft cannot collect the payment and suspends', act: 'suspend', event: 'suspended' },
  { title: 'The payment came: Microsoft reinstates', act: 'reinstate', event: 'reinstated' },
  { title: 'The customer cancels', act: 'unsubscribe', event: 'unsubscribed' },
];

/** One purchase and what follows, told step by step: what is done at a public door, and what each side says afterwards. */
export class Story {
  private readonly microsoft: Microsoft;
  private readonly landfall: Landfall;
  private readonly events: PublicEvents;
  private steps = 0;

  constructor(
    run: Run,
    emulator: EmulatorDetails,
    private readonly say: (line: string) => void,
  ) {
    this.microsoft = new Microsoft(emulator.controlUrl);
    this.landfall = new Landfall(run, emulator);
    this.events = new PublicEvents(run.kafkaBrokers, ({ type, sequence, data }) =>
      this.tell('kafka', `${type}  #${sequence ?? '-'}  ${data.status}, ${data.planId}${seats(data.quantity)}, access ${data.access}`),
    );
  }

  async play(): Promise<void> {
    await this.events.start();
    try {
      const subscriptionId = await this.purchase();
      for (const { title, act, body, event } of year) {
        this.step(title);
        await this.microsoft.act(subscriptionId, act, body);
        await this.events.until(event);
        await this.agreement(subscriptionId);
        const answer = await this.microsoft.lastAnswer(subscriptionId);
        if (answer) this.tell('gateway', `answered the ${answer.action} webhook with ${answer.status}`);
      }
    } finally {
      await this.events.stop();
    }
    this.say('\nEvery step was agreed upon by Microsoft, by the record, and by the events that products read.');
  }

  private async purchase(): Promise<string> {
    this.step('A customer buys in the store');
    const { subscriptionId, landingUrl } = await this.microsoft.buy({ planId: 'silver', quantity: 5 });
    this.events.follow(subscriptionId);
    const truth = await this.microsoft.truth(subscriptionId);
    this.tell('store', `subscription ${subscriptionId}`);
    this.tellTruth(truth);

    this.step('The store sends the browser to the landing page; the customer signs in');
    const browser = new Browser();
    const page = await this.arrive(browser, landingUrl, truth.beneficiary.emailId);
    this.tell('gateway', `the page says: ${page.text('purchase-state')}`);

    this.step('The customer confirms');
    const contact = { name: 'A demonstration', email: truth.beneficiary.emailId };
    await browser.submit(page.action('confirm-form'), {
      ...contact,
      purchaseId: page.value('purchaseId'),
      csrf: page.value('csrf'),
      acceptTerms: 'yes',
    });
    await this.events.until('activated');
    await this.agreement(subscriptionId);
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
  private async agreement(subscriptionId: string): Promise<void> {
    for (const until = Date.now() + agreementLimitMs; ; await wait(lookIntervalMs)) {
      const [truth, entry] = await Promise.all([this.microsoft.truth(subscriptionId), this.landfall.entry(subscriptionId)]);
      if (agree(truth, entry)) {
        this.tellTruth(truth);
        return this.tell(
          'landfall',
          `${entry.status}, ${entry.planId}${seats(entry.quantity)}, access ${entry.access}  (version ${entry.version})`,
        );
      }
      if (Date.now() > until) throw new Error(`Microsoft says ${truth.saasSubscriptionStatus}, our record says ${entry.status}`);
    }
  }

  private step(title: string): void {
    this.say(`\n${++this.steps}. ${title}`);
  }

  private tell(side: string, words: string): void {
    this.say(`     ${side.padEnd(10)} ${words}`);
  }

  private tellTruth({ saasSubscriptionStatus, planId, quantity }: Truth): void {
    this.tell('microsoft', `${saasSubscriptionStatus}, ${planId}${seats(quantity)}`);
  }
}

function agree(truth: Truth, entry: Entry): boolean {
  return truth.saasSubscriptionStatus === entry.status && truth.planId === entry.planId && truth.quantity === entry.quantity;
}

function seats(quantity: number | null): string {
  return quantity === null ? '' : ` × ${quantity}`;
}
