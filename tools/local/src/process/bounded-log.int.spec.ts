import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDir } from '../testing/temporary-dir';
import { BoundedLog } from './bounded-log';

describe('a bounded log', () => {
  const { dir, remove } = temporaryDir();
  afterAll(remove);

  it('keeps the newest lines and never more than two files of its size', () => {
    const log = new BoundedLog(join(dir, 'a.log'), 1000);
    for (let n = 0; n < 500; n++) log.write(`line ${n}\n`);
    log.close();
    expect(readdirSync(dir).sort()).toEqual(['a.log', 'a.log.1']);
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).size).toBeLessThan(1100);
    expect(readFileSync(join(dir, 'a.log'), 'utf8')).toMatch(/line 499\n$/);
  });

  it('goes on where the last run ended', () => {
    for (const text of ['one\n', 'two\n']) {
      const log = new BoundedLog(join(dir, 'b.log'));
      log.write(text);
      log.close();
    }
    expect(readFileSync(join(dir, 'b.log'), 'utf8')).toBe('one\ntwo\n');
  });
});
