import { parseArgs } from 'node:util';
import { print, runCommand, SetupError } from '@landfall/local';
import { runStorm } from './storm';
import { isGood, written } from './storm.report';
import { fullScale } from './storm.scale';

/** `npm run storm -- --seed 7 --minutes 10`: exits 1 where something differs. */
void runCommand(async (stop) => {
  const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, minutes: { type: 'string', default: '10' } } });
  const [seed, minutes] = [Number(values.seed), Number(values.minutes)];
  if (!Number.isInteger(seed) || seed < 0 || !(minutes > 0))
    throw new SetupError('Say it like this: npm run storm -- --seed 7 --minutes 10 (a whole number, and how long the storm lasts).');
  const report = await runStorm({ seed, scale: fullScale(minutes), stop, say: print });
  print(`\n${written(report)}`);
  return isGood(report) ? 0 : 1;
});
