import { firstCopies, problemInWords } from './events.answers';

it('asks one copy of each service', () => {
  const processes = [
    { name: 'gateway', service: 'gateway' },
    { name: 'subscription', service: 'subscription' },
    { name: 'subscription-2', service: 'subscription' },
  ];
  expect(firstCopies(processes).map(({ name }) => name)).toEqual(['gateway', 'subscription']);
});

it.each([
  ['a refusal', '{"title":"Conflict","detail":"The range ends before it begins"}', 'The range ends before it begins'],
  [
    'a wrong request, with each reason',
    '{"detail":"It is not valid.","errors":["since: no moment","key: too long"]}',
    'It is not valid. since: no moment key: too long',
  ],
  ['a title alone', '{"title":"Bad Gateway"}', 'Bad Gateway'],
  ['what is no problem document', '<html>', '<html>'],
])('tells %s in words', (_what, text, words) => {
  expect(problemInWords(text)).toBe(words);
});
