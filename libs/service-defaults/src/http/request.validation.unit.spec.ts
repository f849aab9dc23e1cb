import { BadRequestException } from '@nestjs/common';
import { z } from 'zod';
import { ParseId, RequestValidation } from './request.validation';

const pipe = new RequestValidation();
const schema = z.strictObject({
  reason: z.string().min(1).max(5).optional(),
  subscriptionId: z.guid().toLowerCase().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  state: z.enum(['ready', 'dead']).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  seats: z.int().positive().nullable().optional(),
  asked: z.boolean().optional(),
  person: z.object({ objectId: z.string() }).optional(),
  ids: z.array(z.string()).max(1).optional(),
  target: z.union([z.string(), z.number()]).optional(),
  after: z.string().regex(/^\d+$/, 'It is no `next` of a page').optional(),
});

const check = (value: unknown) => pipe.transform(value, { type: 'body', schema } as never);
async function errorsOf(value: unknown): Promise<unknown> {
  const error = await check(value).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BadRequestException);
  return ((error as BadRequestException).getResponse() as { message: unknown }).message;
}

it('hands on what fits, as its schema reads it', async () => {
  expect(await check({ limit: '7', subscriptionId: '0B6F0C0E-7D3F-4A43-9D7E-2F2F8D0D6A01' })).toEqual({
    limit: 7,
    subscriptionId: '0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01',
  });
});

it.each([
  [{ reason: 7 }, 'reason: it must be a text, and is 7'],
  [{ reason: '' }, 'reason: it must not be empty'],
  [{ reason: 'a long one' }, 'reason: it must have at most 5 characters, and has 10'],
  [{ subscriptionId: 'acme' }, 'subscriptionId: it must be a GUID, such as 0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01, and is "acme"'],
  [{ limit: 'many' }, 'limit: it must be a number, and is no number'],
  [{ limit: '201' }, 'limit: it must be at most 200, and is 201'],
  [{ state: 'gone' }, 'state: it must be "ready" or "dead", and is "gone"'],
  [
    { from: 'x'.repeat(100) },
    `from: it must be a moment of ISO 8601 with its zone, such as 2026-01-31T12:00:00Z, and is "${'x'.repeat(60)}…"`,
  ],
  [{ seats: 0 }, 'seats: it must be more than 0, and is 0'],
  [{ seats: 1.5 }, 'seats: it must be a whole number, and is 1.5'],
  [{ asked: null }, 'asked: it must be true or false, and is null'],
  [{ person: {} }, 'person.objectId: it is missing, and must be a text'],
  [{ person: [] }, 'person: it must be an object, and is a list'],
  [{ ids: ['a', 'b'] }, 'ids: it must have at most 1 entries, and has 2'],
  [{ target: {} }, 'target: it has none of the forms that are allowed, and is an object'],
  [{ after: 'x' }, 'after: It is no `next` of a page'],
  [{ force: true }, 'there is no "force" here: leave it out, or look at how it is spelt'],
  ['text', 'it must be an object, and is "text"'],
])('says of %j which member is wrong, what it must be and what was given', async (value, said) => {
  expect(await errorsOf(value)).toEqual([said]);
});

it('says all that is wrong at once', async () => {
  expect(await errorsOf({ reason: 1, state: 1 })).toHaveLength(2);
});

it('leaves parameters without a schema alone', async () => {
  expect(await pipe.transform('x', { type: 'param' })).toBe('x');
});

it('says which parameter of the path is no id, and hands on an id in lower case', () => {
  const parse = (value: string) => new ParseId().transform(value, { type: 'param', data: 'requestId' });
  expect(parse('0B6F0C0E-7D3F-4A43-9D7E-2F2F8D0D6A01')).toBe('0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01');
  const said = 'requestId: it must be a GUID, such as 0b6f0c0e-7d3f-4a43-9d7e-2f2f8d0d6a01, and is "nope"';
  expect(() => parse('nope')).toThrow(new BadRequestException(said));
});
