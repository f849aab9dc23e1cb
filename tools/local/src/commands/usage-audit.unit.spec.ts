import { linesOf, resultOf, type UsageSum } from './usage-audit.report';

const nothing = {
  waiting: '0',
  uncertain: '0',
  withOperator: '0',
  carryForward: '0',
  shadowed: '0',
  unrated: '0',
  uncounted: '0',
  credit: '0',
};
const silver: UsageSum = {
  ...{
    ...nothing,
    planId: 'silver',
    meter: 'emails',
    opening: '0',
    recorded: '1842.5',
    included: '1000',
    accepted: '340',
    carryForward: '2.5',
  },
  ...{ notReportable: { suspended: '500' }, writtenOff: {} },
};

it('shows the parts of what was recorded in the order of the sum, without those that nobody has', () => {
  const before: UsageSum = {
    ...{ ...silver, ...nothing, planId: null, recorded: '7', opening: '0', included: '0', accepted: '0' },
    ...{ uncounted: '7', notReportable: {} },
  };
  expect(linesOf({ subscriptionId: 'a', sums: [before, silver], differences: [] })).toEqual([
    'a',
    '  plan    meter   recorded  included  accepted  carry-forward  not counted yet  not reportable: suspended',
    '  –       emails         7         0         0              0                7                          0',
    '  silver  emails    1842.5      1000       340            2.5                0                        500',
  ]);
});

it('names what differs, and by how much', () => {
  const differences = [
    { planId: 'silver', meter: 'emails', term: '2026-05-06', what: 'in the account, and recorded', difference: '1' },
    { planId: null, meter: 'emails', term: null, what: 'in the sums of hours, and rated, in 1 hours', difference: '-2' },
  ];
  expect(linesOf({ subscriptionId: 'a', sums: [], differences }).slice(1)).toEqual([
    '  nothing was recorded',
    '  DIFFERENCE of 1 (silver, emails, term of 2026-05-06): in the account, and recorded',
    '  DIFFERENCE of -2 (emails): in the sums of hours, and rated, in 1 hours',
  ]);
});

it('says in the end whether all agree', () => {
  expect([resultOf(1, 0), resultOf(120, 0)]).toEqual([
    '1 subscription checked: all sums agree.',
    '120 subscriptions checked: all sums agree.',
  ]);
  expect(resultOf(2, 1)).toMatch(/^2 subscriptions checked: 1 sum does not agree\./);
});
