import { errorCodeOf, isOutage, isRolledBackByPostgres } from './outage';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('an outage of the database', () => {
  it.each([
    ['08000', 'connection exception'],
    ['08003', 'connection does not exist'],
    ['08006', 'connection failure'],
    ['08001', 'cannot connect'],
    ['08004', 'server rejected the connection'],
    ['08007', 'transaction resolution unknown'],
    ['53000', 'out of resources'],
    ['53100', 'disk full'],
    ['53200', 'out of memory'],
    ['53300', 'too many connections'],
    ['57P01', 'administrator ends the session'],
    ['57P02', 'crash of the server'],
    ['57P03', 'cannot connect now'],
    ['57P05', 'idle session ended'],
    ['57014', 'statement time-out'],
    ['55P03', 'lock not available'],
    ['25P03', 'idle transaction ended'],
    ['25006', 'read-only standby'],
    ['40001', 'serialization failure'],
    ['40P01', 'deadlock lost'],
    ['ECONNREFUSED', 'nobody listens'],
    ['ECONNRESET', 'cut'],
    ['ECONNABORTED', 'given up'],
    ['EPIPE', 'cut while writing'],
    ['ETIMEDOUT', 'no answer'],
    ['EHOSTUNREACH', 'no route'],
    ['ENETUNREACH', 'no network'],
    ['ENOTFOUND', 'no such name'],
    ['EAI_AGAIN', 'name server away'],
  ])('%s is one: %s', (code) => {
    expect(isOutage(withCode(code))).toBe(true);
    expect(isOutage({ driverError: { code } })).toBe(true); // as TypeORM wraps it
  });

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
    'Query read timeout expired',
  ])('"%s" has no code and is one, too', (message) => {
    expect(isOutage(new Error(message))).toBe(true);
  });

  it.each([
    ['23505', 'unique'],
    ['23514', 'check'],
    ['42501', 'not allowed'],
    ['42P01', 'no such table'],
    ['22P02', 'bad value'],
    ['25P02', 'transaction is aborted'],
    ['28P01', 'wrong password'],
    ['3D000', 'no such database'],
    ['', 'no code'],
  ])('%s is about the statement or the set-up: %s', (code) => {
    expect(isOutage(withCode(code))).toBe(false);
  });

  it('is surely rolled back after a lost deadlock or serialization, and not after a cut', () => {
    expect(['40001', '40P01', '08006', '57014'].map((code) => isRolledBackByPostgres(withCode(code)))).toEqual([true, true, false, false]);
  });

  it('has the code of the driver where TypeORM wraps it', () => {
    expect(errorCodeOf({ code: 'outer', driverError: { code: '40P01' } })).toBe('40P01');
    expect(errorCodeOf(undefined)).toBe('');
  });
});
