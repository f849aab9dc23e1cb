import { randomInt } from 'node:crypto';
import type { Application } from '../../applications/application';
import type { Applications } from '../../applications/applications';
import type { ReadView } from '../../faults/past';
import type { Addresses } from '../../identity/addresses';
import type { SettingsRepository } from '../../settings/settings.repository';
import type { Subscription } from '../../subscription/subscription';
import type { SubscriptionRepository } from '../../subscription/subscription.repository';
import type { ApiAnswers } from '../api.answers';
import { placeIn, tokenOf, type Place } from './continuation';

const partitions = 4;

/** Pages of random size with a link on another host (contract 3.5). */
export class SubscriptionList {
  constructor(
    private readonly subscriptions: SubscriptionRepository,
    private readonly applications: Applications,
    private readonly settings: SettingsRepository,
    private readonly addresses: Addresses,
    private readonly answers: ApiAnswers,
  ) {}

  /**
   * One page of what the caller may see, or none as the body; undefined when the continuation token is not one of ours.
   * @param view the subscriptions as the call is to see them; a stale one may leave entries out
   */
  page(
    caller: Application,
    continuationToken: string | null,
    view: ReadView['subscriptions'] = this.subscriptions,
  ): object | 'no-body' | undefined {
    const { emptyAnswer, emptyPageWithLink, listOrder } = this.settings.current;
    const isFirst = !continuationToken;
    const first: Place = { position: 0, partition: listOrder === 'partitioned' ? 0 : null, isEmpty: emptyPageWithLink !== 'never' };
    const place = isFirst ? first : placeIn(continuationToken);
    if (!place) return undefined;
    const { subscriptions, next } = this.entries(caller, place, view);
    if (isFirst && subscriptions.length === 0 && !next && emptyAnswer !== 'empty-list') return emptyAnswer === 'no-body' ? 'no-body' : {};
    if (place.isEmpty) return this.written([], { ...place, isEmpty: false });
    return this.written(subscriptions, next && { ...next, isEmpty: emptyPageWithLink !== 'never' });
  }

  /** The entries from a place on, and the place after them, if there is anything behind it. */
  private entries(
    caller: Application,
    { position, partition }: Place,
    view: ReadView['subscriptions'],
  ): { subscriptions: Subscription[]; next: Omit<Place, 'isEmpty'> | null } {
    const { applications, settings } = this;
    const { listPageSizeMin, listPageSizeMax } = settings.current;
    const size = randomInt(Math.min(listPageSizeMin, listPageSizeMax), Math.max(listPageSizeMin, listPageSizeMax) + 1);
    const isVisible = (subscription: Subscription) => applications.mayUse(caller, subscription);
    if (partition === null) {
      const page = view.page(position, size, isVisible);
      return { ...page, next: page.next === null ? null : { position: page.next, partition } };
    }
    const page = view.page(position, size, (subscription) => subscription.position % partitions === partition && isVisible(subscription));
    if (page.next !== null) return { ...page, next: { position: page.next, partition } };
    const isLast = partition === partitions - 1 || !this.subscriptions.some(isVisible);
    return { ...page, next: isLast ? null : { position: 0, partition: partition + 1 } };
  }

  private written(subscriptions: Subscription[], next: Place | null): object {
    const { lastPageLink } = this.settings.current;
    const last = { absent: {}, null: { '@nextLink': null }, empty: { '@nextLink': '' } }[lastPageLink];
    return {
      subscriptions: subscriptions.map((subscription) => this.answers.subscription(subscription)),
      ...(next
        ? { '@nextLink': `${this.addresses.linkedApiUrl}/saas/subscriptions/?continuationToken=${tokenOf(next)}&api-version=2018-08-31` }
        : last),
    };
  }
}
