import { encryption } from './session.settings';

describe('the database', () => {
  it('is spoken to in clear on loopback alone, unless the operator says so', () => {
    const far = 'postgres://u:p@db.example:5432/x';
    expect(encryption({ DATABASE_URL: 'postgres://u:p@127.0.0.1:5432/x', DATABASE_SSL: undefined })).toBe(false);
    expect(encryption({ DATABASE_URL: far, DATABASE_SSL: undefined })).toEqual({ rejectUnauthorized: true });
    expect(encryption({ DATABASE_URL: far, DATABASE_SSL: false })).toBe(false);
  });
});
