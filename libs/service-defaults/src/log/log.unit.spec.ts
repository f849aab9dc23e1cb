import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { inRequest, pinoOptions } from './log';

function line(...entry: [object, string]): string {
  const stream = new PassThrough();
  pino(pinoOptions('shop', { LOG_LEVEL: 'info', INSTANCE_NAME: 'shop-0' }), stream).info(...entry);
  return String(stream.read());
}
const logged = (...entry: [object, string]) => JSON.parse(line(...entry)) as Record<string, unknown>;

describe('the log', () => {
  it('shows ids, numbers and known words, and only names what else it was given', () => {
    const entry = logged(
      {
        subscriptionId: 's-1',
        attempts: 3,
        imported: true,
        topic: 't',
        partitions: 4,
        email: 'eve@example.com',
        person: { name: 'Eve' },
        token: 'eyJ',
      },
      'done',
    );
    expect(entry).toMatchObject({
      level: 'info',
      service: 'shop',
      instance: 'shop-0',
      msg: 'done',
      subscriptionId: 's-1',
      attempts: 3,
      imported: true,
      topic: 't',
      partitions: 4,
    });
    expect(entry['leftOut']).toEqual(['email', 'person', 'token']);
    expect(JSON.stringify(entry)).not.toMatch(/eve@|Eve|eyJ/);
  });

  it('shows the words that say what is wrong with what Microsoft shows', () => {
    const words = { about: 'target', missing: ['planId', 'quantity'] };
    expect(logged(words, 'look at it')).toMatchObject(words);
  });

  it('names the correlation id of a request once in each line, also where the entry names it itself', () => {
    const lines: string[] = [];
    inRequest('c-1', () => lines.push(line({}, 'in a request'), line({ correlationId: 'c-2' }, 'with one of its own')));
    expect(lines.map((one) => one.match(/"correlationId":"[^"]*"/g))).toEqual([['"correlationId":"c-1"'], ['"correlationId":"c-2"']]);
    expect(line({}, 'outside of it')).not.toContain('correlationId');
  });

  it('shows of an error what it is, not the values of rows that it carries', () => {
    const error = Object.assign(new Error('duplicate key'), {
      code: '23505',
      constraint: 'contacts_pkey',
      detail: 'Key (email)=(eve@example.com)',
      parameters: ['eve@example.com'],
    });
    const entry = logged({ err: new Error('outer', { cause: error }) }, 'failed');
    expect(entry['err']).toMatchObject({
      type: 'Error',
      message: 'outer',
      cause: { message: 'duplicate key', code: '23505', constraint: 'contacts_pkey' },
    });
    expect(JSON.stringify(entry)).not.toContain('eve@');
  });
});
