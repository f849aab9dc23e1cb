import { encryption, isDatabaseOutage } from './database';

describe('the database', () => {
  it.each(['08006', '53300', '57P01', 'ECONNREFUSED', 'ECONNRESET'])('%s means that it is away', (code) => {
    expect(isDatabaseOutage(Object.assign(new Error('x'), { code }))).toBe(true);
  });

  it.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect'])(
    '"%s" has no code and means it too',
    (message) => {
      expect(isDatabaseOutage(new Error(message))).toBe(true);
    },
  );

  it.each(['23505', '42501', '22P02', '57014'])('%s is about the statement', (code) => {
    expect(isDatabaseOutage(Object.assign(new Error('x'), { code }))).toBe(false);
  });

  it('is spoken to in clear on loopback alone, unless the operator says so', () => {
    const far = 'postgres://u:p@db.example:5432/x';
    expect(encryption({ DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/x', DATABASE_SSL: undefined })).toBe(false);
    expect(encryption({ DATABASE_URL: far, DATABASE_SSL: undefined })).toEqual({ rejectUnauthorized: true });
    expect(encryption({ DATABASE_URL: far, DATABASE_SSL: false })).toBe(false);
  });
});
