/** A number from 0 to below 1 that depends on the seed and the key alone. */
export type Chance = (...key: readonly (string | number)[]) => number;

/**
 * What happens by chance in a run. Each question has a key of its own, and the answer is a hash of seed and key, not the next number of a sequence: when one act is
 * taken out of a run, what happens to the others stays as it was. That is what makes a failing run shrink.
 */
export function chanceOf(seed: number): Chance {
  return (...key) => {
    let hash = (seed ^ 0x9e3779b9) >>> 0;
    for (const part of key) hash = mixed(hash, `${part}`);
    return scattered(hash) / 2 ** 32;
  };
}

/** Taken out of its object once: this is the innermost loop of every run, and a look at a global costs a hundred times as much under jest. */
const { imul } = Math;

/** FNV-1a over the characters; the last step keeps `a, bc` and `ab, c` apart. */
function mixed(hash: number, text: string): number {
  for (let index = 0; index < text.length; index++) hash = imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return imul(hash ^ 0xff, 0x01000193) >>> 0;
}

/** Hashes that differ by one bit give numbers that are far apart. */
function scattered(hash: number): number {
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}
