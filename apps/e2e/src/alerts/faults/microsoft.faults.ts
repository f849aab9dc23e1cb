import type { Fault } from '../fault';
import type { RunningSystem } from '../running.system';

/** A fault by one rule of the emulator. */
function byRule(
  about: Pick<Fault, 'what' | 'cure' | 'alerts'>,
  rule: Record<string, unknown>,
  then: (system: RunningSystem) => Promise<unknown> = async () => undefined,
): Fault {
  let id: string | undefined;
  return {
    ...about,
    async begin(system) {
      id = await system.microsoft.fault(rule);
      await then(system);
    },
    async end({ microsoft }) {
      if (id) await microsoft.endFault(id);
    },
  };
}

/** An endpoint is kept back after ten calls: so many are made at once by a few who wait. */
const waitingCustomers = 3;

/** A sweep fails, a customer who arrives is not looked up, and what we ask for is not taken. */
export const microsoftAway = (subscriptionOf: () => string): Fault =>
  byRule(
    {
      what: 'Microsoft answers each call with 503',
      cure: 'it answers',
      alerts: ['LandfallMicrosoftKeptBack', 'LandfallPurchaseNotOpened', 'LandfallRequestPending', 'LandfallSweepOld'],
    },
    { name: 'away', on: { surface: 'fulfillment' }, do: { effect: 'status', status: 503 } },
    async (system) => {
      await system.act('subscription', `/subscriptions/${subscriptionOf()}/quantity-changes`, { quantity: 17 });
      for (let customers = 0; customers < waitingCustomers; customers++) await system.arrive();
    },
  );

/** Customers change seats one after the other, so that there is something to ask. */
export const fewCalls = (subscriptionsOf: () => readonly string[]): Fault => {
  let seats = 30;
  return {
    ...byRule(
      {
        what: 'Microsoft answers each call with 429, to come again in four seconds, while customers change seats',
        cure: 'it answers',
        alerts: ['LandfallCallsWaiting'],
      },
      { name: 'too many calls', on: { surface: 'fulfillment' }, do: { effect: 'status', status: 429, retryAfter: 4 } },
    ),
    async keepOn({ microsoft }) {
      for (const id of subscriptionsOf()) await microsoft.tryTo(id, 'change-quantity', { quantity: (seats += 1) });
    },
  };
};

/** Microsoft's list is empty while this lasts, and asks are not taken. */
export function emptyList(): Fault {
  let end: () => void = () => undefined;
  let done: Promise<void> | undefined;
  return {
    what: 'Microsoft lists no subscription any more, and no operator looks',
    cure: 'it lists them again',
    alerts: ['LandfallDriftOpen', 'LandfallSweepUnanswered'],
    begin: ({ microsoft }) =>
      new Promise<void>((begun, failed) => {
        const ended = new Promise<void>((resolve) => (end = resolve));
        done = microsoft.wiped(() => {
          begun();
          return ended;
        });
        done.catch(failed);
      }),
    async end() {
      end();
      await done;
    },
  };
}

const fortnightS = 14 * 86_400;
const daysAhead = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

/** The application is not the one that Partner Center names, and its secret ends in two days. */
export const wrongRegistration: Fault = {
  what: 'The application is not published in Partner Center, and its secret ends in two days',
  cure: 'it is published, a secret that ends in a year is set, and the service started again',
  alerts: ['LandfallSelfCheckFailing', 'LandfallCredentialExpires (ticket)', 'LandfallCredentialExpires (page)'],
  async begin({ env, system, microsoft }) {
    await microsoft.application(system.run.emulator!.clientId, { publishedToPreview: false });
    env['PUBLISHER_SECRET_EXPIRES'] = daysAhead(2);
    await system.restart('fulfillment');
  },
  async end(running) {
    const { env, system, microsoft } = running;
    await microsoft.application(system.run.emulator!.clientId, { publishedToPreview: true });
    env['PUBLISHER_SECRET_EXPIRES'] = daysAhead(365);
    await system.restart('fulfillment');
    await running.untilMetric('fulfillment', 'publisher_credential_expires_seconds', (left) => left > fortnightS);
    await running.untilMetric('fulfillment', 'marketplace_self_check_failing_seconds', (age) => age === 0);
  },
};
