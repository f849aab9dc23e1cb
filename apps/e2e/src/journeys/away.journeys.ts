import { setTimeout as wait } from 'node:timers/promises';
import { Outage } from '../outage';
import type { DeclareJourney } from '../side-by-side';
import type { SystemUnderTest } from '../system';
import { secondPublisher } from './publishers.journeys';

const awayMs = 30_000;

/**
 * For half a minute Microsoft does not answer one publisher. Meanwhile journeys of the others go on: such as change no setting of Microsoft's and let no business time pass, in
 * which what waits would be due. The regressions have an outage that meets everybody.
 */
export function awayJourneys(landfall: SystemUnderTest): { begin(): void; end(it: DeclareJourney): void } {
  const outage = new Outage(landfall, () => {
    const { name: registration, offerId } = landfall.system.run.publishers.find(({ name }) => name === secondPublisher)!;
    return { registration, offerId };
  });
  let ended: Promise<void> = Promise.reject(new Error('The outage has not begun'));
  ended.catch(() => undefined); // the test of the end tells it
  const end = async () => {
    await wait(Math.max(0, awayMs - outage.lastsMs));
    await outage.everythingWaits();
    await outage.end();
    await outage.everythingIsDoneOnce();
  };
  return {
    begin: () =>
      it('begins while a purchase, a request and two webhooks are under way: customers are not turned away', async () => {
        await outage.begin();
        ended = end();
        ended.catch(() => undefined); // its own test tells it
      }),
    end: (it) => it('ends after half a minute: all that waited is done once, nothing was given up, and somebody was told', () => ended),
  };
}
