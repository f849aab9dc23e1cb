import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plans } from './storm.plan';

/**
 * What the catalog has against changes of the second publisher's offer, in a file that the local runner finds and leaves as it is: none leads from the highest plan but to the
 * lowest, and half of the seats that customers ask for are too many. What it does not name is mirrored and never refused.
 */
export function writeCatalog(dir: string, publisherId: string): void {
  const [lowest, middle, highest] = plans;
  const rules = { [lowest]: {}, [middle]: { seats: { max: 50 } }, [highest]: { mayMoveTo: [lowest] } };
  const offers = { [`${publisherId}-team`]: { displayName: 'Team', plans: rules } };
  writeFileSync(join(dir, 'catalog.yaml'), JSON.stringify({ publishers: { [publisherId]: { offers } } })); // JSON is YAML
}
