import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { pinoOptions } from './log';

function logged(...entry: [object, string]): Record<string, unknown> {
  const stream = new PassThrough();
  pino(pinoOptions('shop', { LOG_LEVEL: 'info', INSTANCE_NAME: 'shop-0' }), stream).info(...entry);
  return JSON.parse(String(stream.read())) as Record<string, unknown>;
}

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
