import type { NewPerson } from '../people/people';
import { SeededGenerator, guidOf } from './seeded.generator';

/** A tenant that buys, and its people who sign in. */
export interface Customer {
  organisation: string;
  people: (NewPerson & { objectId: string })[];
}

const first = 'Alpine Amber Bay Birch Blue Bright Cedar Clear Copper Coral Crescent Delta East Elm Falcon Fern Golden Granite'.split(' ');
const second = 'Anchor Bridge Canyon Field Forest Gate Harbor Hill Island Lake Meadow Mill Peak River Rock Shore Spring Stone Valley'.split(
  ' ',
);
const third = 'Analytics Bakery Clinics Dental Design Energy Foods Freight Insurance Labs Legal Logistics Media Motors Optics'.split(' ');
const given =
  'Aino Amir Bea Carlos Dana Elif Emeka Farid Grace Hana Ilse Ivan Jun Kofi Lea Maja Nils Olga Priya Ravi Sofia Tao Uma Yuki'.split(' ');
const family = 'Adeyemi Berg Costa Dubois Endo Fischer Garcia Haddad Ito Jansen Kaya Lopez Meyer Novak Okafor Patel Rossi Silva'.split(' ');

/** At most. */
export const peopleOfACustomer = 3;

const names = first.length * second.length * third.length;

/**
 * Spreads consecutive numbers over all names; it has no factor in common with their number, so that every name comes once before one comes
 * again.
 */
const stride = 1_009;

/** Customer number `number` of a seed: always the same one, with one to three people. */
export function customerOf(seed: number, number: number): Customer {
  const generator = new SeededGenerator(seed ^ 0x43555354, number);
  const organisation = organisationName(number);
  const domain = `${organisation.toLowerCase().replaceAll(' ', '-')}.example`;
  const tenantId = guidOf(seed, 'tenant', number);
  const people = Array.from({ length: 1 + Math.floor(generator.next() * peopleOfACustomer) }, (_, index) => {
    const [name, surname] = [generator.pick(given), generator.pick(family)];
    return {
      objectId: guidOf(seed, 'person', number * 4 + index),
      tenantId,
      organisation,
      displayName: `${name} ${surname}`,
      emailId: `${name}.${surname}${index === 0 ? '' : index + 1}@${domain}`.toLowerCase(),
      puid: `1003${guidOf(seed, 'puid', number * 4 + index)
        .replaceAll('-', '')
        .slice(0, 12)
        .toUpperCase()}`,
    };
  });
  return { organisation, people };
}

export function resellerOf(seed: number, number: number): NewPerson & { objectId: string } {
  const organisation = `${organisationName(number + 7)} Resale`;
  return {
    objectId: guidOf(seed, 'reseller', number),
    tenantId: guidOf(seed, 'reseller tenant', number),
    organisation,
    displayName: `${organisation} Desk`,
    emailId: `desk@${organisation.toLowerCase().replaceAll(' ', '-')}.example`,
    puid: null,
  };
}

function organisationName(number: number): string {
  const place = (number * stride) % names;
  const [one, two, three] = [
    first[place % first.length],
    second[Math.floor(place / first.length) % second.length],
    third[Math.floor(place / first.length / second.length)],
  ];
  const again = Math.floor(number / names);
  return `${one} ${two} ${three}${again === 0 ? '' : ` ${again + 1}`}`;
}
