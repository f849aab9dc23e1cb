import { aCall, findings } from '../../../testing/facts';
import { apiVersion, fromBrowser } from './request.rules';

describe('the api-version', () => {
  it.each([null, '2017-04-15', '2018-08-31-preview'])('is a breach when it is %p', (version) => {
    expect(findings(apiVersion, [aCall(1, { apiVersion: version })])).toHaveLength(1);
  });

  it('is the right one otherwise', () => {
    expect(findings(apiVersion, [aCall(1)])).toEqual([]);
  });
});

describe('a call from a browser', () => {
  it('is a breach, and one from a back end is none', () => {
    expect(findings(fromBrowser, [aCall(1, { fromBrowser: true })])).toHaveLength(1);
    expect(findings(fromBrowser, [aCall(1)])).toEqual([]);
  });
});
