import { operatorsOf, operatorToken } from '../system/operator-token';
import { readRun } from '../system/run-json';
import { landfallDir } from '../repository';
import { print, runCommand } from './command';

/** `npm run token`: a bearer token for the services' REST endpoints, alone on its line. Use `npm run -s token` in a script. */
void runCommand(async () => {
  print(await operatorToken(operatorsOf(readRun(landfallDir))));
  return 0;
});
