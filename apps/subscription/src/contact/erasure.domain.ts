import {
  ERASED_SUBSCRIPTIONS_LIMIT,
  subscriptionContactErased,
  type DataOf,
  type gatewayContactErased,
  type Person,
} from '@landfall/contracts';
import { changed, ignored, refused, type JobOf, type Outcome } from '@landfall/messaging';
import { eraseStored, noteErasure } from './erasure.job';

/** A person whose data is to be erased, and what it may be about. */
export interface ErasedPerson extends Person {
  readonly erasureId: string;
  readonly subscriptionIds: readonly string[];
}

/** Each service is told by ids alone. Nothing has to be known of the person: a session, or a message on its way, may be all there is. */
export function erasePerson(person: ErasedPerson): Outcome<ErasedPerson> {
  const { erasureId, tenantId, objectId } = person;
  const subscriptionIds = [...person.subscriptionIds];
  if (subscriptionIds.length > ERASED_SUBSCRIPTIONS_LIMIT)
    return refused(
      `The person belongs to ${subscriptionIds.length} subscriptions, and ${ERASED_SUBSCRIPTIONS_LIMIT} can be erased at once`,
    );
  return changed(
    person,
    subscriptionContactErased({ erasureId, tenantId, objectId, subscriptionIds }),
    eraseStored({ erasureId, subscriptionIds }),
  );
}

type Service = JobOf<typeof noteErasure>['payload']['service'];

/** Another service has done its part. No subscription changes by it. */
export const noteErasedIn =
  (service: Service) =>
  (_subscription: unknown, { data }: { readonly data: DataOf<typeof gatewayContactErased> }): Outcome<never> =>
    ignored('it changes no subscription', noteErasure({ erasureId: data.erasureId, service }));
