import { Demonstration } from '../demo/demonstration';
import { readRun } from '../system/run-json';
import { landfallDir } from '../repository';
import { SetupError } from '../setup.error';
import { print, runCommand } from './command';

/** `npm run demo`: a purchase and what follows it, through the public endpoints of the system that runs here. */
void runCommand(async () => {
  const run = readRun(landfallDir);
  if (!run.emulator) throw new SetupError('The demonstration buys at the marketplace-emulator, and this system uses another marketplace.');
  await new Demonstration(run, run.emulator, print).run();
  return 0;
});
