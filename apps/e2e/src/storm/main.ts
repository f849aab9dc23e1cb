import { argumentsOf, print, runCommand, SetupError } from '@landfall/local';
import { runStorm } from './storm';
import { isGood, written } from './storm.report';
import { fullScale, walkScale } from './storm.scale';

const usage = [
  'npm run storm -- --seed 7 --minutes 10      a whole number, which decides what happens, and how long the storm lasts; exit code 1 where something differs',
  "                 --time-factor 0.25         multiplies Microsoft's minutes, 0.02 to 1 (default): the storm comes to rest the sooner",
  'npm run storm -- --walk --seed 7            two thousand acts from both sides, and two kills of each service',
].join('\n');

/** `npm run storm -- --seed 7 --minutes 10`: exits 1 where something differs. */
void runCommand(async (stop) => {
  const given = argumentsOf(usage, {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '10' },
    walk: { type: 'boolean', default: false },
    'time-factor': { type: 'string', default: '1' },
  });
  if (!given) return 0;
  const [seed, minutes, timeFactor] = [given.values.seed, given.values.minutes, given.values['time-factor']].map(Number) as [
    number,
    number,
    number,
  ];
  if (!Number.isInteger(seed) || seed < 0 || !(minutes > 0) || !(timeFactor >= 0.02 && timeFactor <= 1)) throw new SetupError(usage);
  const report = await runStorm({ seed, scale: given.values.walk ? walkScale : fullScale(minutes, timeFactor), stop, say: print });
  print(`\n${written(report)}`);
  return isGood(report) ? 0 : 1;
});
