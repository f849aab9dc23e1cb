import { parseArgs } from 'node:util';
import { keyringFolder } from './keyring.folder';
import { partsOf, type Rotation } from './keyring.file';

const usage = `Makes the keys of an installation: main.js --dir DIR <service> <service> …

DIR/all.json gets all of them, DIR/<service>.json what one service needs (KEYRING_FILE). Keys that are there stay.

A key is rotated in three steps, with a restart of the copies after each (docs/how-to/rotate-secrets.md):
  --next <service>.<encryption|data|session>   adds a key that only opens: every copy has it before anybody writes with it
  --use <service>.<encryption|data|session>    that key encrypts or signs from now on; those before it still open
  --drop <service>.<kind>.<n>                  removes a key that a newer one has replaced. What it encrypted can never be read again
`;
const exitUsage = 64;

function main(): void {
  const { values, positionals: services } = parseArgs({
    options: {
      dir: { type: 'string' },
      next: { type: 'string' },
      use: { type: 'string' },
      drop: { type: 'string' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  if (values.help || !values.dir || services.length === 0) {
    process[values.help ? 'stdout' : 'stderr'].write(usage);
    process.exitCode = values.help ? 0 : exitUsage;
    return;
  }
  keyringFolder(values.dir, services, stepOf(values, services));
  process.stdout.write(`The keys of ${services.join(', ')} are in ${values.dir}.\n`);
}

/** @throws Error with a sentence for people */
function stepOf({ next, use, drop }: { next?: string; use?: string; drop?: string }, services: readonly string[]): Rotation | undefined {
  const steps = [...(next ? [{ next }] : []), ...(use ? [{ use }] : []), ...(drop ? [{ drop }] : [])];
  if (steps.length > 1) throw new Error('take one step of a rotation at a time, and restart the copies after it');
  const named = next ?? use ?? drop;
  const service = named && partsOf(drop ? named : `${named}.1`).service;
  if (service && !services.includes(service)) throw new Error(`${service} is none of the services that were named`);
  return steps[0];
}

try {
  main();
} catch (error) {
  process.stderr.write(`The keys could not be made: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
