import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { line } from './shapes';
import { readVetoAnswer, vetoAnswer, vetoJsonSchemas, vetoQuestion, vetoReasonLength } from './veto';

const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
const example = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(__dirname, '..', 'examples', 'veto', `${name}.json`), 'utf8'));

describe('the question to a product', () => {
  it('has a golden example, that its schema accepts and that is read as it is', () => {
    expect(ajv.compile(vetoJsonSchemas().question)(example('question'))).toBe(true);
    expect(vetoQuestion.parse(example('question'))).toEqual(example('question'));
  });

  it('names nobody: its members are these', () => {
    expect(Object.keys(vetoQuestion.shape).sort()).toEqual(
      ['subscriptionId', 'operationId', 'action', 'publisherId', 'offerId', 'isPreview', 'tenantReference', 'from', 'to'].sort(),
    );
  });
});

describe('the answer of a product', () => {
  it.each(['answer-allowed', 'answer-refused'])('%s is accepted by its schema and read as it is', (name) => {
    expect(ajv.compile(vetoJsonSchemas().answer)(example(name))).toBe(true);
    expect(vetoAnswer.parse(example(name))).toEqual(example(name));
    expect(readVetoAnswer(example(name))).toEqual(example(name));
  });

  it.each([[undefined], [null], ['yes'], [[]], [{}], [{ allowed: 'perhaps' }], [{ allowed: 1 }], [{ reason: 'No.' }]])(
    'is none where it is %j',
    (body) => expect(readVetoAnswer(body)).toBeUndefined(),
  );

  it('is a no also where its words can’t be shown: they become a line of a bounded length', () => {
    const said = (reason: unknown) => (readVetoAnswer({ allowed: false, reason }) as { reason: string }).reason;
    expect(said(' Not now.\r\n\u0007Ask \ud800 us. ')).toBe('Not now. Ask   us.');
    for (const nothing of [undefined, 7, '', ' \n ']) expect(said(nothing)).toMatch(/^This change is not possible/);
    for (const long of ['x'.repeat(70_000), '\u{1f3e0}'.repeat(400), `y${'\u{1f3e0}'.repeat(400)}`]) {
      expect(line.max(vetoReasonLength).parse(said(long)).length).toBeGreaterThanOrEqual(vetoReasonLength - 1);
    }
  });
});
