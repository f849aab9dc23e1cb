import { parseArgs } from 'node:util';
import { keyringFolder } from './keyring.folder';
import { partsOf } from './keyring.file';

const usage = `Makes the keys of an installation: main.js --dir DIR <service> <service> …

DIR/all.json gets all of them, DIR/<service>.json what one service needs (KEYRING_FILE). Keys that are there stay.

  --rotate <service>.<encryption|data|session>   adds one more key, which encrypts or signs from now on; those before it still open
`;
const exitUsage = 64;

function main(): void {
  const { values, positionals: services } = parseArgs({
    options: { dir: { type: 'string' }, rotate: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help || !values.dir || services.length === 0) {
    process[values.help ? 'stdout' : 'stderr'].write(usage);
    process.exitCode = values.help ? 0 : exitUsage;
    return;
  }
  const rotated = values.rotate === undefined ? undefined : partsOf(`${values.rotate}.1`);
  if (rotated && !services.includes(rotated.service)) throw new Error(`${rotated.service} is none of the services that were named`);
  keyringFolder(values.dir, services, rotated);
  process.stdout.write(`The keys of ${services.join(', ')} are in ${values.dir}.\n`);
}

try {
  main();
} catch (error) {
  process.stderr.write(`The keys could not be made: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
