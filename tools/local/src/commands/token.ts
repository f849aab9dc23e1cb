import { operatorToken } from '../system/operator-token';
import { readRun } from '../system/run-json';
import { landfallDir } from '../repository';
import { SetupError } from '../setup.error';
import { print, runCommand } from './command';

/** `npm run token`: a bearer token for the services' REST endpoints, alone on its line. Use `npm run -s token` in a script. */
void runCommand(async () => {
  const { emulator } = readRun(landfallDir);
  if (!emulator) throw new SetupError('This system does not use the marketplace-emulator: ask your own identity provider for a token.');
  print(await operatorToken(emulator));
  return 0;
});
