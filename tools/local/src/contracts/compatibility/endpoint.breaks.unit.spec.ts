import { endpointBreaks, type OpenApi } from './endpoint.breaks';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const object = (properties: object, required: string[] = Object.keys(properties)) =>
  json({ type: 'object', properties, required, additionalProperties: false });
const text = { type: 'string' };
const endpoint = {
  parameters: [{ name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 200 } }],
  requestBody: { required: false, ...object({ reason: text }) },
  responses: { 200: object({ id: text }), 404: {} },
};
const documentOf = (changes: object): OpenApi => ({ paths: { '/things': { post: { ...endpoint, ...changes } } } }) as OpenApi;
const before = documentOf({});

it.each<[string, object, string[]]>([
  ['nothing', {}, []],
  ['a new answer with a field more', { responses: { ...endpoint.responses, 200: object({ id: text, more: text }), 202: object({}) } }, []],
  ['a new optional parameter', { parameters: [...endpoint.parameters, { name: 'after', in: 'query', schema: text }] }, []],
  [
    'a new required parameter',
    { parameters: [...endpoint.parameters, { name: 'if-match', in: 'header', required: true, schema: text }] },
    ['header if-match is now required'],
  ],
  ['a parameter removed', { parameters: [] }, ['query limit is no longer taken']],
  [
    'a narrower parameter',
    { parameters: [{ ...endpoint.parameters[0], schema: { type: 'integer', maximum: 100 } }] },
    ['query limit may no longer be maximum 200'],
  ],
  ['a body that is now required', { requestBody: { ...endpoint.requestBody, required: true } }, ['a body is now required']],
  ['a required field in the body', { requestBody: object({ reason: text, why: text }) }, ['body: why is new and required']],
  ['a field of the body removed', { requestBody: object({}) }, ['body: reason is no longer taken']],
  ['a field of the answer removed', { responses: { ...endpoint.responses, 200: object({}) } }, ['answer 200: id was removed']],
  ['an answer that may be null', { responses: { 200: object({ id: { ...text, nullable: true } }) } }, ['answer 200: id may now be null']],
  ['another status', { responses: { 201: object({ id: text }) } }, ['it no longer answers 200']],
])('%s breaks as it should', (_change, changes, expected) => {
  expect(endpointBreaks(before, documentOf(changes))).toEqual(expected.map((sentence) => `POST /things: ${sentence}`));
});

it('names an endpoint that is gone', () => {
  expect(endpointBreaks(before, { paths: {} })).toEqual(['POST /things: the endpoint was removed']);
});
