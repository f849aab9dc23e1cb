import { otherCodes, outageCodes, outageTexts } from '../fixtures/outages';
import { errorCodeOf, isOutage, isRolledBackByPostgres, isSessionIll } from './outage';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('an outage of the database', () => {
  it.each(outageCodes)('%s is one: %s', (code) => {
    expect(isOutage(withCode(code))).toBe(true);
    expect(isOutage({ driverError: { code } })).toBe(true); // as TypeORM wraps it
  });

  it.each(outageTexts)('"%s" has no code and is one, too', (message) => {
    expect(isOutage(new Error(message))).toBe(true);
  });

  it.each(otherCodes)('%s is about the statement or the set-up: %s', (code) => {
    expect(isOutage(withCode(code))).toBe(false);
  });

  it('is surely rolled back after a lost deadlock or serialization, or where nothing can be written, and not after a cut', () => {
    expect(['40001', '40P01', '25006', '08006', '57014'].filter((code) => isRolledBackByPostgres(withCode(code)))).toEqual([
      '40001',
      '40P01',
      '25006',
    ]);
  });

  it('leaves no use for a session that is cut, gives no answer, is out of step or only reads, and leaves alone what only took too long', () => {
    const ill = ['08006', '08P01', '57P01', '25P03', '25006', 'ECONNRESET'];
    expect([...ill, '57014', '40001', '53100', '55P03', '23505'].filter((code) => isSessionIll(withCode(code)))).toEqual(ill);
    expect(outageTexts.filter((text) => isSessionIll(new Error(text)))).toEqual(outageTexts);
  });

  it('has the code of the driver where TypeORM wraps it', () => {
    expect(errorCodeOf({ code: 'outer', driverError: { code: '40P01' } })).toBe('40P01');
    expect(errorCodeOf(undefined)).toBe('');
  });
});
