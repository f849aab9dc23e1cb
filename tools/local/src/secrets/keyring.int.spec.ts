import { readFileSync, statSync } from 'node:fs';
import { temporaryDir } from '../testing/temporary-dir';
import { keyringFiles } from './keyring';

const keysOf = (file = '') => (JSON.parse(readFileSync(file, 'utf8')) as { keys: { kid: string; d?: string }[] }).keys;

describe("a system's keys", () => {
  const { dir, remove } = temporaryDir();
  afterAll(remove);

  it('are made once; a service has its own, and of the others only what encrypts for them', async () => {
    const files = await keyringFiles(dir, ['gateway', 'fulfillment']);
    const keys = keysOf(files.get('gateway'));
    expect(keys.map(({ kid, d }) => [kid, d !== undefined])).toEqual([
      ['gateway.encryption.1', true],
      ['gateway.data.1', false],
      ['gateway.session.1', false],
      ['fulfillment.encryption.1', false],
    ]);
    expect(statSync(files.get('gateway') ?? '').mode & 0o077).toBe(0);
    const more = await keyringFiles(dir, ['gateway', 'fulfillment', 'billing']);
    expect(keysOf(more.get('gateway')).slice(0, 4)).toEqual(keys);
    expect(keysOf(more.get('billing'))).toHaveLength(5);
  });
});
