import { readRecord, refusedByTime, RECORD_BYTES } from './usage.domain';
import { elementsOf } from './raw.json';
import { shortestDecimal } from './quantity.domain';

const subscriptionId = '0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01';
const event = (change: object = {}) => ({
  specversion: '1.0',
  type: 'landfall.usage.recorded.v1',
  source: 'mailer',
  id: '1',
  subject: subscriptionId,
  time: '2026-01-01T10:20:30Z',
  data: { meter: 'emails', quantity: '12.50' },
  ...change,
});
const read = (value: unknown) => readRecord(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
/** `quantity` as it is written in JSON. */
const withQuantity = (written: string) => JSON.stringify(event()).replace('"12.50"', written);

it('reads a record, in one spelling for what is the same', () => {
  const usedAt = '2026-01-01T10:20:30.000Z';
  const record = { source: 'mailer', id: '1', subscriptionId, meter: 'emails', usedAt, quantity: '12.5' };
  expect(read(event())).toEqual({ record });
  expect(read(event({ subject: subscriptionId.toUpperCase(), time: '2026-01-01T11:20:30.0000+01:00', extension: 1 }))).toEqual({ record });
});

it.each<[string, object | string, string]>([
  ['no JSON', '{', 'unreadable'],
  ['a list', '[]', 'unreadable'],
  ['nothing', '', 'unreadable'],
  ['too long', event({ comment: 'x'.repeat(RECORD_BYTES) }), 'unreadable'],
  ['another version of CloudEvents', event({ specversion: '0.3' }), 'no-usage'],
  ['another type', event({ type: 'landfall.usage.recorded.v2' }), 'no-usage'],
  ['no source', event({ source: undefined }), 'no-usage'],
  ['a long source', event({ source: 'ä'.repeat(251) }), 'no-usage'],
  ['no id', event({ id: '' }), 'no-usage'],
  ['an id that is a number', event({ id: 7 }), 'no-usage'],
  ['a long id', event({ id: 'x'.repeat(201) }), 'no-usage'],
  ['an id with a NUL', event({ id: 'a\0' }), 'no-usage'],
  ['half a letter', event({ source: '\ud800' }), 'no-usage'],
  ['a subject that is no id', event({ subject: 'contoso' }), 'no-usage'],
  ['no time', event({ time: undefined }), 'no-usage'],
  ['a time without a zone', event({ time: '2026-01-01T10:20:30' }), 'no-usage'],
  ['a day that there is not', event({ time: '2026-02-30T10:20:30Z' }), 'no-usage'],
  ['no data', event({ data: undefined }), 'no-usage'],
  ['no meter', event({ data: { quantity: '1' } }), 'no-usage'],
  ['a meter with a blank', event({ data: { meter: 'e mails', quantity: '1' } }), 'no-usage'],
  ['no quantity', event({ data: { meter: 'emails' } }), 'quantity'],
])('refuses %s', (_what, value, code) => {
  expect(read(value)).toMatchObject({ refusal: { result: 'refused', code } });
});

it('refuses bytes that are no UTF-8, and says whose a record is where that can be read', () => {
  expect(readRecord(Buffer.concat([Buffer.from(JSON.stringify(event()).slice(0, -1)), Buffer.from([255])]))).toMatchObject({
    refusal: { code: 'unreadable' },
  });
  expect(read(event({ data: {} }))).toMatchObject({ identified: { source: 'mailer', id: '1', subscriptionId } });
  expect(read(event({ id: 'x'.repeat(201) }))).toMatchObject({ identified: { source: 'mailer', id: undefined, subscriptionId } });
});

it.each<[string, string | null]>([
  ['"0"', '0'],
  ['"-0.0"', '0'],
  ['"007.10"', '7.1'],
  ['"-3"', '-3'],
  ['"0.000001"', '0.000001'],
  ['"0.0000001"', null],
  ['"999999999999999"', '999999999999999'],
  ['"1000000000000000"', null],
  ['"123456789012.1234"', null],
  ['"1e3"', null],
  ['" 1"', null],
  ['"+1"', null],
  ['".5"', null],
  ['""', null],
  ['5', '5'],
  ['0.1', '0.1'],
  ['12.50', '12.5'],
  ['-0', '0'],
  ['1.0000000', '1'],
  ['0.30000000000000004', null], // a sum of doubles: 17 digits
  ['9007199254740993', null], // the double that it would be read as is another number
  ['1e3', null],
  ['1E-7', null],
  ['null', null],
  ['true', null],
  ['{"value":1}', null],
])('reads a quantity that is written as %s exactly, or refuses it', (written, quantity) => {
  const reading = read(withQuantity(written));
  expect('record' in reading ? reading.record.quantity : null).toBe(quantity);
});

it('takes a number as the member of the data is written, whatever else has that name', () => {
  const text = withQuantity('1.10').replace('"meter"', '"quantity":5e3,"more":{"quantity":7},"meter"');
  expect(read(text)).toMatchObject({ record: { quantity: '1.1' } });
});

it('gives no second form for one number', () => {
  expect(['1', '1.0', '01', '1.000000'].map(shortestDecimal)).toEqual(['1', '1', '1', '1']);
  expect(shortestDecimal('0'.repeat(200))).toBeUndefined();
});

it.each([
  ['2026-01-08T10:05:00.000Z', undefined],
  ['2026-01-08T10:05:00.001Z', 'in-future'],
  ['2026-01-01T10:00:00.000Z', undefined],
  ['2026-01-01T09:59:59.999Z', 'too-late'],
])('counts what was used at %s by its time: %s', (usedAt, code) => {
  const reading = read(event({ time: usedAt }));
  if (!('record' in reading)) throw new Error('it can be read');
  expect(refusedByTime(reading.record, new Date('2026-01-08T10:00:00.000Z'), 7 * 86_400_000)?.code).toBe(code);
});

it.each([
  ['[]', []],
  [' [ ] ', []],
  ['[1, "a,]" ,{"b":[1,2],"c":"}"}]', ['1', '"a,]"', '{"b":[1,2],"c":"}"}']],
  ['[{"a":"\\"],["},[[]]]', ['{"a":"\\"],["}', '[[]]']],
  ['[1.10,1e3]', ['1.10', '1e3']],
  ['["\\\\",2]', ['"\\\\"', '2']],
])('finds the elements of %s as they are written', (text, elements) => {
  expect(elementsOf(text)).toEqual(elements);
});
