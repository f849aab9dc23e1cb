import { emptyCatalog } from '@landfall/contracts';
import { aCatalog } from '../testing/subscription.builders';
import { vetoProblems } from './veto.problems';

const asking = (url: string) => aCatalog({ veto: { url, whenSilent: 'refuse' } });
const problemOf = (url: string) => (url.includes('contoso') ? 'team.contoso.example is not among OUTGOING_HOSTS' : undefined);

it.each([
  ['no product has a say, also without keys', emptyCatalog, false, []],
  ['the product can be asked', asking('https://team.fabrikam.example/veto'), true, []],
  ['there is no key', asking('https://team.fabrikam.example/veto'), false, [/VETO_SIGNING_KEYS is not set/]],
  [
    'no call would ever be sent there',
    asking('https://team.contoso.example/veto'),
    true,
    [/^the product that has a say in changes of offer .* cannot be asked: team\.contoso\.example is not among OUTGOING_HOSTS$/],
  ],
])('says what is wrong where %s', (_where, catalog, hasKeys, expected) => {
  expect(vetoProblems(catalog, { problemOf, hasKeys })).toEqual(expected.map((words) => expect.stringMatching(words)));
});
