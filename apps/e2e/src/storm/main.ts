import { argumentsOf, print, runCommand, SetupError } from '@landfall/local';
import { runStorm } from './storm';
import { isGood, written } from './storm.report';
import { fullScale } from './storm.scale';

const usage =
  'npm run storm -- --seed 7 --minutes 10      a whole number, which decides what happens, and how long the storm lasts; exit code 1 where something differs';

/** `npm run storm -- --seed 7 --minutes 10`: exits 1 where something differs. */
void runCommand(async (stop) => {
  const given = argumentsOf(usage, { seed: { type: 'string', default: '1' }, minutes: { type: 'string', default: '10' } });
  if (!given) return 0;
  const [seed, minutes] = [Number(given.values.seed), Number(given.values.minutes)];
  if (!Number.isInteger(seed) || seed < 0 || !(minutes > 0)) throw new SetupError(usage);
  const report = await runStorm({ seed, scale: fullScale(minutes), stop, say: print });
  print(`\n${written(report)}`);
  return isGood(report) ? 0 : 1;
});
