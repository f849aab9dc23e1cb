import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argumentsOf, isInstalled, print, repositoryDir, runCommand } from '@landfall/local';
import { checkAlerts } from './check';
import { isGood, pageFile, pageOf, unseen } from './page';

const usage = [
  'npm run check:alerts                       makes each alert come and go by a fault in a system of its own, for a quarter of an hour',
  `npm run check:alerts -- --write            the same, and writes what was seen to ${pageFile}`,
  'npm run check:alerts -- --only SweepOld    those alone with this in their names, or with one of several such parts with commas between',
].join('\n');

/** `npm run check:alerts`: 1 where an alert did not come, did not go, or came while all was well. */
void runCommand(async (stop) => {
  const given = argumentsOf(usage, { write: { type: 'boolean' }, only: { type: 'string' } });
  if (!given) return 0;
  if (!isInstalled('prometheus')) {
    print("Left out: no alert was made to fire, since Prometheus is not installed (Debian's package prometheus has it).");
    return 0;
  }
  const { only, write } = given.values;
  const shown = await checkAlerts({ only, stop, say: print });
  const page = join(repositoryDir, pageFile);
  if (write) writeFileSync(page, pageOf(shown, only && existsSync(page) ? readFileSync(page, 'utf8') : ''));
  const wrong = shown.seen.filter(({ firedAfterMs, endedAfterMs, failure }) => firedAfterMs === null || endedAfterMs === null || failure);
  for (const { alert, failure } of wrong) print(`${alert}: not as it should be${failure ? `: ${failure}` : ''}`);
  for (const { alerts, faults } of shown.beside) print(`Beside ${faults.length} faults also fired: ${alerts.join(', ')}`);
  if (shown.left.length > 0) print(`Never ended, although all was mended: ${shown.left.join(', ')}`);
  if (only) return wrong.length + shown.left.length + shown.fired.length === 0 ? 0 : 1;
  const left = unseen(shown.rules, shown.seen);
  if (left.length > 0) print(`No fault makes: ${left.join(', ')}`);
  print(`${shown.seen.length - wrong.length} of ${shown.rules.length} alerts came and went, in ${shown.minutes} minutes.`);
  return isGood(shown) ? 0 : 1;
});
