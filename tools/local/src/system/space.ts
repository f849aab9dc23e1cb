import { statfsSync } from 'node:fs';
import { SetupError } from '../setup.error';

/** Postgres and Kafka preallocate files; below this they would stop in the middle of a start. */
const leastFreeMegabytes = 500;

/** Throws one clear sentence when the disk is all but full. */
export function requireSpace(dir: string): void {
  const { bavail, bsize } = statfsSync(dir);
  const freeMegabytes = Math.floor((bavail * bsize) / 1024 / 1024);
  if (freeMegabytes >= leastFreeMegabytes) return;
  throw new SetupError(
    `There is too little space on the disk of ${dir}: ${freeMegabytes} MB are free, ${leastFreeMegabytes} MB are needed. Free some space and start again.`,
  );
}
