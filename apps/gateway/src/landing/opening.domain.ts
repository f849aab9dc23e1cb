import { purchaseOpened, type Person } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import type { Landing } from './landing';

/** The first signed-in visit to a purchase. */
export interface Opening {
  readonly landing: Landing;
  readonly openedBy: Person;
  readonly openedAt: string;
}

/** A purchase that somebody opened. */
export interface Opened {
  readonly purchaseId: string;
}

/** The purchase is opened by the first signed-in visit, once: the token goes to fulfillment and is forgotten here. */
export function open(known: Opened | undefined, { landing, openedBy, openedAt }: Opening): Outcome<Opened> {
  if (known) return ignored('it was opened before');
  return changed({ purchaseId: landing.purchaseId }, purchaseOpened({ ...landing, person: openedBy, openedAt }));
}
