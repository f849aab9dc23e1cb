import { formsOf, whyNotNoun, whyNotService } from './names.mjs';

const known = { applications: ['gateway', 'marketplace-emulator'], packages: ['contracts', 'local'] };

describe('the name of a service', () => {
  it.each([
    ['gateway', 'There is an application "gateway" already'],
    ['marketplace-emulator', 'There is an application "marketplace-emulator" already'],
    ['', 'write one word of 2 to 30 lower case letters'],
    ['Billing', 'write one word of 2 to 30 lower case letters'],
    ['usage-report', 'write one word of 2 to 30 lower case letters'],
    ['../x', 'write one word of 2 to 30 lower case letters'],
    ['a'.repeat(31), 'write one word of 2 to 30 lower case letters'],
    ['contracts', 'the package @landfall/contracts is something else'],
    ['order', 'Postgres keeps the word for itself'],
    ['join', 'Postgres keeps the word for itself'],
    ['freeze', 'Postgres keeps the word for itself'],
    ['full', 'Postgres keeps the word for itself'],
    ['pgbilling', 'Postgres keeps the word for itself'],
    ['common', 'the word is reserved'],
    ['kafka', 'the word is reserved'],
    ['constructor', 'the word is reserved'],
    ['prototype', 'the word is reserved'],
    ['node', 'the word is reserved'],
  ])('"%s" is refused: %s', (name, reason) => {
    expect(whyNotService(name, known)).toContain(reason);
  });

  it.each(['billing', 'notifications', 'console'])('"%s" is accepted', (name) => {
    expect(whyNotService(name, known)).toBeUndefined();
  });
});

describe('what a service keeps', () => {
  it.each([
    ['Entry', 'write a noun in the singular'],
    ['usage_hour', 'write a noun in the singular'],
    ['message', 'the word is reserved'],
    ['dead-letter', 'the word is reserved'],
    ['order', 'the word is reserved'],
    ['record', 'the word is reserved'], // Record<…> would mean its interface
    ['snapshot', 'the word is reserved'], // the builders import aSnapshot
    ['transaction', 'the word is reserved'],
    ['outcome', 'the word is reserved'],
    ['data-source', 'the word is reserved'],
    ['change', 'the word is reserved'], // `changes` is what `save` gets
    ['argument', 'the word is reserved'], // nothing may be called `arguments`
  ])('is not called "%s": %s', (noun, reason) => {
    expect(whyNotNoun(noun)).toContain(reason);
  });

  it.each([
    ['entry', { nouns: 'entries', table: 'entries', Noun: 'Entry', many: 'entries', article: 'an' }],
    ['usage-hour', { nouns: 'usage-hours', table: 'usage_hours', Noun: 'UsageHour', one: 'usageHour', text: 'usage hour', article: 'a' }],
    ['recording', { nouns: 'recordings', Noun: 'Recording', article: 'a' }],
    ['library', { nouns: 'libraries', Noun: 'Library', article: 'a' }],
    ['invoice-batch', { nouns: 'invoice-batches', Nouns: 'InvoiceBatches', many: 'invoiceBatches', article: 'an' }],
  ])('is written in the forms that files need: %s', (noun, forms) => {
    expect(whyNotNoun(noun)).toBeUndefined();
    expect(formsOf(noun)).toMatchObject(forms);
  });
});
