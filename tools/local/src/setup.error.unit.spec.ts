import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NotReady } from './setup.error';
import { temporaryDir } from './testing/temporary-dir';

it('sends to the log of a part that is not ready where it has one, and says where that is empty that the machine may be busy', () => {
  const { dir, remove } = temporaryDir();
  const log = join(dir, 'part.log');
  expect(new NotReady('Kafka', 5000, undefined).message).toBe('Kafka was not ready after 5 s.');
  const silent = `Kafka was not ready after 5 s. It has written nothing yet (${log}): the machine may be busy, so try again.`;
  expect(new NotReady('Kafka', 5000, log).message).toBe(silent);
  writeFileSync(log, '');
  expect(new NotReady('Kafka', 5000, log).message).toBe(silent);
  writeFileSync(log, 'OutOfMemoryError');
  expect(new NotReady('Kafka', 5000, log).message).toBe(`Kafka was not ready after 5 s. Its log says why: ${log}`);
  remove();
});
