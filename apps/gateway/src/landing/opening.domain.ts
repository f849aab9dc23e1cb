import { purchaseOpened, type Person } from '@landfall/contracts';
import { changed, ignored, refused, type Outcome } from '@landfall/messaging';
import type { Landing } from './landing';

/** The first signed-in visit to a purchase. */
export interface Opening {
  readonly purchaseId: string;
  readonly openedBy: Person;
  readonly openedAt: string;
}

/** The purchase is opened by the first signed-in visit, once: the token goes to fulfillment and is forgotten here. */
export function open(landing: Landing | undefined, { openedBy, openedAt }: Opening): Outcome<Landing> {
  if (!landing) return refused('This purchase is no longer kept here.');
  const { purchaseId, registration, encryptedToken } = landing;
  if (encryptedToken === null) return ignored('it was opened before');
  const opened = { ...landing, encryptedToken: null, openedAt };
  return changed(opened, purchaseOpened({ purchaseId, registration, encryptedToken, person: openedBy, openedAt }));
}
