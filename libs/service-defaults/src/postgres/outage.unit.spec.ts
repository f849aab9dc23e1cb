import { otherCodes, outageCodes, outageTexts } from '../fixtures/outages';
import { errorCodeOf, isOutage, isRolledBackByPostgres } from './outage';

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

  it('is surely rolled back after a lost deadlock or serialization, and not after a cut', () => {
    expect(['40001', '40P01', '08006', '57014'].map((code) => isRolledBackByPostgres(withCode(code)))).toEqual([true, true, false, false]);
  });

  it('has the code of the driver where TypeORM wraps it', () => {
    expect(errorCodeOf({ code: 'outer', driverError: { code: '40P01' } })).toBe('40P01');
    expect(errorCodeOf(undefined)).toBe('');
  });
});
