/**
 * The number that a seed gives at a place, from 0 up to 1. It depends on nothing else: the same seed repeats the same decisions, and a
 * restart goes on in the middle of them.
 */
export function draw(seed: number, place: number): number {
  let mixed = Math.imul((seed ^ 0x9e3779b9) + Math.imul(place + 1, 0x6d2b79f5), 0x85ebca6b);
  for (const [shift, factor] of [
    [16, 0x21f0aaad],
    [15, 0x735a2d97],
  ] as const) {
    mixed = Math.imul(mixed ^ (mixed >>> shift), factor);
  }
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}

/** The place that a text stands for: whatever is drawn for one and the same thing is the same each time. */
export function placeOf(text: string): number {
  let place = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) place = Math.imul(place ^ text.charCodeAt(index), 0x01000193);
  return place >>> 0;
}
