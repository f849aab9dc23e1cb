import * as fc from 'fast-check';
import { readCatalogText } from './catalog.text';

fc.configureGlobal({ seed: 1 });

const problemsOf = (text: string) => {
  const read = readCatalogText(text, 'catalog.yaml');
  return 'problems' in read ? read.problems : [];
};

/** An offer with something in it, from line 5 on. */
const inOffer = (...lines: string[]) =>
  ['publishers:', '  contoso:', '    offers:', '      team:', ...lines.map((line) => `        ${line}`)].join('\n');

const tiers = (second: string) => [
  '        tiers:',
  '          - { dimension: a, upTo: 10 }',
  `          - ${second}`,
  '          - { dimension: c }',
];

describe('the text of a catalog', () => {
  it('is read with everything that the schema knows', () => {
    const plans = ['plans:', '  2024: { seats: { max: 5 } }', '  gold: {}'];
    const veto = ['veto:', '  url: https://product.example/veto', '  whenSilent: accept'];
    expect(readCatalogText(inOffer('displayName: Team', 'noDowngrade: ["2024", gold]', ...veto, ...plans), 'catalog.yaml')).toMatchObject({
      catalog: { publishers: { contoso: { offers: { team: { displayName: 'Team', plans: { 2024: { seats: { max: 5 } } } } } } } },
    });
  });

  it('is told by line and column what is wrong with it, all at once and in the order of the file', () => {
    const text = inOffer(
      'colour: red',
      'displayName: 365',
      'plans:',
      '  gold:',
      '    activation: on-aproval',
      '    seats: { max: many }',
      '    mayMoveTo: [silver]',
    );
    const offer = 'publishers.contoso.offers.team';
    expect(problemsOf(text)).toEqual([
      `catalog.yaml:5:9: ${offer}.colour is not known: there may be displayName, noDowngrade, veto, plans`,
      `catalog.yaml:6:22: ${offer}.displayName must be a text, and is 365: put it in quotes`,
      `catalog.yaml:9:25: ${offer}.plans.gold.activation must be on-confirm or on-approval, and is "on-aproval"`,
      `catalog.yaml:10:27: ${offer}.plans.gold.seats.max must be a whole number, and is "many"`,
      `catalog.yaml:11:25: ${offer}.plans.gold.mayMoveTo.0 names the plan "silver", which the offer does not have here`,
    ]);
  });

  it.each([
    ['a member that is missing, where it would belong', inOffer('plans: {}'), '4:7: publishers.contoso.offers.team.displayName is missing'],
    [
      'a choice that is missing',
      inOffer('displayName: A', 'veto: { url: "https://a.example" }', 'plans: {}'),
      '6:9: publishers.contoso.offers.team.veto.whenSilent is missing: it must be accept or refuse',
    ],
    [
      'a plan without anything',
      inOffer('displayName: A', 'plans:', '  gold:'),
      '7:11: publishers.contoso.offers.team.plans.gold has nothing behind it: write {} where',
    ],
    [
      'an id that is none',
      inOffer('displayName: A', 'plans: { "a b": {} }'),
      '6:18: publishers.contoso.offers.team.plans.a b must be an id as Partner Center shows it',
    ],
    [
      'a tier that does not go on from the one before',
      inOffer('displayName: A', 'plans:', '  gold:', '    meters:', '      emails:', ...tiers('{ dimension: b, upTo: 10 }')),
      '12:43: publishers.contoso.offers.team.plans.gold.meters.emails.tiers.1.upTo must be more than 10, where the tier before it ends',
    ],
    [
      'a misspelt member of a tier',
      inOffer('displayName: A', 'plans:', '  gold:', '    meters:', '      emails:', ...tiers('{ dimension: b, upto: 20 }')),
      '12:37: publishers.contoso.offers.team.plans.gold.meters.emails.tiers.1.upto is not known: there may be dimension, upTo',
    ],
    [
      'a meter without a dimension',
      inOffer('displayName: A', 'plans: { gold: { meters: { emails: } } }'),
      '6:36: publishers.contoso.offers.team.plans.gold.meters.emails must have a dimension, or tiers with one dimension each',
    ],
    [
      'half a unit',
      inOffer('displayName: A', 'plans:', '  gold:', '    meters:', '      emails:', ...tiers('{ dimension: b, upTo: 20.5 }')),
      '12:43: publishers.contoso.offers.team.plans.gold.meters.emails.tiers.1.upTo must be a whole number, and is 20.5',
    ],
    ['a list where members belong', 'publishers: [contoso]', '1:13: publishers must be members, and is a list'],
    ['half a seat', inOffer('displayName: A', 'plans: { gold: { seats: { min: 1.5 } } }'), 'must be a whole number, and is 1.5'],
    ['a name twice', inOffer('displayName: A', 'displayName: B', 'plans: {}'), '6:9: this name stands in the same place a second time'],
    ['a tab', 'publishers:\n\tcontoso: {}', '2:1: this line is indented by a tab'],
    ['an open bracket', 'publishers: {', 'this is not read as YAML: '],
    ['two documents', 'publishers: {}\n---\npublishers: {}', '2:1: a second document begins here'],
    ['a tag that nobody knows', 'publishers: !secret {}', '1:13: this is not read as YAML: Unresolved tag: !secret'],
    ['an empty file', '# nothing yet\n', '1:1: the file is empty'],
    ['a text', 'none', '1:1: the catalog must be members, and is "none"'],
    [
      'a fault behind a reference',
      inOffer('displayName: A', 'plans:', '  gold: &same { seats: 5 }', '  silver: *same'),
      '7:32: publishers.contoso.offers.team.plans.gold.seats must be members, and is 5',
    ],
  ])('is told of %s', (_, text, problem) => {
    expect(problemsOf(text)).toContainEqual(expect.stringContaining(problem));
  });

  it('does not grow by references that lead to references', () => {
    const nine = (name: string) => `[${Array(9).fill(`*${name}`).join(', ')}]`;
    const levels = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(
      (name, level, names) => `${name}: &${name} ${level === 0 ? '[x]' : nine(names[level - 1]!)}`,
    );
    expect(problemsOf(levels.join('\n'))).toEqual([expect.stringContaining('its references (& and *) cannot be followed')]);
  });

  it.each(['[', '{a: ', '- '])('is told when "%s" is nested without end', (open) => {
    expect(problemsOf(open.repeat(60_000))[0]).toContain('this is not read as YAML: ');
  });

  it('tells of a hundred faults and the number of the others', () => {
    const plans = Array.from({ length: 130 }, (_, each) => `  plan-${each}: { x: 1 }`);
    const problems = problemsOf(inOffer('displayName: A', 'plans:', ...plans));
    expect([problems.length, problems.at(-1)]).toEqual([101, 'catalog.yaml: and 31 more']); // and that they are too many
  });

  it('is either taken or told what is wrong, whatever it is', () => {
    const piece = fc.constantFrom(
      'publishers:',
      ' ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ': ',
      '&a ',
      '*a',
      '!x ',
      '"',
      "'",
      '|',
      '#',
      'contoso',
      'offers:',
      '\t',
      '<<',
      '?',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const read = readCatalogText(text, 'c');
          if ('problems' in read) expect(read.problems.every((problem) => /^c(:\d+:\d+)?: \S/.test(problem))).toBe(true);
          expect('catalog' in read || read.problems.length > 0).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
