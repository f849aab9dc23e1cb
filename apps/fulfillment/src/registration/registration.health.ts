import { Logger } from '@nestjs/common';
import { linkKinds, type BreakerChange, type MarketplaceClient, type RefusedLink } from '@landfall/marketplace-client';
import { beginAtZero, counter } from '@landfall/service-defaults';
import { Gauge, register } from 'prom-client';

/** Alarmed at the first: once for an outage, however many endpoints it concerns and however long it lasts. */
const outages = counter('marketplace_outages_total', 'How often Microsoft stopped answering a registration, so that calls were kept back', {
  registration: [],
});

/** Microsoft's links lead to a host that `MARKETPLACE_LINK_HOSTS` does not name. Nothing was sent there, and the same was asked for elsewhere. */
const refusedLinks = counter(
  'marketplace_links_refused_total',
  'Links of Microsoft that our token must not follow, by the header or member that held them',
  { registration: [], link: [] },
);

type Watched = Pick<MarketplaceClient, 'breaker' | 'budgets'>;

/** How Microsoft answers each registration, for metrics and for whoever reads the log. */
export class RegistrationHealth {
  private readonly logger = new Logger(RegistrationHealth.name);
  private readonly clients = new Map<string, Watched>();

  constructor() {
    gauge(
      'marketplace_endpoints_kept_back',
      'Endpoints of Microsoft that are not asked since most calls failed, by registration',
      ['registration'],
      (made) => this.each((registration, { breaker }) => made.set({ registration }, breaker.endpoints.length)),
    );
    gauge(
      'marketplace_pace_calls_per_second',
      'Calls a second that Microsoft was found to allow; 0 where nothing bounds them',
      ['registration', 'budget'],
      (made) =>
        this.each((registration, { budgets }) => {
          for (const [budget, { perSecond }] of Object.entries(budgets)) made.set({ registration, budget }, perSecond ?? 0);
        }),
    );
    gauge(
      'marketplace_oldest_waiting_call_seconds',
      'For how long the oldest call to Microsoft has waited for its turn, by what it is for',
      ['registration', 'purpose'],
      (made) =>
        this.each((registration, { budgets }) => {
          const waiting = { ...budgets.general.waitingMs, ...budgets.purchases.waitingMs };
          for (const [purpose, ms] of Object.entries(waiting)) made.set({ registration, purpose }, ms / 1_000);
        }),
    );
  }

  watch(registration: string, client: Watched): void {
    beginAtZero(outages, { registration: [registration] });
    beginAtZero(refusedLinks, { registration: [registration], link: linkKinds });
    this.clients.set(registration, client);
  }

  /** An endpoint is not asked any more, or again. The first one and the last one are told: one that nobody asks hides no later outage, since its client forgets it. */
  changed(registration: string, { endpoint, isOpen }: BreakerChange): void {
    const others = this.clients.get(registration)?.breaker.endpoints.filter((one) => one !== endpoint) ?? [];
    if (others.length > 0) return;
    if (isOpen) {
      outages.inc({ registration });
      this.logger.error(
        { registration, endpoint },
        'Microsoft does not answer: most of the last calls failed. Work that needs it waits, and is done when it answers again',
      );
    } else this.logger.log({ registration }, 'Microsoft answers again: what waited for it is done now');
  }

  linkRefused(registration: string, { kind, host }: RefusedLink): void {
    refusedLinks.inc({ registration, link: kind });
    this.logger.warn(
      { registration, link: kind, host },
      'a link of Microsoft’s leads to a host that may not have our token: nothing was sent there. If it is Microsoft’s, name it in MARKETPLACE_LINK_HOSTS',
    );
  }

  private each(tell: (registration: string, client: Watched) => void): void {
    for (const [registration, client] of this.clients) tell(registration, client);
  }
}

/** Read anew at each scrape, of the application that was made last. */
function gauge<Label extends string>(name: string, help: string, labelNames: Label[], collect: (made: Gauge<Label>) => void): void {
  register.removeSingleMetric(name);
  const made: Gauge<Label> = new Gauge({ name, help, labelNames, collect: () => collect(made) });
}
