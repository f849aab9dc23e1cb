import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { decodeMessage } from './envelope';
import { gatewayEvents, provisioningReplies, topics } from './topics/topics';

fc.configureGlobal({ seed: 1 });

const kinds = ['message', 'unknown', 'broken'];
const anyTopic = fc.constantFrom(...topics);
const exampleOf = (type: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(__dirname, '..', 'examples', `${type}.json`), 'utf8'));

describe('decodeMessage never throws', () => {
  const readsAnything = (value: fc.Arbitrary<Uint8Array | string | null>) =>
    fc.assert(fc.property(anyTopic, value, (topic, bytes) => kinds.includes(decodeMessage(topic, bytes).kind)));

  it('whatever the bytes', () => readsAnything(fc.uint8Array({ maxLength: 400 })));
  it('whatever the JSON', () => readsAnything(fc.json()));
  it('without a value', () => readsAnything(fc.constant(null)));
  it('however deep the JSON is nested', () => readsAnything(fc.constant('['.repeat(200_000))));

  it('whatever an envelope that we know holds in one of its places', () => {
    const places = [
      'specversion',
      'id',
      'source',
      'subject',
      'time',
      'sequence',
      'epoch',
      'correlationid',
      'causationid',
      'traceparent',
      'data',
    ];
    const spoilt = fc
      .record({ topic: anyTopic, place: fc.constantFrom(...places), value: fc.jsonValue(), index: fc.nat() })
      .map(({ topic, place, value, index }) => {
        const types = [...topic.definitions.keys()];
        return { topic, envelope: { ...exampleOf(types[index % types.length]!), [place]: value } };
      });
    fc.assert(fc.property(spoilt, ({ topic, envelope }) => kinds.includes(decodeMessage(topic, JSON.stringify(envelope)).kind)));
  });

  it('whatever the data of an envelope that we know holds in one of its fields', () => {
    const spoilt = fc
      .record({ topic: anyTopic, field: fc.nat(), value: fc.jsonValue(), index: fc.nat() })
      .map(({ topic, field, value, index }) => {
        const types = [...topic.definitions.keys()];
        const example = exampleOf(types[index % types.length]!);
        const data = example['data'] as Record<string, unknown>;
        const fields = Object.keys(data);
        return { topic, envelope: { ...example, data: { ...data, [fields[field % fields.length]!]: value } } };
      });
    fc.assert(fc.property(spoilt, ({ topic, envelope }) => kinds.includes(decodeMessage(topic, JSON.stringify(envelope)).kind)));
  });
});

describe('decodeMessage', () => {
  const opened = exampleOf('landfall.gateway.purchase-opened.v1');

  it('reads bytes as it reads text', () => {
    const json = JSON.stringify(opened);
    expect(decodeMessage(gatewayEvents, Buffer.from(json))).toEqual(decodeMessage(gatewayEvents, json));
  });

  it('passes over a type that it does not know: a newer writer', () => {
    const newer = { ...opened, type: 'landfall.gateway.purchase-opened.v2', data: null };
    expect(decodeMessage(gatewayEvents, JSON.stringify(newer))).toEqual({ kind: 'unknown', type: 'landfall.gateway.purchase-opened.v2' });
  });

  it('tells what is broken, with id and key for the one who looks, and without the data', () => {
    const data = { ...(opened['data'] as object), openedAt: 'yesterday, says the secret', encryptedToken: 42 };
    expect(decodeMessage(gatewayEvents, JSON.stringify({ ...opened, data }))).toEqual({
      kind: 'broken',
      reason: 'landfall.gateway.purchase-opened.v1 breaks its contract at encryptedToken: invalid_type, openedAt: invalid_format',
      id: opened['id'],
      key: opened['subject'],
    });
  });

  it.each(['id', 'type', 'subject', 'source', 'time'])('calls an envelope without %s broken', (attribute) => {
    const { [attribute]: _missing, ...rest } = opened;
    expect(decodeMessage(gatewayEvents, JSON.stringify(rest))).toMatchObject({ kind: 'broken' });
  });

  it('takes a message for its own first cause where a product names none, and the epoch for 0', () => {
    const { correlationid: _correlation, causationid: _causation, epoch: _epoch, ...bare } = opened;
    const read = decodeMessage(gatewayEvents, JSON.stringify(bare));
    expect(read).toMatchObject({ kind: 'message', message: { correlationId: opened['id'], epoch: 0 } });
  });
});

describe('an answer of a product', () => {
  const readWith = (type: string, changes: object, envelope: object = {}) => {
    const example = exampleOf(type);
    return decodeMessage(
      provisioningReplies,
      JSON.stringify({ ...example, ...envelope, data: { ...(example['data'] as object), ...changes } }),
    );
  };
  const ready = 'landfall.provisioning.tenant-ready.v1';
  const failed = 'landfall.provisioning.tenant-failed.v1';

  it.each([
    ['half a letter', ready, { tenantReference: 'a\ud800b' }],
    ['the other half', ready, { tenantReference: 'a\udc00b' }],
    ['NUL', ready, { tenantReference: 'a\0b' }],
    ['a line break where one line is meant', ready, { tenantReference: 'a\nb' }],
    ['half a letter', failed, { reason: 'a\ud800b' }],
    ['NUL', failed, { reason: 'a\0b' }],
    ['an escape sequence', failed, { reason: 'a\u001b[2Jb' }],
  ])('with %s in it (%s) is broken: it could not be stored or shown', (_what, type, changes) => {
    expect(readWith(type, changes)).toMatchObject({
      kind: 'broken',
      reason: `${type} breaks its contract at ${Object.keys(changes)[0]}: invalid_format`,
    });
  });

  it.each([
    ['letters of two units', ready, { tenantReference: 'https://contoso.example/\u{1f3e0}' }],
    ['several lines where they are meant', failed, { reason: 'No capacity:\r\n\tzone 1\n\tzone 2' }],
  ])('with %s in it (%s) is read as it is', (_what, type, changes) => {
    expect(readWith(type, changes)).toMatchObject({ kind: 'message', message: { data: changes } });
  });

  it('with ids in capitals is the same as one in small letters', () => {
    const example = exampleOf(ready);
    const { subscriptionId, requestId } = example['data'] as Record<string, string>;
    const capitals = { subscriptionId: subscriptionId!.toUpperCase(), requestId: requestId!.toUpperCase() };
    expect(readWith(ready, capitals, { subject: subscriptionId!.toUpperCase() })).toEqual(readWith(ready, {}));
  });
});
