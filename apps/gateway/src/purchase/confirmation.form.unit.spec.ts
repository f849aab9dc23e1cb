import { errorsOf, readForm } from './confirmation.form';

const good = { email: 'ada@fabrikam.example', name: 'Ada Fabrikam', acceptTerms: 'yes' };
const errors = (fields: Record<string, string>) => Object.keys(errorsOf(readForm(new URLSearchParams(fields))));

describe('the confirmation form', () => {
  it('is accepted when it is complete, blanks around its fields taken off', () => {
    expect(readForm(new URLSearchParams({ ...good, email: ' ada@fabrikam.example ', name: ' Ada \t Fabrikam' }))).toEqual({
      email: good.email,
      name: good.name,
      acceptsTerms: true,
    });
    expect(errors(good)).toEqual([]);
  });

  it.each([
    ['no name', { ...good, name: ' ' }, ['name']],
    ['a name without end', { ...good, name: 'x'.repeat(101) }, ['name']],
    ['a name that turns the direction of text', { ...good, name: 'Ada\u202E' }, ['name']],
    ['no address', { ...good, email: '' }, ['email']],
    ['no @', { ...good, email: 'ada.fabrikam.example' }, ['email']],
    ['two addresses', { ...good, email: 'a@b.example,c@d.example' }, ['email']],
    ['an address with a line break', { ...good, email: 'a@b.example\r\nBcc: c@d.example' }, ['email']],
    ['an address with a name', { ...good, email: 'Ada <a@b.example>' }, ['email']],
    ['no top-level domain', { ...good, email: 'a@localhost' }, ['email']],
    ['an address without end', { ...good, email: `${'x'.repeat(250)}@b.example` }, ['email']],
    ['terms not accepted', { email: good.email, name: good.name }, ['acceptsTerms']],
    ['nothing at all', {}, ['name', 'email', 'acceptsTerms']],
  ])('is shown again with a sentence for %s', (_case, fields, wrong) => {
    expect(errors(fields as Record<string, string>)).toEqual(wrong);
  });

  it('survives what is no form', () => {
    expect(Object.keys(errorsOf(readForm(undefined)))).toEqual(['name', 'email', 'acceptsTerms']);
  });
});
