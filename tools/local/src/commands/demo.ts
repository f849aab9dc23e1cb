import { Story } from '../demo/story';
import { readRun } from '../house/run-json';
import { landfallDir } from '../repository';
import { SetupError } from '../setup.error';
import { print, runCommand } from './command';

/** `npm run demo`: a purchase and what follows it, through the public doors of the house that runs here. */
void runCommand(async () => {
  const run = readRun(landfallDir);
  if (!run.emulator) throw new SetupError('The demonstration buys at the marketplace-emulator, and this house uses another marketplace.');
  await new Story(run, run.emulator, print).play();
  return 0;
});
