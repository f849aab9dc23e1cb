import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDir } from '../testing/temporary-dir';
import { Secrets, withOwnSecrets } from './secrets';

const { dir, remove } = temporaryDir();
afterAll(remove);

it('says which file of secrets is broken, and shows nothing of what it holds', () => {
  writeFileSync(join(dir, 'secrets.json'), '{"postgres": "Zq7Zq7", oops');
  const message = 'is no JSON: it was cut short or edited. Put it back, or remove .landfall to begin with new data.';
  expect(() => new Secrets(dir)).toThrow(`${join(dir, 'secrets.json')} ${message}`);
});

it('tells a service when its secret ends, which is no secret', () => {
  const env = { PUBLISHER_SECRET_EXPIRES: '2027-01-01', PUBLISHER_CLIENT_SECRET: 'x', SIGNIN_CLIENT_SECRET: 'y' };
  expect(withOwnSecrets('fulfillment', env)).toEqual({ PUBLISHER_SECRET_EXPIRES: '2027-01-01', PUBLISHER_CLIENT_SECRET: 'x' });
});
